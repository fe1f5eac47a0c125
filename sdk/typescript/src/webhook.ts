import { bytes, hmac } from "./exchange.js";

/** How many bytes a secret has at least: anybody can sign with an empty one. */
const leastKey = 16;

/** A webhook was not sent by whoever has the secret, or not now. */
export class WebhookError extends Error {}

/**
 * Returns the event of a webhook, or throws a WebhookError. secret is whsec_…, or a list of two while they are being
 * changed, of which one that is empty or too short is passed over; body is the text or the bytes as they came. See
 * https://www.standardwebhooks.com.
 */
export async function verifyWebhook(
  secret: string | undefined | (string | undefined)[],
  headers: Headers | Record<string, string | string[] | undefined>, body: string | Uint8Array,
  { tolerance = 300, now = Date.now() / 1000 }: { tolerance?: number; now?: number } = {},
): Promise<any> {
  const header = (name: string) => headers instanceof Headers ? headers.get(name) :
    [Object.entries(headers).find(([n]) => n.toLowerCase() === name)?.[1]].flat().join(" ");
  const id = header("webhook-id"), sent = header("webhook-timestamp"), signatures = header("webhook-signature");
  const at = Number(sent);
  if (!id || !signatures || !sent || !Number.isInteger(at)) throw new WebhookError("headers of a webhook are missing");
  if (Math.abs(now - at) > tolerance) throw new WebhookError("it was signed too long ago, or in the future");
  const text = typeof body === "string" ? bytes(body) : body;
  const signed = Uint8Array.from([...bytes(`${id}.${at}.`), ...text]);
  for (const key of keysOf([secret].flat())) {
    const wanted = btoa(String.fromCharCode(...await hmac(key, signed)));
    for (const got of signatures.split(" ")) {
      if (same(got, `v1,${wanted}`)) return JSON.parse(new TextDecoder().decode(text));
    }
  }
  throw new WebhookError("no signature is right");
}

/** The bytes of secrets. */
function keysOf(secrets: (string | undefined)[]): Uint8Array<ArrayBuffer>[] {
  let keys: Uint8Array<ArrayBuffer>[];
  try {
    keys = secrets.map((s) => Uint8Array.from(atob((s ?? "").replace(/^whsec_/, "")), (c) => c.charCodeAt(0)));
  } catch {
    throw new WebhookError("the secret is not whsec_ with a text of base64");
  }
  keys = keys.filter((key) => key.length >= leastKey);
  if (keys.length === 0) throw new WebhookError(`there is no secret of ${leastKey} bytes or more`);
  return keys;
}

/** Compares two texts in a time that does not depend on where they differ. */
function same(a: string, b: string): boolean {
  let differs = a.length ^ b.length;
  for (let i = 0; i < Math.min(a.length, b.length); i++) differs |= a.charCodeAt(i) ^ b.charCodeAt(i);
  return differs === 0;
}
