"""Tests the client without Tongka: what it sends, and what it makes of the answers of a script."""

import base64
import hashlib
import hmac
import http.server
import json
import os
import sys
import threading
import time
import unittest
import urllib.parse

sys.dont_write_bytecode = True
HERE = os.path.dirname(os.path.abspath(__file__))
sys.path.insert(0, HERE)

import tongka  # noqa: E402

tongka._FIRST_PAUSE = 0.001  # so that the tests do not wait

PROBLEM = "application/problem+json"


class Script:
    """A server that gives each request the next of its answers, and the last one to all behind it."""

    def __init__(self, *answers):
        self.sent = sent = []

        class Handler(http.server.BaseHTTPRequestHandler):
            def do_GET(self):
                body = self.rfile.read(int(self.headers.get("Content-Length", 0)))
                sent.append((self.path, dict(self.headers), body))
                answer = answers[min(len(sent), len(answers)) - 1]
                self.close_connection = True
                if answer.get("lost"):
                    return
                text = answer.get("body", "").encode()
                self.send_response(answer.get("status", 200))
                self.send_header("Content-Type", answer.get("type", "application/json"))
                self.send_header("Content-Length", str(len(text) + (900 if answer.get("cut") else 0)))
                if "retry_after" in answer:
                    self.send_header("Retry-After", answer["retry_after"])
                self.end_headers()
                self.wfile.write(text)

            do_POST = do_GET

            def log_message(self, *_):
                pass

        self._server = http.server.ThreadingHTTPServer(("127.0.0.1", 0), Handler)
        self.url = "http://127.0.0.1:%d" % self._server.server_address[1]

    def __enter__(self):
        threading.Thread(target=self._server.serve_forever, args=(0.01,), daemon=True).start()
        return self

    def __exit__(self, *_):
        self._server.shutdown()
        self._server.server_close()

    def query(self, n=0):
        return dict(urllib.parse.parse_qsl(urllib.parse.urlsplit(self.sent[n][0]).query))


def outcome(call):
    """How a call ended, in the words of the cases, and the name of what is open."""
    try:
        call()
    except tongka.Unsure as e:
        return "unsure", e.once
    except tongka.Problem as e:
        return ("problem %d %s" % (e.status, e.code)).strip(), None
    return "done", None


class Cases(unittest.TestCase):
    """What happens to each try of a change is the same for the clients in all languages."""

    def test_cases(self):
        with open(os.path.join(HERE, "../cases.json"), encoding="utf-8") as file:
            cases = json.load(file)
        self.assertGreater(len(cases), 30)
        for case in cases:
            with self.subTest(case["name"]), Script(*case["answers"]) as server:
                api = tongka.API(server.url, "tk_1", tries=3)
                said, once = outcome(lambda: api.post("/v1/consumes", {"amount": 1}))
                self.assertEqual((said, len(server.sent)), (case["outcome"], case["sent"]))
                names = {headers["Idempotency-Key"] for _, headers, _ in server.sent}
                self.assertEqual(len(names), 1)
                if once is not None:
                    self.assertEqual(names, {once})


class Requests(unittest.TestCase):
    def test_a_list_is_one_text(self):
        with Script({"body": "{}"}) as server:
            tongka.API(server.url, "tk_1").get("/v1/entries", {"kind": ["consume", "recharge"]}, limit=10, shop=None)
            self.assertEqual(server.query(), {"kind": "consume,recharge", "limit": "10"})
            self.assertEqual(server.sent[0][0].count("kind"), 1)

    def test_a_wait_that_is_no_number(self):
        for wait in ("\u00b2", "soon", "-1"):
            busy = {"status": 429, "type": "application/problem+json", "body": '{"code":"rate_limited"}'}
            with Script({**busy, "retry_after": wait}, {"body": "{}"}) as server:
                self.assertEqual(tongka.API(server.url, "tk_1").post("/v1/consumes", {"amount": 1}), {})

    def test_names_that_are_words_of_python(self):
        with Script({"body": "{}"}) as server:
            tongka.API(server.url + "/cards/", "tk_1").get("/v1/reports/days", {"from": "2026-03-01", "unused": True})
            self.assertEqual(server.query(), {"from": "2026-03-01", "unused": "true"})
            self.assertTrue(server.sent[0][0].startswith("/cards/v1/reports/days?"))

    def test_events_are_asked_for_to_the_end(self):
        pages = [{"events": [{"id": "evt_1_8"}], "next": 8, "more": True}, {"events": [], "next": 11, "more": False}]
        with Script(*({"body": json.dumps(page)} for page in pages)) as server:
            self.assertEqual(list(tongka.API(server.url, "tk_1").events(7, {"type": ["consume", "recharge"]})), pages)
            self.assertEqual(server.query(0), {"type": "consume,recharge", "after": "7"})
            self.assertEqual(server.query(1), {"type": "consume,recharge", "after": "8"})

    def test_a_file_is_sent_as_it_is(self):
        with Script({"lost": True}, {"body": '{"id":"j1"}'}) as server:
            job = tongka.API(server.url, "tk_1").upload(
                "/v1/imports", b"number\n6001\n", "text/csv", once="import-1", query={"name": "a.csv"})
            self.assertEqual((job["id"], len(server.sent)), ("j1", 2))
            for path, headers, body in server.sent:
                self.assertEqual((path, body), ("/v1/imports?name=a.csv", b"number\n6001\n"))
                self.assertEqual((headers["Content-Type"], headers["Idempotency-Key"]), ("text/csv", "import-1"))

    def test_a_file_is_not_read(self):
        csv = {"type": "text/csv", "body": "number\n6001\n"}
        with Script(dict(csv, cut=True), csv) as server:
            self.assertEqual(tongka.API(server.url, "tk_1").download("/v1/exports/j1/file"), b"number\n6001\n")
        with Script({"status": 404, "type": PROBLEM, "body": '{"code":"not_found"}'}) as server:
            said, _ = outcome(lambda: tongka.API(server.url, "tk_1").download("/v1/exports/j1/file"))
            self.assertEqual(said, "problem 404 not_found")

    def test_a_dry_run_may_have_a_name(self):
        with Script({"body": "{}"}) as server:
            api = tongka.API(server.url, "tk_1")
            api.post("/v1/imports/j1/undo", {}, once="undo-1", dry_run=True)
            self.assertEqual(server.sent[0][1]["Idempotency-Key"], "undo-1")
            self.assertEqual(server.query(), {"dry_run": "true"})
            api.post("/v1/consumes", {}, dry_run=True)
            self.assertNotIn("Idempotency-Key", server.sent[1][1])


class Wires(unittest.TestCase):
    """An answer that says nothing leaves open what was done, on the wires too."""

    def test_member_cjb(self):
        html = {"type": "text/html", "body": "<h1>Welcome</h1>"}
        for answers, said, sent in (([html], "unsure", 3), ([html, {"body": '{"card_id":"6001"}'}], "done", 2),
                                    ([{"body": '{"card_id":', "cut": True}], "unsure", 3)):
            with Script(*answers) as server:
                till = tongka.Sandy(server.url, "test", "{G}", tries=3)
                got, _ = outcome(lambda: till.call("consume", {"card_id": "6001", "money": 1}))
                self.assertEqual((got, len(server.sent)), (said, sent))

    def test_dc78(self):
        for body, ref, said, sent in (("<h1>Welcome</h1>", "r1", "unsure", 3), ("<h1>Welcome</h1>", "", "unsure", 1),
                                      ("[1]", "r1", "unsure", 1), ("{}", "r1", "unsure", 1),
                                      ('{"status":"1"}', "r1", "done", 1)):
            with Script({"body": body}) as server:
                shop = tongka.DC78(server.url, 10021, "key", tries=3)
                got, _ = outcome(lambda: shop.call("mb_trans", {"ref": ref}))
                self.assertEqual((got, len(server.sent)), (said, sent), body)


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
            for value in ("\u00e9", "v1,\u00e9", "v1,\udc80", "\udc80", "1" + "0" * 400):
                with self.assertRaises(tongka.WebhookError):
                    tongka.verify_webhook(self.secret, dict(self.signed(body, now), **{name: value}), body)


if __name__ == "__main__":
    unittest.main()
