/** @import {Entity, Frame, Link, Pending} from "./types.js" */
import { Api, Refusal } from "./api.js";
import { delay } from "./backoff.js";
import { afterClose } from "./closing.js";
import { Cursors } from "./cursors.js";
import { judge } from "./link.js";
import { Outbox } from "./outbox.js";
import { Poller } from "./poller.js";
import { SocketLine } from "./socket-line.js";

/** This many tries in a row without one welcome: something between us breaks sockets, so poll. */
export const SOCKET_TRIES = 3;
const CHECK_EVERY_MS = 1_000;

/**
 * The connection as the page needs it: comes back by itself, asks for what it missed, sends what waits.
 * Says `link` (detail: Link), `event` (detail: ev frame), `subbed` (detail: frame), `settled` (detail:
 * {id, ok, error?}) and `signed-out`.
 */
export class Client extends EventTarget {
  /** @param {Api} api @param {Outbox} outbox @param {{address: string, token?: string}} where */
  constructor(api, outbox, where) {
    super();
    this.api = api;
    this.outbox = outbox;
    this.where = where;
    this.cursors = new Cursors();
    /** @type {Set<string>} */
    this.channels = new Set();
    /** @type {SocketLine|Poller|null} */
    this.line = null;
    this.seen = { open: false, everOpen: false, signedOut: false, polling: false, lostAt: Date.now(), heardAt: Date.now() };
    this.failures = 0;
    this.stopped = false;
    /** @type {Link} */
    this.link = judge(this.seen, Date.now());
    /** @type {ReturnType<typeof setTimeout>|undefined} */
    this.again = undefined;
    /** @type {ReturnType<typeof setInterval>|undefined} */
    this.checks = undefined;
    this.gone = new AbortController();
  }

  /** Connect, and stay so until `stop`. */
  start() {
    const { signal } = this.gone;
    addEventListener("online", () => this.#hurry(), { signal });
    addEventListener("offline", () => this.line?.close(), { signal });
    document.addEventListener("visibilitychange", () => this.#seenByPerson(), { signal });
    this.checks = setInterval(() => this.#check(), CHECK_EVERY_MS);
    this.#connect();
  }

  /** For good: no more tries. */
  stop() {
    this.stopped = true;
    clearTimeout(this.again);
    clearInterval(this.checks);
    this.gone.abort();
    this.line?.close();
  }

  /** @param {string} channel */
  subscribe(channel) {
    if (this.channels.has(channel)) return;
    this.channels.add(channel);
    if (this.seen.open) this.line?.subscribe(channel, this.cursors.of(channel));
  }

  /** @param {string} channel */
  unsubscribe(channel) {
    this.channels.delete(channel);
    this.cursors.forget(channel);
    if (this.seen.open) this.line?.unsubscribe(channel);
  }

  /**
   * Send, now or as soon as there is a connection; over reloads too.
   * @param {string} cmd @param {Entity} d @param {string} [id] @returns {string} the id to wait for
   */
  send(cmd, d, id) {
    const one = this.outbox.add(cmd, d, id);
    if (this.seen.open) this.line?.publish(one);
    return one.id;
  }

  /** What is worth nothing a moment later (typing): only if there is a connection. @param {string} cmd @param {Entity} d */
  whisper(cmd, d) {
    if (this.seen.open) this.line?.whisper(cmd, d);
  }

  /** The gateway has answered this id for good: it leaves the outbox. @param {string} id @param {Refusal} [error] */
  settle(id, error) {
    this.outbox.done(id);
    this.dispatchEvent(new CustomEvent("settled", { detail: { id, ok: !error, error } }));
  }

  #connect() {
    if (this.stopped || this.seen.signedOut || this.line) return;
    this.seen.polling = !this.seen.everOpen && this.failures >= SOCKET_TRIES;
    const line = this.seen.polling ? new Poller(this.api) : new SocketLine(this.where.address, this.where.token);
    this.line = line;
    line.addEventListener("frame", (event) => this.#take(/** @type {CustomEvent<Frame>} */ (event).detail));
    line.addEventListener("closed", (event) => this.#lost(/** @type {CustomEvent<number>} */ (event).detail), { once: true });
    line.open();
    this.#tell();
  }

  /** @param {Frame} frame */
  #take(frame) {
    this.seen.heardAt = Date.now();
    switch (frame.t) {
      case "welcome":
        this.seen.open = true;
        this.seen.everOpen ||= !this.seen.polling;
        this.failures = 0;
        for (const channel of this.channels) this.line?.subscribe(channel, this.cursors.of(channel));
        for (const one of this.outbox.pending) this.line?.publish(one);
        break;
      case "subbed":
        if (frame.reset) this.cursors.forget(frame.ch);
        this.cursors.saw(frame.ch, frame.cur);
        this.dispatchEvent(new CustomEvent("subbed", { detail: frame }));
        break;
      case "ev":
        this.dispatchEvent(new CustomEvent("event", { detail: frame }));
        this.cursors.saw(frame.ch, frame.cur);
        break;
      case "ack":
        this.settle(frame.id);
        break;
      case "nack":
        this.#refused(frame);
        break;
      case "auth_expiring":
        void this.#renew();
        break;
      case "drain":
        this.#drain(frame);
        break;
    }
    this.#tell();
  }

  /** @param {Frame} frame */
  #refused(frame) {
    const known = this.outbox.pending.find((one) => one.id === frame.id);
    // "unknown", away or too fast: it may be written or may be later, so the same id is sent again.
    if (known && frame.retry_after !== undefined) {
      setTimeout(() => this.#resend(known), Math.max(200, frame.retry_after * 1000));
      return;
    }
    if (frame.id) this.settle(frame.id, new Refusal(400, frame.code, frame.message));
  }

  /** @param {Pending} one */
  #resend(one) {
    if (this.seen.open && this.outbox.pending.includes(one)) this.line?.publish(one);
  }

  /** The gateway leaves: go to another one, at the moment chance gives us. @param {Frame} frame */
  #drain(frame) {
    const wait = (frame.after ?? 0) + Math.random() * (frame.jitter ?? 1);
    setTimeout(() => this.line?.close(), wait * 1000);
  }

  /** @param {number} code */
  #lost(code) {
    const welcomed = this.seen.open;
    this.line = null;
    if (welcomed || !this.seen.lostAt) this.seen.lostAt = Date.now();
    this.seen.open = false;
    this.failures += 1;
    const next = afterClose(code);
    if (next === "renew") void this.#renew().then(() => this.#later());
    else if (next === "again") this.#later();
    else this.#signOut(next === "superseded" ? "superseded" : "sign-in");
    this.#tell();
  }

  #later() {
    clearTimeout(this.again);
    if (this.stopped || this.seen.signedOut) return;
    this.again = setTimeout(() => this.#connect(), delay(Math.max(0, this.failures - 1)));
  }

  #hurry() {
    if (this.line) return;
    this.failures = 0;
    clearTimeout(this.again);
    this.#connect();
  }

  #seenByPerson() {
    if (!document.hidden) this.#hurry();
    if (this.seen.open) this.line?.look(document.hidden);
  }

  async #renew() {
    if (this.where.token) return this.dispatchEvent(new CustomEvent("token-wanted"));
    try {
      await this.api.post("/api/auth/refresh", {});
      // An open socket keeps the cookie it came with: a new one comes with the new cookie, at our cursors.
      this.line?.close();
    } catch (error) {
      if (error instanceof Refusal && (error.status === 401 || error.status === 403)) this.#signOut("sign-in");
    }
    return true;
  }

  /** @param {string} why */
  #signOut(why) {
    this.seen.signedOut = true;
    this.seen.lostAt = Date.now();
    this.dispatchEvent(new CustomEvent("signed-out", { detail: why }));
    this.line?.close();
    this.#tell();
  }

  #check() {
    this.line?.check(Date.now() - this.seen.heardAt);
    this.#tell();
  }

  #tell() {
    const link = judge(this.seen, Date.now());
    const same = link.state === this.link.state && link.polling === this.link.polling;
    this.link = link;
    if (!same) this.dispatchEvent(new CustomEvent("link", { detail: link }));
  }
}
