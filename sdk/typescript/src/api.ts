import { address, drawn, exchange, good, Unsure, type Options, type Reply } from "./exchange.js";
import type { components, operations, paths } from "./schema.js";

type Schemas = components["schemas"];

export type Card = Schemas["Card"];
export type Entry = Schemas["Entry"];
export type Events = Schemas["Events"];
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
type QueryOf<P extends keyof paths, M extends Method = "get"> =
  paths[P] extends { [K in M]: { parameters: { query?: infer Q } } } ? Q : never;
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

/** Statuses of what is found before the server looks at the name of a request: they say nothing about earlier tries. */
const provesNothing = [401, 403, 408, 429];

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

  /** Sends a file, like /v1/imports. type is its media type; query says the rest. */
  upload<P extends PathsOf<"post">>(
    path: P, file: Blob | Uint8Array<ArrayBuffer> | string, type: string, query?: QueryOf<P, "post">, how: Doing = {},
    names?: PathOf<P, "post">,
  ): Promise<AnswerOf<P, "post">> {
    return this.request("POST", filled(path, names), { body: file, type, query: query as Query, ...how });
  }

  /** Reads a file, like that of /v1/exports/{export}/file. */
  async download<P extends PathsOf<"get">>(path: P, names?: PathOf<P, "get">): Promise<Uint8Array<ArrayBuffer>> {
    return (await this.send("GET", filled(path, names), {}, true)).data;
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

  /**
   * Yields pages of what happened behind an entry, 0 = from the first, up to now. Whoever keeps next of a page when all
   * of its events are done, and begins there again, gets each once and misses none.
   */
  async *events(after = 0, query: Omit<NonNullable<QueryOf<"/v1/events">>, "after"> = {}): AsyncGenerator<Events> {
    for (;;) {
      const page = await this.get("/v1/events", { ...query, after });
      yield page;
      after = page.next;
      if (!page.more) return;
    }
  }

  /** Sends any request. It throws a Problem, or an Unsure if it is open what was done. */
  async request(method: string, path: string, o: Asked = {}): Promise<any> {
    return (await this.send(method, path, o, false)).answer;
  }

  private async send(method: string, path: string, o: Asked, file: boolean): Promise<Reply> {
    const acts = method !== "GET" && path !== "/v1/quotes" && !o.dryRun;
    const once = o.once ?? (acts ? drawn() : "");
    const url = address(this.baseURL, path);
    for (const [name, value] of Object.entries(o.query ?? {})) {
      // A list is one text with commas: of a name that stands twice the API takes one value.
      if (value !== undefined) url.searchParams.set(name, String(value));
    }
    if (o.dryRun) url.searchParams.set("dry_run", "true");
    const type = o.type ?? "application/json";
    const body = (o.type === undefined ? JSON.stringify(o.body) : o.body) as BodyInit | undefined;
    const make = async () => {
      const headers = new Headers({ Authorization: `Bearer ${this.key}`, "Accept-Language": this.options.language ?? "en" });
      if (this.options.merchant !== undefined) headers.set("Tongka-Merchant", String(this.options.merchant));
      if (body !== undefined) headers.set("Content-Type", type);
      if (once) headers.set("Idempotency-Key", once);
      if (o.version !== undefined) headers.set("If-Match", `"${o.version}"`);
      return new Request(url, { method, headers, ...(body === undefined ? {} : { body }) });
    };
    const reply = await exchange(make, this.options, true, file);
    if (good(reply) && (file || reply.answer !== undefined)) return reply;
    const problem = reply.failure ?? new Problem(reply.status, reply.problem ?? {});
    const proves = problem instanceof Problem && problem.code !== "" && reply.status >= 400 && reply.status < 500 &&
      !provesNothing.includes(reply.status);
    if (acts && reply.open && !proves) throw new Unsure(once, problem);
    throw problem;
  }
}

/** What is asked for. With a type, its media type, the body is sent as it is; otherwise as JSON. */
export interface Asked extends Doing {
  query?: Query;
  body?: unknown;
  type?: string;
}

type Query = Record<string, unknown> | undefined;

/** Puts names into the braces of a path. */
function filled(path: string, names: unknown): string {
  const of = (names ?? {}) as Record<string, string | number>;
  return path.replace(/\{(\w+)\}/g, (_, name: string) => encodeURIComponent(String(of[name] ?? "")));
}

export type { operations, paths };
