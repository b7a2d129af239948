/** @import {Entity, Frame, Pending} from "./types.js" */
import { Api, Refusal } from "./api.js";
import { newId } from "./ids.js";

/** The same feed by long-poll, for networks that break sockets. Says what SocketLine says. */
export class Poller extends EventTarget {
  /** @param {Api} api */
  constructor(api) {
    super();
    this.api = api;
    /** @type {Map<string, AbortController>} */
    this.asking = new Map();
    this.over = false;
  }

  open() {
    this.api.get("/api/auth/me").then(
      () => this.#say({ t: "welcome" }),
      (error) => this.#failed(error),
    );
  }

  /** @param {string} channel @param {string|undefined} cursor */
  subscribe(channel, cursor) {
    this.unsubscribe(channel);
    const stop = new AbortController();
    this.asking.set(channel, stop);
    void this.#ask(channel, cursor, stop.signal);
  }

  /** @param {string} channel */
  unsubscribe(channel) {
    this.asking.get(channel)?.abort();
    this.asking.delete(channel);
  }

  /** @param {Pending} one */
  publish(one) {
    const { id, cmd, d } = one;
    this.api.post("/api/websocket/events", { id, cmd, d }).then(
      () => this.#say({ t: "ack", id }),
      (error) => {
        if (error instanceof Refusal) {
          const again = error.retryAfter ?? (error.status >= 500 ? 2 : undefined);
          this.#say({ t: "nack", id, code: error.code, message: error.message, retry_after: again });
        } else this.#failed(error);
      },
    );
  }

  /** @param {string} cmd @param {Entity} d */
  whisper(cmd, d) {
    this.api.post("/api/websocket/events", { id: newId(), cmd, d }).catch(() => {});
  }

  check() {}

  look() {}

  close() {
    this.#closed(1006);
  }

  /** @param {string} channel @param {string|undefined} cursor @param {AbortSignal} signal */
  async #ask(channel, cursor, signal) {
    let known = cursor;
    while (!this.over && !signal.aborted) {
      const query = new URLSearchParams({ ch: channel, poll: "1", ...(known ? { cur: known } : {}) });
      try {
        const said = await this.api.get(`/api/websocket/events?${query}`, signal);
        if (signal.aborted) return;
        this.#say({ t: "heard" });
        for (const frame of said.events ?? []) this.#say(frame);
        known = said.cur ?? known;
      } catch (error) {
        if (!signal.aborted) this.#failed(error);
        return;
      }
    }
  }

  /** @param {Frame} frame */
  #say(frame) {
    if (!this.over) this.dispatchEvent(new CustomEvent("frame", { detail: frame }));
  }

  /** @param {unknown} error */
  #failed(error) {
    const status = error instanceof Refusal ? error.status : 0;
    this.#closed(status === 401 ? 4101 : status === 403 ? 4403 : 1006);
  }

  /** @param {number} code */
  #closed(code) {
    if (this.over) return;
    this.over = true;
    for (const stop of this.asking.values()) stop.abort();
    this.dispatchEvent(new CustomEvent("closed", { detail: code }));
  }
}
