/** @import {Entity} from "./types.js" */

/** Who says no without saying when to ask again, is asked again after so many seconds. */
const AGAIN_S = 2;
/** Below 500, what has nothing to do with the words: slow, too early, too often. */
const NOT_NOW = new Set([408, 425, 429]);

/** A clear no of the gateway. */
export class Refusal extends Error {
  /** @param {number} status @param {string} code @param {string} message @param {number} [retryAfter] seconds */
  constructor(status, code, message, retryAfter) {
    super(message);
    this.status = status;
    this.code = code;
    this.retryAfter = retryAfter;
  }

  /** Whether it is about who asks, not about what: over is the token, or the right to anything. @returns {boolean} */
  get over() {
    return this.status === 401 || this.code === "revoked";
  }

  /** After how many seconds the same may be asked again; undefined: it will always get this no.
   * @returns {number|undefined} */
  get again() {
    // A 2xx that cannot be read is of somebody on the way: a network's own sign-in page.
    const notNow = this.status < 400 || this.status >= 500 || NOT_NOW.has(this.status);
    return this.retryAfter ?? (notNow ? AGAIN_S : undefined);
  }
}

/**
 * REST beside the socket. `origin` "" is the page's own; `token` only for pages of another origin. `property`
 * is the hotel that is read, for who may look at several; "" is the token's.
 */
export class Api {
  /** @param {string} [origin] @param {string} [token] */
  constructor(origin = "", token = "") {
    this.origin = origin;
    this.token = token;
    this.property = "";
  }

  /**
   * @param {string} method @param {string} path @param {unknown} [body] @param {AbortSignal} [signal]
   * @returns {Promise<any>} the answer's JSON; throws Refusal
   */
  async call(method, path, body, signal) {
    const response = await this.#ask(method, path, body, signal);
    const said = read(await response.text());
    if (said === undefined) throw new Refusal(response.status, "unreadable", "The gateway's answer could not be read.");
    if (!response.ok) throw refusal(response.status, said);
    return said;
  }

  /** An answer that goes on and on. @param {string} path @param {AbortSignal} signal @returns {Promise<Response>} throws Refusal */
  async open(path, signal) {
    const response = await this.#ask("GET", path, undefined, signal);
    if (!response.ok) throw refusal(response.status, read(await response.text()));
    return response;
  }

  /** @param {string} method @param {string} path @param {unknown} [body] @param {AbortSignal} [signal] */
  #ask(method, path, body, signal) {
    /** @type {Record<string, string>} */
    const headers = {};
    if (body !== undefined) headers["content-type"] = "application/json";
    if (this.token) headers["authorization"] = `Bearer ${this.token}`;
    const about = this.property && method === "GET" ? `${path.includes("?") ? "&" : "?"}${new URLSearchParams({ property_id: this.property })}` : "";
    return fetch(this.origin + path + about, {
      method,
      headers,
      credentials: this.origin ? "omit" : "same-origin",
      body: body === undefined ? null : JSON.stringify(body),
      ...(signal ? { signal } : {}),
    });
  }

  /** @param {string} path @param {AbortSignal} [signal] @returns {Promise<any>} */
  get(path, signal) {
    return this.call("GET", path, undefined, signal);
  }

  /** @param {string} path @param {Entity} body @returns {Promise<any>} */
  post(path, body) {
    return this.call("POST", path, body);
  }
}

/** @param {string} text @returns {any} null for nothing, undefined for what is no JSON */
function read(text) {
  try {
    return text ? JSON.parse(text) : null;
  } catch {
    return undefined;
  }
}

/** @param {number} status @param {any} said @returns {Refusal} */
function refusal(status, said) {
  const error = said?.error ?? {};
  return new Refusal(status, error.code ?? "http", error.message ?? "It was refused.", error.retry_after);
}
