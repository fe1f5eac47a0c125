// Keeps what was answered for the requests that come after it.
const keep = (name, value) => { if (value) pm.collectionVariables.set(name, String(value)); };
const isJSON = /json/.test(pm.response.headers.get("Content-Type") || ""); // else it is a file
if (pm.response.code === 200 && isJSON) {
  const answer = pm.response.json();
  keep("request", pm.request.headers.get("Idempotency-Key"));
  keep("etag", pm.response.headers.get("ETag") || (answer.version && JSON.stringify(String(answer.version))));
  const entry = answer.entry || {};
  keep("entry", entry.id);
  if (entry.kind) keep(entry.kind + "_entry", entry.id);
  keep("coupon", ((answer.coupons || [])[0] || {}).id);
  for (const [jobs, job] of [["imports", "import"], ["exports", "export"], ["series", "series"]]) {
    if (new RegExp("/" + jobs + "([/?]|$)").test(pm.request.url.toString()) && answer.state) keep(job, answer.id);
  }
  if (answer.secret) keep("webhook", answer.id);
  if (answer.key) keep("key", answer.id);
  if (answer.sign_in) keep("person", answer.id);
  if (/\/settings(\?|$)/.test(pm.request.url.toString())) keep("version", answer.version);
}
