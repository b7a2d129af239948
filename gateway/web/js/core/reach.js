/** @import {Frame, Heard, Line, Seen, Way, Where} from "./types.js" */
/** @import {Kept} from "./kept.js" */
/** @import {Tabs} from "./tabs.js" */
import { Api } from "./api.js";
import { delay } from "./backoff.js";
import { Cursors } from "./cursors.js";
import { WELCOME_MS } from "./ladder.js";
import { PollLine } from "./poll-line.js";
import { SharedLine } from "./shared-line.js";
import { SocketLine } from "./socket-line.js";
import { StreamLine } from "./stream-line.js";
import { Trial } from "./trial.js";

/**
 * One line to the house at a time, by the way that is on: the leader's, where another tab leads. Subclasses say what its
 * frames mean and what follows when it was lost.
 */
export class Reach extends EventTarget {
  /** @param {Api} api @param {Where} where @param {Tabs|null} tabs with whom to share the line
   * @param {Kept|null} kept where what is known outlives the page */
  constructor(api, where, tabs, kept) {
    super();
    this.api = api;
    this.where = where;
    this.tabs = tabs;
    this.cursors = new Cursors();
    /** @type {Set<string>} */
    this.channels = new Set();
    /** Of these the content is here. @type {Set<string>} */
    this.holds = new Set();
    this.kept = kept;
    if (kept) kept.places = () => this.#places();
    /** @type {Line|null} */
    this.line = null;
    this.trial = new Trial(() => this.made("socket"), (line, frame) => this.#won(line, frame));
    /** @type {Seen} */
    this.seen = { open: false, everOpen: false, signedOut: false, way: "socket", lostAt: Date.now(), heardAt: Date.now(), staleSince: null, askedAt: null, asOf: null };
    /** Whether the line takes subscriptions and commands. */
    this.ready = false;
    /** Whether what is wanted goes out at once: what waits from before goes first. */
    this.speaks = false;
    this.failures = 0;
    this.stopped = false;
    /** When to connect again, ms: a timer of a hidden page may sleep longer. */
    this.dueAt = Infinity;
    /** @type {Record<"connect"|"welcome", ReturnType<typeof setTimeout>|undefined>} */
    this.timers = { connect: undefined, welcome: undefined };
  }

  /** Whether another tab has the connection, or will have. @returns {boolean} */
  get follows() {
    return this.tabs !== null && !this.tabs.leads;
  }

  /** What is kept with the content; the tab that has the connection writes for all, and none what it has only read.
   * @returns {Heard|null} */
  #places() {
    const { asOf, staleSince, heardAt } = this.seen;
    return this.follows || asOf !== null ? null : { ...this.cursors.places(this.holds), at: staleSince ?? heardAt };
  }

  /** Before `start`: know again what an earlier page knew, and go on from there. */
  async recall() {
    const found = await this.kept?.recall();
    if (!found) return;
    this.cursors.floor = found.places.floor;
    for (const [channel, cursor] of found.places.by) {
      this.channels.add(channel);
      this.holds.add(channel);
      this.cursors.saw(channel, cursor);
    }
    this.seen.asOf = found.at;
    this.tell();
  }

  /** @param {Frame} _frame */
  take(_frame) {}

  /** @param {number} _code */
  lost(_code) {}

  /** What is so may have changed. */
  tell() {}

  connect() {
    if (this.stopped || this.seen.signedOut || this.line) return;
    const shared = this.follows && this.tabs;
    const line = shared ? new SharedLine(shared) : this.made(this.seen.way);
    this.listen(line);
    // A leader is waited for until there is one: this tab, if need be.
    if (!shared) this.timers.welcome = setTimeout(() => line.close(), WELCOME_MS);
    line.open();
    this.tell();
  }

  /** @param {Way} way @returns {Line} */
  made(way) {
    if (way === "stream") return new StreamLine(this.api, this.cursors);
    if (way === "poll") return new PollLine(this.api, this.cursors);
    return new SocketLine(this.where.address, this.where.token);
  }

  /** From now on this is the line. @param {Line} line */
  listen(line) {
    this.line = line;
    line.addEventListener("frame", (event) => {
      if (this.line === line) this.take(/** @type {CustomEvent<Frame>} */ (event).detail);
    });
    line.addEventListener("closed", (event) => {
      if (this.line === line) this.lost(/** @type {CustomEvent<number>} */ (event).detail);
    });
  }

  /** No line any more, and none to come by itself. */
  drop() {
    const { line } = this;
    this.line = null;
    this.dueAt = Infinity;
    for (const timer of Object.values(this.timers)) clearTimeout(timer);
    this.trial.stop();
    if (this.seen.open) this.seen.lostAt = Date.now();
    this.seen.open = this.ready = this.speaks = false;
    this.seen.askedAt = null;
    line?.close();
  }

  /** @param {boolean} wait whether there is something to wait for */
  later(wait) {
    clearTimeout(this.timers.connect);
    if (this.stopped || this.seen.signedOut) return;
    const pause = wait ? delay(this.failures++) : 0;
    this.dueAt = Date.now() + pause;
    this.timers.connect = setTimeout(() => this.connect(), pause);
  }

  /** Something changed for the better: do not wait. */
  hurry() {
    if (this.line) return this.seen.open && this.seen.way !== "socket" && !this.follows && this.trial.now();
    this.failures = 0;
    this.seen.way = "socket";
    clearTimeout(this.timers.connect);
    this.connect();
  }

  /** A socket is welcome where a lesser line was. @param {Line} socket @param {Frame} frame */
  #won(socket, frame) {
    const { line } = this;
    this.seen.way = "socket";
    this.seen.open = false;
    this.listen(socket);
    line?.close();
    this.take(frame);
  }
}

/** Whether a line is this person's: another one may have signed in here meanwhile, whose cookie it then speaks with.
 * @param {Frame} welcome @param {Where} where @returns {boolean} */
export function isOf({ user_id, property_id }, where) {
  return user_id === where.user_id && (property_id === "*" || property_id === where.property_id);
}
