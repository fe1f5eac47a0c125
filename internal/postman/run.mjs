// Sends each request of the folder API of the collection as Postman does, with the scripts of the collection, and
// prints the status, the problem and the name of those that were not done:
// node run.mjs http://127.0.0.1:8080 KEY
import { readFileSync } from "node:fs";
import { randomUUID } from "node:crypto";

const [base, key] = process.argv.slice(2);
const collection = JSON.parse(readFileSync(new URL("../../docs/tongka.postman_collection.json", import.meta.url), "utf8"));
const set = Object.fromEntries(collection.variable.map((v) => [v.key, v.value]));
Object.assign(set, { base_url: base, api_key: key });
const filled = (text) => text.replace(/\{\{([^}]*)\}\}/g, (_, name) => name === "$guid" ? randomUUID() : set[name]);
const keep = new Function("pm", collection.event.find((e) => e.listen === "test").script.exec.join("\n"));

for (const { request, name } of collection.item[0].item.flatMap((folder) => folder.item)) {
  if (name.includes("server-sent")) continue; // which has no end
  const path = request.url.path.map((part) =>
    part.startsWith(":") ? request.url.variable.find((v) => v.key === part.slice(1)).value : part);
  const query = new URLSearchParams((request.url.query ?? []).filter((q) => !q.disabled)
    .map((q) => [q.key, filled(q.value)]));
  const at = `${base}/${path.map((part) => encodeURIComponent(filled(part))).join("/")}?${query}`;
  const headers = new Headers(request.header.filter((h) => !h.disabled).map((h) => [h.key, filled(h.value)]));
  const answer = await fetch(at, { method: request.method, headers, body: request.body && filled(request.body.raw) });
  const text = await answer.text();
  const problem = answer.ok ? {} : JSON.parse(text);
  if (!answer.ok) console.log(answer.status, problem.code, name);
  keep({
    collectionVariables: { set: (variable, value) => { set[variable] = value; } },
    response: { code: answer.status, headers: answer.headers, json: () => JSON.parse(text) },
    request: { url: at, headers },
  });
}
