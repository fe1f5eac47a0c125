// Signs the request with the shop's ApiKey (variable shop_key), as docs/wires/dc78.md says: action, msid, time, nonce,
// and each parameter of the get group in the order of their names.
const CryptoJS = require("crypto-js");
const asked = JSON.parse(pm.variables.replaceIn(pm.request.body.raw));
const get = {};
for (const [name, value] of Object.entries(asked.get || {})) if (value !== null) get[name] = value;
let post = "";
if (asked.post !== undefined) {
  const text = JSON.stringify(asked.post); // exactly these bytes are sent
  get.post_sha256 = CryptoJS.SHA256(text).toString();
  post = ',"post":' + text;
}
const timestamp = String(Math.floor(Date.now() / 1000));
const nonce = pm.variables.replaceIn("{{$guid}}").replace(/-/g, "");
const lines = [asked.action.action, pm.variables.get("msid"), timestamp, nonce];
for (const name of Object.keys(get).sort()) lines.push(name + "=" + get[name]);
const sign = CryptoJS.HmacSHA256(lines.join("\n"), pm.variables.get("shop_key")).toString();
pm.variables.set("timestamp", timestamp);
pm.variables.set("nonce", nonce);
pm.variables.set("sign", sign);
pm.request.body.update('{"action":' + JSON.stringify(asked.action) + ',"get":' + JSON.stringify(get) + post + "}");
