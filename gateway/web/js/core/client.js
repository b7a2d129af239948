/** @import {Entity, Frame, Line, Link, Pending, Way} from "./types.js" */
import { Api, Refusal } from "./api.js";
import { delay } from "./backoff.js";
import { afterClose } from "./closing.js";
import { Cursors } from "./cursors.js";
import { WELCOME_MS, after, tryAfter } from "./ladder.js";
import { judge } from "./link.js";
import { Outbox } from "./outbox.js";
import { PollLine } from "./poll-line.js";
import { Recent } from "./recent.js";
import { SocketLine } from "./socket-line.js";
import { StreamLine } from "./stream-line.js";

const CHECK_EVERY_MS = 1_000;
/** Asked to come again at once: not that soon. */
const AGAIN_MS = 200;

/**
 * The connection as the page needs it: comes back by itself, by a socket or what the network lets through,
 * asks for what it missed, sends what waits.
 * Says `link` (detail: Link), `event` (detail: ev frame), `subbed` (detail: frame), `lost` (detail: a channel that is
 * not this person's any more), `settled` (detail: {id, ok, error?}), `signed-out`, and `token-wanted` where a token speaks for us and ends soon: `renewed` takes it.
 */
export class Client extends EventTarget {
  /** @param {Api} api @param {Outbox} outbox @param {{address: string, token?: string}} where */
  constructor(api, outbox, where) {
    super();
    this.api = api;
    this.outbox = outbox;
    this.where = where;
    this.cursors = new Cursors();
    this.recent = new Recent();
    /** @type {Set<string>} */
    this.channels = new Set();
    /** @type {Line|null} */
    this.line = null;
    /** A socket that may replace a lesser line. @type {Line|null} */
    this.trial = null;
    /** @type {{open: boolean, everOpen: boolean, signedOut: boolean, way: Way, lostAt: number, heardAt: number, staleSince: number|null, askedAt: number|null}} */
    this.seen = { open: false, everOpen: false, signedOut: false, way: "socket", lostAt: Date.now(), heardAt: Date.now(), staleSince: null, askedAt: null };
    /** Whether the line takes subscriptions and commands. */
    this.ready = false;
    this.failures = 0;
    this.tries = 0;
    this.stopped = false;
    /** @type {Link} */
    this.link = judge(this.seen, Date.now());
    /** @type {Record<"connect"|"welcome"|"resend"|"try", ReturnType<typeof setTimeout>|undefined>} */
    this.timers = { connect: undefined, welcome: undefined, resend: undefined, try: undefined };
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
    void this.outbox.load();
    this.#connect();
  }

  /** For good: no more tries. */
  stop() {
    this.stopped = true;
    for (const timer of Object.values(this.timers)) clearTimeout(timer);
    clearInterval(this.checks);
    this.gone.abort();
    this.trial?.close();
    this.line?.close();
  }

  /** @param {string} channel */
  subscribe(channel) {
    if (this.channels.has(channel)) return;
    this.channels.add(channel);
    if (this.ready) this.line?.subscribe(channel, this.cursors.of(channel));
  }

  /** @param {string} channel */
  unsubscribe(channel) {
    this.channels.delete(channel);
    this.cursors.forget(channel);
    if (this.ready) this.line?.unsubscribe(channel);
  }

  /**
   * Send, now or as soon as there is a connection; over reloads too.
   * @param {string} cmd @param {Entity} d @param {string} [id] @returns {string} the id to wait for
   */
  send(cmd, d, id) {
    const one = this.outbox.add(cmd, d, id);
    if (this.ready) this.#publish(one);
    return one.id;
  }

  /** What is worth nothing a moment later (typing): only if there is a connection. @param {string} cmd @param {Entity} d */
  whisper(cmd, d) {
    if (this.ready) this.line?.whisper(cmd, d);
  }

  /** The gateway has answered this id for good: it leaves the outbox. @param {string} id @param {Refusal} [error] */
  settle(id, error) {
    this.outbox.done(id);
    this.dispatchEvent(new CustomEvent("settled", { detail: { id, ok: !error, error } }));
  }

  /** A new token, where one speaks for us: the open line goes on with it. @param {string} token */
  renewed(token) {
    this.where.token = this.api.token = token;
    if (this.seen.signedOut) {
      this.seen.signedOut = false;
      this.failures = 0;
      this.#connect();
    } else if (this.ready) this.line?.auth(token);
  }

  #connect() {
    if (this.stopped || this.seen.signedOut || this.line) return;
    const line = this.#made(this.seen.way);
    this.#listen(line);
    this.timers.welcome = setTimeout(() => line.close(), WELCOME_MS);
    line.open();
    this.#tell();
  }

  /** @param {Way} way @returns {Line} */
  #made(way) {
    if (way === "stream") return new StreamLine(this.api, this.cursors);
    if (way === "poll") return new PollLine(this.api, this.cursors);
    return new SocketLine(this.where.address, this.where.token);
  }

  /** From now on this is the line. @param {Line} line */
  #listen(line) {
    this.line = line;
    line.addEventListener("frame", (event) => {
      if (this.line === line) this.#take(/** @type {CustomEvent<Frame>} */ (event).detail);
    });
    line.addEventListener("closed", (event) => {
      if (this.line === line) this.#lost(/** @type {CustomEvent<number>} */ (event).detail);
    });
  }

  /** @param {Frame} frame */
  #take(frame) {
    this.seen.heardAt = Date.now();
    this.seen.askedAt = null;
    switch (frame.t) {
      case "welcome":
        this.#welcomed();
        break;
      case "subbed":
        if (frame.reset) this.cursors.forget(frame.ch);
        this.cursors.saw(frame.ch, frame.cur);
        if (frame.stale_since) this.seen.staleSince = frame.stale_since;
        this.dispatchEvent(new CustomEvent("subbed", { detail: frame }));
        break;
      case "ev":
        // A way with one cursor for all channels may say again what one of them had heard.
        if (this.recent.isNew(frame)) this.dispatchEvent(new CustomEvent("event", { detail: frame }));
        this.cursors.saw(frame.ch, frame.cur);
        if (frame.cur) this.seen.staleSince = null;
        break;
      case "stale":
        this.seen.staleSince = frame.since ?? null;
        break;
      case "beat":
        if (frame.cur) this.cursors.all(frame.cur);
        this.#hears();
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

  #welcomed() {
    this.ready = true;
    this.seen.staleSince = null;
    for (const channel of this.channels) this.line?.subscribe(channel, this.cursors.of(channel));
    // What was left behind is older: it goes first.
    void this.outbox.load().then(() => this.#sendAll());
    if (this.seen.way === "socket") this.#hears();
  }

  /** This way works: news comes. By HTTP only the listening itself proves that. */
  #hears() {
    if (this.seen.open) return;
    clearTimeout(this.timers.welcome);
    this.seen.open = this.seen.everOpen = true;
    this.failures = 0;
    if (this.seen.way === "socket") this.tries = 0;
    else this.#tryLater();
  }

  #sendAll() {
    if (this.ready) for (const one of this.outbox.pending) this.#publish(one);
  }

  /** @param {Pending} one */
  #publish(one) {
    this.seen.askedAt ??= Date.now();
    this.line?.publish(one);
  }

  /** @param {Frame} frame */
  #refused(frame) {
    // "unknown", away or too fast: it may be written or may be later, so the same id is sent again; and with it
    // all that waits, in its order.
    if (frame.retry_after !== undefined && this.outbox.pending.some((one) => one.id === frame.id)) {
      clearTimeout(this.timers.resend);
      this.timers.resend = setTimeout(() => this.#sendAll(), Math.max(AGAIN_MS, frame.retry_after * 1000));
      return;
    }
    if (this.channels.has(frame.id)) return this.#unheard(frame);
    if (frame.id) this.settle(frame.id, new Refusal(400, frame.code, frame.message));
  }

  /** A channel was not given: too many at once, or not ours. @param {Frame} frame */
  #unheard({ id, retry_after: wait }) {
    const { line } = this;
    if (wait === undefined) {
      this.unsubscribe(id);
      this.dispatchEvent(new CustomEvent("lost", { detail: id }));
    } else setTimeout(() => this.ready && line?.subscribe(id, this.cursors.of(id)), wait * 1000);
  }

  /** The gateway leaves: go to another one, at the moment chance gives us. @param {Frame} frame */
  #drain(frame) {
    const { line } = this;
    const wait = (frame.after ?? 0) + Math.random() * (frame.jitter ?? 0);
    setTimeout(() => line?.close(), wait);
  }

  /** @param {number} code */
  #lost(code) {
    const welcomed = this.seen.open;
    this.line = null;
    this.trial?.close();
    clearTimeout(this.timers.welcome);
    clearTimeout(this.timers.try);
    if (welcomed) this.seen.lostAt = Date.now();
    this.seen.open = this.ready = false;
    this.seen.askedAt = null;
    const what = afterClose(code);
    if (what === "renew" && this.where.token) this.#tokenOver(this.where.token);
    else if (what === "renew") void this.#renew().then(() => this.#later(true));
    else if (what === "again") {
      const next = after(this.seen.way, welcomed);
      this.seen.way = next.way;
      this.#later(next.wait);
    } else this.#signOut(what === "superseded" ? "superseded" : "sign-in");
    this.#tell();
  }

  /** @param {boolean} wait whether there is something to wait for */
  #later(wait) {
    clearTimeout(this.timers.connect);
    if (this.stopped || this.seen.signedOut) return;
    this.timers.connect = setTimeout(() => this.#connect(), wait ? delay(this.failures++) : 0);
  }

  /** Something changed for the better: do not wait. */
  #hurry() {
    if (this.line) return this.#try();
    this.failures = 0;
    this.seen.way = "socket";
    clearTimeout(this.timers.connect);
    this.#connect();
  }

  #tryLater() {
    clearTimeout(this.timers.try);
    this.timers.try = setTimeout(() => this.#try(), tryAfter(this.tries++));
  }

  /** Whether sockets work again: the lesser line goes on until one is welcome. */
  #try() {
    if (this.seen.way === "socket" || !this.seen.open || this.trial) return;
    const trial = (this.trial = this.#made("socket"));
    const patience = setTimeout(() => trial.close(), WELCOME_MS);
    trial.addEventListener("closed", () => {
      clearTimeout(patience);
      if (this.trial !== trial) return;
      this.trial = null;
      if (this.seen.open) this.#tryLater();
    });
    trial.addEventListener(
      "frame",
      (event) => {
        clearTimeout(patience);
        const { line } = this;
        this.trial = null;
        this.seen.way = "socket";
        this.seen.open = false;
        this.#listen(trial);
        line?.close();
        this.#take(/** @type {CustomEvent<Frame>} */ (event).detail);
      },
      { once: true },
    );
    trial.open();
  }

  #seenByPerson() {
    if (!document.hidden) this.#hurry();
    if (this.ready) this.line?.look(document.hidden);
  }

  /** Asked for once more; without a new one this person is signed out until one comes. @param {string} token */
  #tokenOver(token) {
    this.dispatchEvent(new CustomEvent("token-wanted"));
    if (this.where.token === token) this.#signOut("sign-in");
    else this.#later(true);
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
    const same = link.state === this.link.state && link.way === this.link.way;
    this.link = link;
    if (!same) this.dispatchEvent(new CustomEvent("link", { detail: link }));
  }
}
