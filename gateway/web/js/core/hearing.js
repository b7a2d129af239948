/** @import {Frame, Line} from "./types.js" */
/** @import {Cursors} from "./cursors.js" */

/**
 * What one line is asked for on behalf of several tabs, of which each has to begin with a snapshot or with its own
 * cursor. To ask for a channel once more cuts off what the gateway is just telling again of it, which the other tabs
 * would then miss: so that waits until all of it was told (a `beat` or `pong` with a cursor; who `waits` is pinged for).
 */
export class Hearing {
  /** @param {Cursors} cursors of this line */
  constructor(cursors) {
    this.cursors = cursors;
    /** The line once it takes subscriptions. @type {Line|null} */
    this.line = null;
    /** What the line was asked for. @type {Set<string>} */
    this.heard = new Set();
    /** Channels that are told again from a cursor, and whether that has begun. @type {Map<string, boolean>} */
    this.retold = new Map();
    /** Somebody waits for a snapshot of these, and whether it was asked for. @type {Map<string, boolean>} */
    this.fresh = new Map();
    /** Tabs are behind on these: from where to tell them again, one after the other. @type {Map<string, Set<string>>} */
    this.late = new Map();
    /** From where the line was asked for it and has not begun yet. @type {Map<string, string>} */
    this.asked = new Map();
  }

  /** A new line: go on with everything where it was. @param {Line} line @param {Iterable<string>} channels */
  begin(line, channels) {
    this.end();
    this.line = line;
    for (const channel of channels) this.#ask(channel, this.cursors.of(channel));
  }

  end() {
    this.line = null;
    this.heard.clear();
    this.retold.clear();
    for (const [channel, cursor] of this.asked) this.#behind(channel, cursor);
    this.asked.clear();
    for (const channel of this.fresh.keys()) this.fresh.set(channel, false);
  }

  /** A tab wants this. @param {string} channel @param {string|undefined} cursor none: nothing is known of it */
  want(channel, cursor) {
    const known = this.cursors.of(channel);
    if (cursor && !known) this.cursors.saw(channel, cursor);
    else if (cursor && cursor !== known) this.#behind(channel, cursor);
    if (!cursor) this.fresh.set(channel, this.fresh.get(channel) ?? false);
    if (this.line && !this.heard.has(channel)) this.#ask(channel, cursor);
    else this.#again();
  }

  /** Whether who is there misses nothing: all that comes from now on is told to everybody.
   * @param {string} channel @param {string|undefined} cursor @returns {boolean} */
  even(channel, cursor) {
    return this.line !== null && this.heard.has(channel) && cursor !== undefined && cursor === this.cursors.of(channel);
  }

  /** Whether a tab waits until all that is told again was told. @returns {boolean} */
  get waits() {
    return this.line !== null && (this.late.size > 0 || [...this.fresh.values()].includes(false));
  }

  /** Nobody wants it any more. @param {string} channel */
  leave(channel) {
    for (const what of [this.heard, this.retold, this.fresh, this.late, this.asked]) what.delete(channel);
    this.cursors.forget(channel);
    this.line?.unsubscribe(channel);
  }

  /** The gateway gave it not now: once more. @param {string} channel */
  retry(channel) {
    if (this.heard.has(channel)) this.#ask(channel, this.cursors.of(channel));
  }

  /** @param {Frame} frame */
  saw(frame) {
    if (frame.t === "subbed") {
      if (frame["snapshot"]) this.fresh.delete(frame["ch"]);
      if (this.retold.has(frame["ch"])) this.retold.set(frame["ch"], true);
      this.asked.delete(frame["ch"]);
    } else if ((frame.t === "beat" || frame.t === "pong") && frame["cur"]) {
      for (const [channel, begun] of this.retold) if (begun) this.retold.delete(channel);
      this.#again();
    }
  }

  #again() {
    for (const [channel, [cursor]] of this.late) if (this.#free(channel)) this.#ask(channel, cursor);
    for (const [channel, asked] of this.fresh) if (!asked && this.#free(channel)) this.#ask(channel, undefined);
  }

  /** @param {string} channel @param {string} cursor */
  #behind(channel, cursor) {
    this.late.set(channel, (this.late.get(channel) ?? new Set()).add(cursor));
  }

  /** @param {string} channel */
  #free(channel) {
    return this.heard.has(channel) && !this.retold.has(channel);
  }

  /** @param {string} channel @param {string|undefined} cursor */
  #ask(channel, cursor) {
    this.heard.add(channel);
    if (cursor) {
      this.retold.set(channel, false);
      const late = this.late.get(channel);
      if (late?.delete(cursor)) this.asked.set(channel, cursor);
      if (!late?.size) this.late.delete(channel);
    } else if (this.fresh.has(channel)) this.fresh.set(channel, true);
    this.line?.subscribe(channel, cursor);
  }
}
