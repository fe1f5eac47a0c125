import { address, bytes, drawn, exchange, good, hex, hmac, Unsure, type Options } from "./exchange.js";

/** A wire of tills refused, with its own code and text. */
export class Refused extends Error {
  constructor(readonly status: number, readonly code: string, readonly text: string) {
    super(`${code} ${text}`);
  }
}

/** The member-cjb wire. */
export class Sandy {
  constructor(
    private readonly baseURL: string, private readonly token: string, private readonly guid: string,
    private readonly options: Options = {},
  ) {}

  /** Calls an endpoint, like "consume". What changes something has a request id: once, or a new one. */
  async call(endpoint: string, body?: Record<string, unknown>, once?: string): Promise<any> {
    const id = body === undefined ? "" : (once ?? String(body["request_id"] ?? drawn()));
    const text = body === undefined ? undefined : JSON.stringify({ ...body, request_id: id });
    const make = async () => new Request(address(this.baseURL, `/api2/member-cjb/${endpoint}`), {
      method: text === undefined ? "GET" : "POST",
      headers: {
        Authorization: this.token, Customerguid: this.guid,
        ...(text === undefined ? {} : { "Content-Type": "application/json; charset=utf-8" }),
      },
      ...(text === undefined ? {} : { body: text }),
    });
    const reply = await exchange(make, this.options, true);
    const answer = reply.answer;
    const refused = typeof answer === "object" && "errcode" in answer;
    if (good(reply) && answer !== undefined && !refused) return answer;
    const error = reply.failure ??
      (refused ? new Refused(reply.status, String(answer.errcode), String(answer.errmsg ?? "")) :
        new Refused(reply.status, "", `HTTP ${reply.status}`));
    const code = error instanceof Refused ? error.code : "";
    const open = reply.open || code === "500";
    if (id && open && !(reply.status < 300 && !["", "500", "300"].includes(code))) throw new Unsure(id, error);
    throw error;
  }
}

const looks = ["mb_check", "co_delist"];
const oncePerRef = [
  "mb_trans", "mb_refund", "mb_state", "mb_pttrans", "mb_vericode", "mb_newcard", "mb_renew", "mb_invoice", "co_send",
];

/** The dc78 wire. The clock must be right within five minutes. */
export class DC78 {
  constructor(
    private readonly baseURL: string, private readonly msid: string, private readonly key: string,
    private readonly options: Options = {},
  ) {}

  /** Carries out an action. get is signed; with a ref in it, most actions are carried out once. */
  async call(action: string, get: Record<string, string | number>, post?: unknown): Promise<any> {
    const signed: Record<string, string> = {};
    for (const [name, value] of Object.entries(get)) signed[name] = String(value);
    let tail = "";
    if (post !== undefined) {
      const raw = JSON.stringify(post);
      signed["post_sha256"] = hex(new Uint8Array(await crypto.subtle.digest("SHA-256", bytes(raw))));
      tail = `,"post":${raw}`;
    }
    const body = JSON.stringify({ action: { action }, get: signed }).slice(0, -1) + tail + "}";
    const make = async () => {
      const at = String(Math.floor(Date.now() / 1000)), nonce = drawn();
      const lines = [action, this.msid, at, nonce, ...Object.keys(signed).sort().map((n) => `${n}=${signed[n]}`)];
      const url = address(this.baseURL, "/Api");
      url.search = new URLSearchParams({
        msid: this.msid, timestamp: at, nonce, sign: hex(await hmac(bytes(this.key), bytes(lines.join("\n")))),
      }).toString();
      return new Request(url, {
        method: "POST", body, headers: { "Content-Type": "application/json; charset=utf-8" },
      });
    };
    const only = looks.includes(action);
    const reply = await exchange(make, this.options, only || (!!signed["ref"] && oncePerRef.includes(action)));
    const told = String(reply.answer?.status ?? ""); // "0" is a refusal; without one it is not known what was done
    if (good(reply) && !["", "0"].includes(told)) return reply.answer;
    const error = reply.failure ?? new Refused(reply.status, "0", String(reply.answer?.info ?? `HTTP ${reply.status}`));
    if (!only && (reply.open || (good(reply) && !told))) throw new Unsure(signed["ref"] ?? "", error);
    throw error;
  }
}
