// Pays a bill of 10.00 yuan, and waits until it is told of that by a webhook whose signature is right.
import { createServer } from "node:http";
import { API, verifyWebhook } from "../../sdk/typescript/src/index.js"; // "tongka", where the package is installed

const { API_URL, API_KEY, API_CARD, HOOK_URL, HOOK_SECRET } = process.env as Record<string, string>;
const late = setTimeout(() => { throw new Error("no webhook came within a minute"); }, 60_000);
const seen: any[] = [];
let entry = 0;

const told = () => {
  const event = seen.find((e) => e.data.id === entry);
  if (!event) return;
  const { by_card, due } = event.data.bill; // what is due the guest pays in another way
  console.log(`the card paid ${by_card}, due ${due}, verified ${event.type} ${event.id}`);
  clearTimeout(late);
  server.close();
  server.closeAllConnections();
};

const server = createServer(async (request, response) => {
  const body: Uint8Array[] = [];
  for await (const piece of request) body.push(piece);
  try {
    // A shop keeps the id, and drops what it has seen.
    seen.push(await verifyWebhook(HOOK_SECRET!, request.headers, Buffer.concat(body)));
    response.writeHead(204).end(told);
  } catch (e) {
    response.writeHead(400).end(String(e));
  }
});

const at = new URL(HOOK_URL!);
await new Promise<void>((listening) => server.listen(Number(at.port), at.hostname, listening));
const api = new API(API_URL!, API_KEY!);
const quote = await api.post("/v1/quotes", { card: API_CARD!, amount: 1000 });
const paid = await api.post("/v1/consumes", { quote: quote.token }, { once: `typescript-hook-${Date.now()}` });
entry = paid.entry!.id;
told();
