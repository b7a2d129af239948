/** @import {Entity, Me} from "./types.js" */

/** A clear no of the gateway. */
export class Refusal extends Error {
  /** @param {number} status @param {string} code @param {string} message @param {number} [retryAfter] seconds */
  constructor(status, code, message, retryAfter) {
    super(message);
    this.status = status;
    this.code = code;
    this.retryAfter = retryAfter;
  }
}

/** REST beside the socket. `origin` "" is the page's own; `token` only for pages of another origin. */
export class Api {
  /** @param {string} [origin] @param {string} [token] */
  constructor(origin = "", token = "") {
    this.origin = origin;
    this.token = token;
  }

  /**
   * @param {string} method @param {string} path @param {unknown} [body] @param {AbortSignal} [signal]
   * @returns {Promise<any>} the answer's JSON; throws Refusal
   */
  async call(method, path, body, signal) {
    /** @type {Record<string, string>} */
    const headers = {};
    if (body !== undefined) headers["content-type"] = "application/json";
    if (this.token) headers["authorization"] = `Bearer ${this.token}`;
    const response = await fetch(this.origin + path, {
      method,
      headers,
      credentials: this.origin ? "omit" : "same-origin",
      body: body === undefined ? null : JSON.stringify(body),
      ...(signal ? { signal } : {}),
    });
    const text = await response.text();
    /** @type {any} */
    let said = null;
    try {
      said = text ? JSON.parse(text) : null;
    } catch {
      throw new Refusal(response.status, "unreadable", "The gateway's answer could not be read.");
    }
    if (!response.ok) {
      const error = said?.error ?? {};
      throw new Refusal(response.status, error.code ?? "http", error.message ?? "It was refused.", error.retry_after);
    }
    return said;
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
