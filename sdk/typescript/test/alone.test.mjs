// Tests the client without Tongka: what it sends, and what it makes of the answers of a script.
import assert from "node:assert/strict";
import { createHmac } from "node:crypto";
import { readFileSync } from "node:fs";
import { describe, test } from "node:test";
import { API, DC78, Problem, Sandy, Unsure, verifyWebhook, WebhookError } from "../dist/index.js";

/** Gives each request the next answer, and the last one to all behind it. */
function script(...answers) {
  const sent = [];
  const fetch = async (request) => {
    sent.push({ url: new URL(request.url), headers: request.headers, body: await request.text() });
    const a = answers[Math.min(sent.length, answers.length) - 1];
    if (a.lost) throw new TypeError("answer is lost");
    const headers = { "Content-Type": a.type ?? "application/json" };
    if (a.retry_after !== undefined) headers["Retry-After"] = a.retry_after;
    const body = new ReadableStream({
      start(to) {
        to.enqueue(new TextEncoder().encode(a.body ?? ""));
        if (a.cut) to.error(new TypeError("terminated"));
        else to.close();
      },
    });
    return new Response(body, { status: a.status ?? 200, headers });
  };
  return { sent, fetch, tries: 3 };
}

/** How a call ended, in the words of the cases. */
const outcome = (call) => call.then(() => "done", (e) => {
  if (e instanceof Unsure) return "unsure";
  if (e instanceof Problem) return `problem ${e.status} ${e.code}`.trim();
  throw e;
});

// What happens to each try of a change is the same for the clients in all languages.
describe("cases", { concurrency: true }, () => {
  for (const c of JSON.parse(readFileSync(new URL("../../cases.json", import.meta.url), "utf8"))) {
    test(c.name, async () => {
      const net = script(...c.answers);
      const said = await outcome(new API("http://tongka.test", "tk_1", net).post("/v1/consumes", { card: "1", amount: 1 }));
      assert.deepEqual([said, net.sent.length], [c.outcome, c.sent]);
      assert.equal(new Set(net.sent.map((s) => s.headers.get("Idempotency-Key"))).size, 1);
    });
  }
});

test("a list is one text, behind the base's own path", async () => {
  const net = script({ body: "{}" });
  const api = new API("http://tongka.test/cards/", "tk_1", net);
  await api.get("/v1/entries", { kind: ["consume", "refund_consume"], limit: 10, shop: undefined });
  assert.equal(net.sent[0].url.pathname, "/cards/v1/entries");
  assert.deepEqual([...net.sent[0].url.searchParams], [["kind", "consume,refund_consume"], ["limit", "10"]]);
  await new Sandy("http://tongka.test/cards", "test", "{G}", net).call("levels");
  assert.equal(net.sent[1].url.pathname, "/cards/api2/member-cjb/levels");
});

test("events are asked for to the end", async () => {
  const pages = [{ events: [{ id: "evt_1_8" }], next: 8, more: true }, { events: [], next: 11, more: false }];
  const net = script(...pages.map((page) => ({ body: JSON.stringify(page) })));
  const got = [];
  for await (const page of new API("http://tongka.test", "tk_1", net).events(7, { type: ["consume"] })) got.push(page);
  assert.deepEqual(got, pages);
  assert.deepEqual(net.sent.map((s) => s.url.search), ["?type=consume&after=7", "?type=consume&after=8"]);
});

test("files go both ways", async () => {
  const csv = "number\n6001\n", bytes = new TextEncoder().encode(csv);
  const up = script({ lost: true }, { body: '{"id":"j1"}' });
  const api = new API("http://tongka.test", "tk_1", up);
  assert.equal((await api.upload("/v1/imports", bytes, "text/csv", { name: "a.csv" }, { once: "import-1" })).id, "j1");
  assert.equal(up.sent.length, 2);
  for (const { url, headers, body } of up.sent) {
    assert.deepEqual([url.search, headers.get("Content-Type"), headers.get("Idempotency-Key"), body],
      ["?name=a.csv", "text/csv", "import-1", csv]);
  }
  const down = script({ body: "num", cut: true }, { type: "text/csv", body: csv });
  const got = await new API("http://tongka.test", "tk_1", down).download("/v1/exports/{export}/file", { export: "j1" });
  assert.deepEqual(got, bytes);
  assert.equal(down.sent[1].url.pathname, "/v1/exports/j1/file");
  const none = script({ status: 404, type: "application/problem+json", body: '{"code":"not_found"}' });
  assert.equal(await outcome(new API("http://tongka.test", "tk_1", none).download("/v1/exports/{export}/file",
    { export: "j1" })), "problem 404 not_found");
});

test("a dry run may have a name", async () => {
  const net = script({ body: "{}" });
  const api = new API("http://tongka.test", "tk_1", net);
  await api.post("/v1/imports/{import}/undo", {}, { once: "undo-1", dryRun: true }, { import: "j1" });
  await api.post("/v1/consumes", { card: "1", amount: 1 }, { dryRun: true });
  assert.deepEqual(net.sent.map((s) => s.headers.get("Idempotency-Key")), ["undo-1", null]);
});

describe("an answer that says nothing leaves open what was done, on the wires too", { concurrency: true }, () => {
  const html = { type: "text/html", body: "<h1>Welcome</h1>" };
  for (const [answers, said, times] of [
    [[html], "unsure", 3], [[html, { body: '{"card_id":"6001"}' }], "done", 2], [[{ body: "null" }], "unsure", 3],
  ]) {
    test(`member-cjb: ${JSON.stringify(answers)}`, async () => {
      const net = script(...answers), till = new Sandy("http://tongka.test", "test", "{G}", net);
      assert.deepEqual([await outcome(till.call("consume", { card_id: "6001" })), net.sent.length], [said, times]);
    });
  }
  for (const [body, ref, said, times] of [
    [html.body, "r1", "unsure", 3], [html.body, "", "unsure", 1], ["[1]", "r1", "unsure", 1], ["{}", "r1", "unsure", 1],
    ['{"status":"1"}', "r1", "done", 1],
  ]) {
    test(`dc78: ${body} ${ref}`, async () => {
      const net = script({ body }), shop = new DC78("http://tongka.test", "10021", "key", net);
      assert.deepEqual([await outcome(shop.call("mb_trans", { ref })), net.sent.length], [said, times]);
    });
  }
});

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
