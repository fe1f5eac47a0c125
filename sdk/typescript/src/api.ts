import { drawn, exchange, json, Unsure, type Options } from "./exchange.js";
import type { components, operations, paths } from "./schema.js";

type Schemas = components["schemas"];

export type Card = Schemas["Card"];
export type Entry = Schemas["Entry"];
export type Quote = Schemas["Quote"];
export type Receipt = Schemas["Receipt"];
export type ProblemBody = Schemas["Problem"];

type Method = "get" | "post" | "put" | "patch";
/** The paths that have a method. */
export type PathsOf<M extends Method> = {
  [P in keyof paths]: paths[P] extends { [K in M]: object } ? P : never;
}[keyof paths];

type Content<T> = T extends { content: { "application/json": infer B } } ? B : never;
/** What an operation is asked for. */
export type BodyOf<P extends keyof paths, M extends Method> =
  paths[P] extends { [K in M]: { requestBody: infer R } } ? Content<R> : never;
/** What it answers. */
export type AnswerOf<P extends keyof paths, M extends Method> =
  paths[P] extends { [K in M]: { responses: { 200: infer R } } } ? Content<R> : never;
type QueryOf<P extends keyof paths> = paths[P] extends { get: { parameters: { query?: infer Q } } } ? Q : never;
type PathOf<P extends keyof paths, M extends Method> =
  paths[P] extends { [K in M]: { parameters: { path: infer Q } } } ? Q : undefined;

/** The API refused. code never changes; errors says which fields are wrong. */
export class Problem extends Error {
  readonly code: string;
  constructor(readonly status: number, readonly body: Partial<ProblemBody>) {
    super(`${status} ${body.code ?? ""}: ${body.detail ?? ""}`);
    this.code = body.code ?? "";
  }
}

export interface APIOptions extends Options {
  /** The merchant's id, for an agent of several. */
  merchant?: number;
  language?: "en" | "zh";
}

/** How something is done. */
export interface Doing {
  /** The name under which it is done once; one is drawn if there is none. */
  once?: string;
  /** Only say what would happen. */
  dryRun?: boolean;
  /** Of what has a version, such as the settings: the one that was read. */
  version?: number;
}

/**
 * The native API. What moves value is named, and sent again under the same name until it is known what became of it, so
 * nothing is charged twice. Amounts are integers in fen.
 */
export class API {
  constructor(
    private readonly baseURL: string, private readonly key: string, private readonly options: APIOptions = {},
  ) {
    const url = new URL(baseURL);
    if (url.protocol !== "https:" && url.protocol !== "http:") throw new TypeError(`no base URL: ${baseURL}`);
  }

  /** Reads. */
  get<P extends PathsOf<"get">>(
    path: P, query?: QueryOf<P>, names?: PathOf<P, "get">,
  ): Promise<AnswerOf<P, "get">> {
    return this.request("GET", filled(path, names), { query: query as Query });
  }

  /** Does something. */
  post<P extends PathsOf<"post">>(
    path: P, body: BodyOf<P, "post">, how: Doing = {}, names?: PathOf<P, "post">,
  ): Promise<AnswerOf<P, "post">> {
    return this.request("POST", filled(path, names), { body, ...how });
  }

  put<P extends PathsOf<"put">>(
    path: P, body: BodyOf<P, "put">, how: Doing = {}, names?: PathOf<P, "put">,
  ): Promise<AnswerOf<P, "put">> {
    return this.request("PUT", filled(path, names), { body, ...how });
  }

  patch<P extends PathsOf<"patch">>(
    path: P, body: BodyOf<P, "patch">, how: Doing = {}, names?: PathOf<P, "patch">,
  ): Promise<AnswerOf<P, "patch">> {
    return this.request("PATCH", filled(path, names), { body, ...how });
  }

  /** Yields the merchant's journal from there to its end, each entry once. */
  async *entries(after = 0, query: Omit<NonNullable<QueryOf<"/v1/entries">>, "after"> = {}): AsyncGenerator<Entry> {
    for (;;) {
      const page = await this.get("/v1/entries", { ...query, after });
      yield* page.entries;
      after = page.next;
      if (!page.more) return;
    }
  }

  /** Sends any request. It throws a Problem, or an Unsure if it is open what was done. */
  async request(method: string, path: string, o: { query?: Query; body?: unknown } & Doing = {}): Promise<any> {
    const acts = method !== "GET" && path !== "/v1/quotes" && !o.dryRun;
    const once = acts ? (o.once ?? drawn()) : "";
    const url = new URL(path, this.baseURL);
    for (const [name, value] of Object.entries(o.query ?? {})) {
      for (const one of Array.isArray(value) ? value : [value]) {
        if (one !== undefined) url.searchParams.append(name, String(one));
      }
    }
    if (o.dryRun) url.searchParams.set("dry_run", "true");
    const make = async () => {
      const headers = new Headers({ Authorization: `Bearer ${this.key}`, "Accept-Language": this.options.language ?? "en" });
      if (this.options.merchant !== undefined) headers.set("Tongka-Merchant", String(this.options.merchant));
      if (o.body !== undefined) headers.set("Content-Type", "application/json");
      if (acts) headers.set("Idempotency-Key", once);
      if (o.version !== undefined) headers.set("If-Match", `"${o.version}"`);
      return new Request(url, { method, headers, ...(o.body === undefined ? {} : { body: JSON.stringify(o.body) }) });
    };
    const reply = await exchange(make, this.options, true, (r) => r.status === 503);
    const answer = json(reply.text);
    if (reply.failure === undefined && reply.status < 300 && answer !== undefined) return answer;
    const problem = reply.failure ?? new Problem(reply.status, answer ?? {});
    const proves = reply.status >= 400 && reply.status < 500 && ![401, 403, 429].includes(reply.status);
    if (acts && reply.open && !proves) throw new Unsure(once, problem);
    throw problem;
  }
}

type Query = Record<string, unknown> | undefined;

/** Puts names into the braces of a path. */
function filled(path: string, names: unknown): string {
  const of = (names ?? {}) as Record<string, string | number>;
  return path.replace(/\{(\w+)\}/g, (_, name: string) => encodeURIComponent(String(of[name] ?? "")));
}

export type { operations, paths };
