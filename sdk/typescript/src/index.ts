export { API, Problem, type APIOptions, type Card, type Doing, type Entry, type Events, type Quote, type Receipt } from "./api.js";
export { Unsure, type Options } from "./exchange.js";
export { DC78, Refused, Sandy } from "./wires.js";
export { verifyWebhook, WebhookError } from "./webhook.js";
export type { components, operations, paths } from "./schema.js";
