"""Tests the client without Tongka: what it takes for a webhook."""

import base64
import hashlib
import hmac
import os
import sys
import time
import unittest

sys.dont_write_bytecode = True
sys.path.insert(0, os.path.dirname(os.path.abspath(__file__)))

import tongka  # noqa: E402


class Webhook(unittest.TestCase):
    secret = "whsec_" + base64.b64encode(b"0123456789abcdef01234567").decode()

    def signed(self, body, at, secret=None):
        key = base64.b64decode((self.secret if secret is None else secret)[len("whsec_"):])
        mac = hmac.new(key, b"evt_1.%d." % at + body, hashlib.sha256).digest()
        return {"Webhook-Id": "evt_1", "Webhook-Timestamp": str(at),
                "Webhook-Signature": "v1,AAAA v1," + base64.b64encode(mac).decode()}

    def test_verify(self):
        body, now = b'{"type":"consume"}', int(time.time())
        headers = self.signed(body, now)
        other = "whsec_" + base64.b64encode(b"another one of 24 bytes.").decode()
        for secret in (self.secret, [other, self.secret], [self.secret, ""], [None, self.secret]):
            self.assertEqual(tongka.verify_webhook(secret, headers, body)["type"], "consume")
        for secret, sent, text in ((other, headers, body), (self.secret, headers, body + b" "), (self.secret, {}, body),
                                   (self.secret, self.signed(body, now - 600), body)):
            with self.assertRaises(tongka.WebhookError):
                tongka.verify_webhook(secret, sent, text)

    def test_anybody_has_an_empty_secret(self):
        body, now = b"{}", int(time.time())
        short = "whsec_" + base64.b64encode(b"0123456789abcde").decode()
        for signed, secret in (("", ""), ("", "whsec_"), ("", None), ("", []), ("", ["", None]),
                               ("", [self.secret, ""]), (short, short)):
            with self.assertRaises(tongka.WebhookError):
                tongka.verify_webhook(secret, self.signed(body, now, signed), body)

    def test_secret_badly_pasted(self):
        body, now = b"{}", int(time.time())
        for secret in (self.secret[:-1], self.secret + "\n!", "whsec_\u00e9", self.secret[:-3] + "…"):
            with self.assertRaisesRegex(tongka.WebhookError, "secret"):
                tongka.verify_webhook(secret, self.signed(body, now), body)

    def test_headers_of_any_characters(self):
        body, now = b"{}", int(time.time())
        for name in ("Webhook-Id", "Webhook-Timestamp", "Webhook-Signature"):
            for value in ("\u00e9", "v1,\u00e9", "v1,\udc80", "\udc80"):
                with self.assertRaises(tongka.WebhookError):
                    tongka.verify_webhook(self.secret, dict(self.signed(body, now), **{name: value}), body)


if __name__ == "__main__":
    unittest.main()
