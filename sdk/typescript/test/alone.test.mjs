// Tests the client without Tongka: what it takes for a webhook.
import assert from "node:assert/strict";
import { createHmac } from "node:crypto";
import { describe, test } from "node:test";
import { verifyWebhook, WebhookError } from "../dist/index.js";

describe("webhooks", () => {
  const body = '{"type":"consume"}', at = Math.floor(Date.now() / 1000);
  const secretOf = (key) => `whsec_${Buffer.from(key).toString("base64")}`;
  const key = "0123456789abcdef01234567", secret = secretOf(key), other = secretOf("another one of 24 bytes.");
  const signed = (by, t = at) => ({
    "webhook-id": "evt_1", "webhook-timestamp": String(t), "webhook-signature":
      `v1,AAAA v1,${createHmac("sha256", by).update(`evt_1.${t}.${body}`).digest("base64")}`,
  });

  test("one is verified", async () => {
    for (const secrets of [secret, [other, secret], [secret, ""], [undefined, secret]]) {
      assert.equal((await verifyWebhook(secrets, signed(key), body)).type, "consume");
    }
    const upper = Object.fromEntries(Object.entries(signed(key)).map(([n, v]) => [n.toUpperCase(), v]));
    for (const headers of [new Headers(signed(key)), upper, { ...signed(key), accept: undefined, "set-cookie": ["a", "b"] },
      { ...signed(key), "webhook-signature": signed(key)["webhook-signature"].split(" ") }]) {
      assert.equal((await verifyWebhook(secret, headers, Buffer.from(body))).type, "consume");
    }
  });

  test("others are refused", async () => {
    for (const [secrets, headers, text] of [
      [other, signed(key), body], [secret, signed(key), body + " "], [secret, {}, body],
      [secret, signed(key, at - 600), body],
      [secret, { ...signed(key), "webhook-id": ["evt_1", "evt_2"] }, body],
    ]) {
      await assert.rejects(verifyWebhook(secrets, headers, text), WebhookError);
    }
    await assert.rejects(verifyWebhook("whsec_…", signed(key), body), /the secret is not/); // badly pasted
  });

  test("anybody has an empty secret", async () => {
    for (const secrets of ["", "whsec_", undefined, [], ["", undefined], [secret, ""]]) {
      await assert.rejects(verifyWebhook(secrets, signed(""), body), WebhookError);
    }
    const short = "0123456789abcde";
    await assert.rejects(verifyWebhook(secretOf(short), signed(short), body), WebhookError);
  });
});
