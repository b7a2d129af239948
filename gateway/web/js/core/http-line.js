/** @import {Entity, Frame, Pending} from "./types.js" */
/** @import {Cursors} from "./cursors.js" */
import { Api, Refusal } from "./api.js";
import { newId } from "./ids.js";

export const EVENTS = "/api/websocket/events";
/** A session that ends is renewed this long before. */
const RENEW_BEFORE_MS = 60_000;
/** A stream beats every 15 s, a poll is answered after 25 s; silent for this long, it is broken. */
const DEAD_MS = 60_000;
/** Longer time-outs overflow and fire at once. */
const LONGEST_MS = 2 ** 31 - 1;

/**
 * A line without a socket: one request listens on all channels from one cursor, another one speaks.
 * What was heard of all channels up to one place is said as `beat`, and so is that news can come. Subclasses listen.
 */
export class HttpLine extends EventTarget {
  /** @param {Api} api @param {Cursors} cursors */
  constructor(api, cursors) {
    super();
    this.api = api;
    this.cursors = cursors;
    /** @type {Set<string>} */
    this.channels = new Set();
    /** Of these nothing is known yet. @type {Set<string>} */
    this.fresh = new Set();
    /** @type {Pending[]} */
    this.unsaid = [];
    this.saying = false;
    this.over = false;
    this.ended = new AbortController();
    this.listening = new AbortController();
    /** @type {ReturnType<typeof setTimeout>|undefined} */
    this.soon = undefined;
    /** @type {ReturnType<typeof setTimeout>|undefined} */
    this.renewal = undefined;
  }

  open() {
    this.#ends().then(
      ({ user_id, property_id }) => this.say({ t: "welcome", user_id, property_id }),
      (error) => this.failed(error),
    );
  }

  /** The token that `api` has by now: what is asked from now on goes with it. */
  auth() {
    this.#ends().then(
      () => this.#restart(),
      (error) => this.failed(error),
    );
  }

  /** Learns whose session it is and when it ends, to say so in time. @returns {Promise<Entity>} */
  async #ends() {
    const me = await this.api.get("/api/auth/me", this.ended.signal);
    const left = me.expires_at - Date.now() - RENEW_BEFORE_MS;
    clearTimeout(this.renewal);
    this.renewal = setTimeout(() => this.say({ t: "auth_expiring" }), Math.min(Math.max(left, 0), LONGEST_MS));
    return me;
  }

  /** @param {string} channel @param {string|undefined} cursor */
  subscribe(channel, cursor) {
    this.channels.add(channel);
    const known = this.cursors.of(channel);
    // One request has one cursor for all channels, so a tab that was away is not told again: it reads anew.
    if (cursor && known && cursor !== known) return this.say({ t: "subbed", ch: channel, cur: known, reset: true });
    if (!cursor || !this.cursors.floor) this.fresh.add(channel);
    this.#restart();
  }

  /** @param {string} channel */
  unsubscribe(channel) {
    this.channels.delete(channel);
    this.fresh.delete(channel);
    this.#restart();
  }

  /** In the order they were wanted, one after the other. @param {Pending} one */
  publish(one) {
    if (!this.unsaid.some((waits) => waits.id === one.id)) this.unsaid.push(one);
    if (!this.saying) void this.#speak();
  }

  /** @param {string} cmd @param {Entity} d */
  whisper(cmd, d) {
    this.api.post(EVENTS, { id: newId(), cmd, d }).catch(() => {});
  }

  /** @param {number} silent ms since anything was heard */
  check(silent) {
    if (silent > DEAD_MS) this.close();
  }

  look() {}

  close() {
    this.closed(1006);
  }

  /** Hear these channels from this cursor until the signal. @param {string[]} _channels @param {string} _cursor @param {AbortSignal} _signal @returns {Promise<void>} */
  async listen(_channels, _cursor, _signal) {}

  /** One answer: what there is now, or the first that comes. @param {string[]} channels @param {string|undefined} cursor @param {AbortSignal} signal */
  async ask(channels, cursor, signal) {
    const said = await this.api.get(`${EVENTS}?${question(channels, cursor)}&poll=1`, signal);
    signal.throwIfAborted();
    for (const frame of said.events ?? []) this.say(frame);
    return said;
  }

  /** @param {Frame} frame */
  say(frame) {
    if (!this.over) this.dispatchEvent(new CustomEvent("frame", { detail: frame }));
  }

  /** @param {unknown} error */
  failed(error) {
    const status = error instanceof Refusal ? error.status : 0;
    this.closed(status === 401 ? 4101 : status === 403 ? 4403 : 1006);
  }

  /** @param {number} code */
  closed(code) {
    if (this.over) return;
    this.over = true;
    clearTimeout(this.soon);
    clearTimeout(this.renewal);
    this.ended.abort();
    this.listening.abort();
    this.dispatchEvent(new CustomEvent("closed", { detail: code }));
  }

  /** Channels come and go in bunches: one new request for all of them. */
  #restart() {
    this.soon ??= setTimeout(() => {
      this.soon = undefined;
      this.listening.abort();
      this.listening = new AbortController();
      void this.#listen(this.listening.signal);
    });
  }

  /** @param {AbortSignal} signal */
  async #listen(signal) {
    // A channel that nothing is known of begins with a snapshot; the others must not lose their place.
    let asked = [...this.fresh];
    try {
      if (asked.length) {
        await this.ask(asked, undefined, signal);
        for (const channel of asked) this.fresh.delete(channel);
      }
      asked = [...this.channels];
      if (asked.length) await this.listen(asked, this.cursors.floor ?? "", signal);
    } catch (error) {
      if (signal.aborted) return;
      // None of these is this person's: no word of the session, whose end has another code.
      if (error instanceof Refusal && error.code === "forbidden") {
        for (const id of asked) this.say({ t: "nack", id, code: error.code, message: error.message });
      } else this.failed(error);
    }
  }

  async #speak() {
    this.saying = true;
    for (let one = this.unsaid[0]; one && !this.over; one = this.unsaid[0]) {
      const { id, cmd, d } = one;
      try {
        await this.api.post(EVENTS, { id, cmd, d });
        this.unsaid.shift();
        this.say({ t: "ack", id });
      } catch (error) {
        // Not about these words: they wait for the next line, or for who they are of.
        if (!(error instanceof Refusal) || error.over) return this.failed(error);
        this.unsaid.shift();
        this.say({ t: "nack", id, code: error.code, message: error.message, retry_after: error.again });
      }
    }
    this.saying = false;
  }
}

/** @param {string[]} channels @param {string|undefined} cursor @returns {URLSearchParams} */
export function question(channels, cursor) {
  const asked = new URLSearchParams(channels.map((channel) => ["ch", channel]));
  if (cursor) asked.set("cur", cursor);
  return asked;
}
