/** How requests are sent, and when one is sent again. */
export interface Options {
  /** Milliseconds that one try may take; 30000 if left out. */
  timeout?: number;
  /** How often a request may be sent; 4 if left out, 1 = it is never repeated. */
  tries?: number;
  /** The fetch that is used; the global one if left out. */
  fetch?: typeof fetch;
}

/** The last answer to a request. open says that some try leaves open whether it was done. */
export interface Reply {
  status: number;
  text: string;
  open: boolean;
  failure?: unknown;
}

const firstPause = 250; // milliseconds, doubled after each try, with a random part of up to half
const longestPause = 30_000; // if the server wants a longer one, the request is not repeated

/**
 * Sends a request until it is answered, may not be repeated or was sent often enough. make makes each try anew; undone
 * says that an answer means that nothing was done.
 */
export async function exchange(
  make: () => Promise<Request>, options: Options, repeatable: boolean, undone: (r: Response, text: string) => boolean,
): Promise<Reply> {
  const tries = options.tries ?? 4;
  const send = options.fetch ?? globalThis.fetch.bind(globalThis);
  let open = false;
  for (let n = 1; ; n++) {
    let reply: Reply, again: boolean, wanted = 0;
    try {
      const request = await make();
      const answer = await send(request, {
        redirect: "error", cache: "no-store", credentials: "omit", signal: AbortSignal.timeout(options.timeout ?? 30_000),
      });
      const text = await answer.text();
      const nothing = answer.status === 429 || undone(answer, text);
      open ||= answer.status >= 500 && !nothing;
      again = nothing || (repeatable && answer.status >= 500);
      wanted = Number(answer.headers.get("Retry-After") ?? 0) * 1000 || 0;
      reply = { status: answer.status, text, open };
    } catch (failure) {
      open = true; // a browser does not say whether the request was sent
      again = repeatable;
      reply = { status: 0, text: "", open, failure };
    }
    const base = firstPause * 2 ** (n - 1);
    const pause = Math.max(base * (1 + Math.random() / 2), wanted);
    if (!again || n >= tries || pause > longestPause) return reply;
    await new Promise((wake) => setTimeout(wake, pause));
  }
}

/** It is not known whether it was done. Ask again under the same name, at any later time. */
export class Unsure extends Error {
  constructor(readonly once: string, override readonly cause: unknown) {
    super(`open whether ${JSON.stringify(once)} was done: ${String(cause)}`);
  }
}

/** Reads JSON; undefined if it is none. */
export function json(text: string): any {
  try {
    return JSON.parse(text);
  } catch {
    return undefined;
  }
}

/** Draws a name for a request. */
export function drawn(): string {
  return hex(crypto.getRandomValues(new Uint8Array(16)));
}

export function hex(bytes: Uint8Array): string {
  return Array.from(bytes, (b) => b.toString(16).padStart(2, "0")).join("");
}

const utf8 = new TextEncoder();

/** Returns the HMAC-SHA256 of a text under a key. */
export async function hmac(key: Uint8Array<ArrayBuffer>, text: Uint8Array<ArrayBuffer>): Promise<Uint8Array> {
  const imported = await crypto.subtle.importKey("raw", key, { name: "HMAC", hash: "SHA-256" }, false, ["sign"]);
  return new Uint8Array(await crypto.subtle.sign("HMAC", imported, text));
}

export function bytes(text: string): Uint8Array<ArrayBuffer> {
  return utf8.encode(text) as Uint8Array<ArrayBuffer>;
}
