// Quotes a bill of 10.00 yuan, pays it, and pays it again under the same name.
import assert from "node:assert/strict";
import { API } from "../../sdk/typescript/src/index.js"; // "tongka", where the package is installed

const { TONGKA_URL, TONGKA_KEY, TONGKA_CARD } = process.env as Record<string, string>;
const api = new API(TONGKA_URL!, TONGKA_KEY!);
const quote = await api.post("/v1/quotes", { card: TONGKA_CARD!, amount: 1000 });
const once = `typescript-${Date.now()}`; // a shop uses the order's number
const paid = await api.post("/v1/consumes", { quote: quote.token }, { once });
assert.deepEqual(await api.post("/v1/consumes", { quote: quote.token }, { once }), paid);
console.log(`paid 1000, left ${paid.balance.total}, again the same`);
