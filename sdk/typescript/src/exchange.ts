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
  data: Uint8Array<ArrayBuffer>;
  /** What the data say as JSON; undefined if they are none, or null. */
  answer: any;
  /** What the API says of why it refused: nothing where somebody between answered, whatever that looks like. */
  problem: any;
  open: boolean;
  failure?: unknown;
}

const firstPause = 250; // milliseconds, doubled after each try, with a random part of up to half
const longestPause = 30_000; // if the server wants a longer one, the request is not repeated

/**
 * Sends a request until it is answered, may not be repeated or was sent often enough. make makes each try anew. A
 * success is JSON, or a file.
 */
export async function exchange(
  make: () => Promise<Request>, options: Options, repeatable: boolean, file = false,
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
      reply = await read(answer);
      const unknown = failed(reply) || !file && good(reply) && reply.answer === undefined;
      reply.open = open ||= unknown;
      again = undone(reply) || busy(reply, answer.headers) || (repeatable && unknown);
      wanted = Number(answer.headers.get("Retry-After") ?? 0) * 1000 || 0;
    } catch (failure) {
      open = true; // a browser does not say whether the request was sent
      again = repeatable;
      reply = { status: 0, data: new Uint8Array(), answer: undefined, problem: undefined, open, failure };
    }
    const base = firstPause * 2 ** (n - 1);
    const pause = Math.max(base * (1 + Math.random() / 2), wanted);
    if (!again || n >= tries || pause > longestPause) return reply;
    await new Promise((wake) => setTimeout(wake, pause));
  }
}

async function read(answer: Response): Promise<Reply> {
  const data = new Uint8Array(await answer.arrayBuffer());
  const said = json(new TextDecoder().decode(data)) ?? undefined;
  const kind = answer.headers.get("Content-Type")?.split(";")[0]!.trim().toLowerCase();
  const problem = kind === "application/problem+json" ? said ?? {} : undefined;
  return { status: answer.status, data, answer: said, problem, open: false };
}

/** Says whether a request was answered with a success. */
export function good(r: Reply): boolean {
  return r.failure === undefined && r.status >= 200 && r.status < 300;
}

/**
 * Says whether a status says nothing of what was done: that of a failure, or a 408 of somebody between, who may have
 * waited for the server.
 */
function failed(r: Reply): boolean {
  if (r.status === 408) return r.problem === undefined;
  return r.status >= 500 && !undone(r);
}

/** Says whether the server itself answers that this try did nothing. A 503 of a proxy has another body. */
function undone(r: Reply): boolean {
  return r.status === 503 && (r.problem !== undefined || new TextDecoder().decode(r.data).includes("本次未处理"));
}

/**
 * Says whether there are too many requests just now. Any other 429, like that for a password that was wrong too often,
 * stays one however soon it is asked again.
 */
function busy(r: Reply, headers: Headers): boolean {
  return r.status === 429 && (!!headers.get("Retry-After") || r.problem?.code === "rate_limited");
}

/** The address of a path under a base, whose own path stays in front. */
export function address(baseURL: string, path: string): URL {
  return new URL(baseURL.replace(/\/+$/, "") + path);
}

/** It is not known whether it was done. Ask again under the same name, at any later time. */
export class Unsure extends Error {
  constructor(readonly once: string, override readonly cause: unknown) {
    super(`open whether ${JSON.stringify(once)} was done: ${String(cause)}`);
  }
}

/** Reads JSON; undefined if it is none. */
function json(text: string): any {
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
