import { bytes, hmac } from "./exchange.js";

/** A webhook was not sent by whoever has the secret, or not now. */
export class WebhookError extends Error {}

/**
 * Returns the event of a webhook, or throws a WebhookError. secret is whsec_…, or a list of two while they are being
 * changed; body is the text as it came. See https://www.standardwebhooks.com.
 */
export async function verifyWebhook(
  secret: string | string[], headers: Headers | Record<string, string | undefined>, body: string,
  { tolerance = 300, now = Date.now() / 1000 }: { tolerance?: number; now?: number } = {},
): Promise<any> {
  const header = (name: string) => headers instanceof Headers ? headers.get(name) :
    Object.entries(headers).find(([n]) => n.toLowerCase() === name)?.[1];
  const id = header("webhook-id"), sent = header("webhook-timestamp"), signatures = header("webhook-signature");
  const at = Number(sent);
  if (!id || !signatures || !sent || !Number.isInteger(at)) throw new WebhookError("headers of a webhook are missing");
  if (Math.abs(now - at) > tolerance) throw new WebhookError("it was signed too long ago, or in the future");
  for (const one of typeof secret === "string" ? [secret] : secret) {
    const key = keyOf(one);
    const wanted = btoa(String.fromCharCode(...await hmac(key, bytes(`${id}.${at}.${body}`))));
    for (const got of signatures.split(" ")) {
      if (same(got, `v1,${wanted}`)) return JSON.parse(body);
    }
  }
  throw new WebhookError("no signature is right");
}

/** The bytes of a secret. */
function keyOf(secret: string): Uint8Array<ArrayBuffer> {
  try {
    return Uint8Array.from(atob(secret.replace(/^whsec_/, "")), (c) => c.charCodeAt(0));
  } catch {
    throw new WebhookError("the secret is not whsec_ with a text of base64");
  }
}

/** Compares two texts in a time that does not depend on where they differ. */
function same(a: string, b: string): boolean {
  let differs = a.length ^ b.length;
  for (let i = 0; i < Math.min(a.length, b.length); i++) differs |= a.charCodeAt(i) ^ b.charCodeAt(i);
  return differs === 0;
}
