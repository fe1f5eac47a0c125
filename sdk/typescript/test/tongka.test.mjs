// Tests the client against a server of `tongka demo`, whose address is in TONGKA. TONGKA_KEY is a key of its merchant
// 10000 that may do everything; without it what the demo's own token may not do is left out.
import assert from "node:assert/strict";
import { test } from "node:test";
import { API, DC78, Problem, Refused, Sandy, Unsure } from "../dist/index.js";

const base = process.env.TONGKA ?? "http://127.0.0.1:8080";
const api = new API(base, "test", { merchant: 10000 });
const keyed = new API(base, process.env.TONGKA_KEY ?? ""), skip = !process.env.TONGKA_KEY;

test("a quoted bill is paid once", async () => {
  const quote = await api.post("/v1/quotes", { card: "wx001", amount: 1000 });
  const once = `ts-${Date.now()}`;
  const paid = await api.post("/v1/consumes", { quote: quote.token }, { once });
  assert.deepEqual(paid.balance, quote.after);
  assert.deepEqual(await api.post("/v1/consumes", { quote: quote.token }, { once }), paid);
  await assert.rejects(api.post("/v1/consumes", { card: "wx001", amount: 1 }, { once }),
    (e) => e instanceof Problem && e.code === "idempotency_key_reused");
});

test("several cards pay one bill", async () => {
  const once = `ts-several-${Date.now()}`;
  const cards = [{ card: "wx001", amount: 600 }, { card: "M000123" }];
  const quote = await api.post("/v1/quotes", { cards, amount: 1000, no_discount: 1000 });
  assert.deepEqual(quote.cards.map((card) => card.paid), [600, 400]);
  const paid = await api.post("/v1/consumes", { quote: quote.token }, { once });
  assert.deepEqual(paid.cards.map((card) => card.amount), [600, 400]);
  const back = await api.post("/v1/refunds", { cards: ["wx001", "M000123"], request: once });
  assert.deepEqual(back.cards.map((card) => card.amount), [600, 400]);
});

test("lost answers charge nobody twice", async () => {
  let lose = 2;
  const loser = new API(base, "test", {
    merchant: 10000, fetch: async (...args) => {
      const answer = await fetch(...args);
      if (lose-- > 0) throw new TypeError("answer is lost");
      return answer;
    },
  });
  const before = await api.get("/v1/cards/{number}", undefined, { number: "wx001" });
  const paid = await loser.post("/v1/consumes", { card: "wx001", amount: 100 });
  assert.equal(paid.entry.moved.total + before.balance.total, paid.balance.total);
  lose = 9;
  await assert.rejects(loser.post("/v1/consumes", { card: "wx001", amount: 100 }, { once: `lost-${Date.now()}` }),
    (e) => e instanceof Unsure);
});

test("wrong fields are named", async () => {
  await assert.rejects(api.post("/v1/recharges", { card: "wx001", amount: 0, pay_type: 1 }),
    (e) => e instanceof Problem && e.body.errors.some((f) => f.field === "body.amount"));
});

test("lists and events", { skip }, async () => {
  await keyed.post("/v1/recharges", { card: "wx001", amount: 1000, pay_type: 1 });
  const kinds = new Set();
  for await (const entry of keyed.entries(0, { kind: ["recharge", "consume"], limit: 200 })) kinds.add(entry.kind);
  assert.deepEqual(kinds, new Set(["recharge", "consume"]));
  let next = 0;
  for await (const page of keyed.events(0, { type: ["consume"], limit: 200 })) {
    assert.ok(page.events.every((event) => event.type === "consume"));
    next = page.next;
  }
  await keyed.post("/v1/consumes", { card: "wx001", amount: 100 });
  const types = [];
  for await (const page of keyed.events(next)) types.push(...page.events.map((event) => event.type));
  assert.ok(types.includes("consume"));
});

test("files go both ways", { skip }, async () => {
  const ended = async (read) => {
    for (let n = 0; n < 300; n++) {
      const job = await read();
      if (!["waits", "runs"].includes(job.state)) return assert.equal(job.state, "done"), job;
      await new Promise((wake) => setTimeout(wake, 100));
    }
  };
  const trial = await keyed.upload("/v1/imports", "卡号,姓名\nTS0001,王小二\n", "text/csv", { name: "a.csv", level: 1 });
  assert.ok((await ended(() => keyed.get("/v1/imports/{import}", undefined, { import: trial.id }))).result);
  const asked = await keyed.post("/v1/exports", { format: "csv" });
  await ended(() => keyed.get("/v1/exports/{export}", undefined, { export: asked.id }));
  const file = await keyed.download("/v1/exports/{export}/file", { export: asked.id });
  assert.match(new TextDecoder().decode(file), /wx001/);
});

test("both wires", async () => {
  const till = new Sandy(base, "test", "{DEFAULT-AUTO-8E5A-BDE2-34ABA1BD956C9}");
  assert.equal((await till.call("consume", { card_id: "wx001", money: 1.5 })).card_id, "wx001");
  await assert.rejects(till.call("getcardinfo", { card_id: "nobody" }), (e) => e instanceof Refused && e.code === "2");
  const shop = new DC78(base, "10021", "b77217c91f9d0f5670de0dfab0e75378176d6c2e");
  assert.equal(String((await shop.call("co_delist", {})).status), "1");
  await assert.rejects(new DC78(base, "10021", "wrong").call("co_delist", {}), (e) => e instanceof Refused);
});
