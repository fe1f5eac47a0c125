// Quotes a bill of 10.00 yuan, pays it, and pays it again under the same name.
import assert from "node:assert/strict";
import { API } from "../../sdk/typescript/src/index.js"; // "tongka", where the package is installed

const { API_URL, API_KEY, API_CARD } = process.env as Record<string, string>;
const api = new API(API_URL!, API_KEY!);
const quote = await api.post("/v1/quotes", { card: API_CARD!, amount: 1000 });
const once = `typescript-${Date.now()}`; // a shop uses the order's number
const paid = await api.post("/v1/consumes", { quote: quote.token }, { once });
assert.deepEqual(await api.post("/v1/consumes", { quote: quote.token }, { once }), paid);
const { by_card, due } = paid.entry!.bill!; // what is due the guest pays in another way
console.log(`the card paid ${by_card}, due ${due}, left ${paid.balance.total}, again the same`);
