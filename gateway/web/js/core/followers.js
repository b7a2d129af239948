/** @import {Frame, Line} from "./types.js" */
/** @import {Hearing} from "./hearing.js" */

/** A tab not heard of for this long is gone, or will say again what it wants: hidden ones speak once a minute. */
export const GONE_MS = 200_000;

/** What all tabs hear. A session that ends is renewed once; of tokens each page has its own. @param {Frame} frame
 * @param {string|undefined} token @returns {boolean} */
export function forAll({ t }, token) {
  return ["subbed", "ev", "stale", "beat", "ack", "nack"].includes(t) || (t === "auth_expiring" && Boolean(token));
}

/** On the side of who leads: what the other tabs want of the line. */
export class Followers {
  /** @param {Hearing} hearing */
  constructor(hearing) {
    this.hearing = hearing;
    /** By tab; times in ms. @type {Map<string, {hidden: boolean, heardAt: number, channels: Set<string>}>} */
    this.tabs = new Map();
  }

  /** Whether nobody looks at any of them. @returns {boolean} */
  get hidden() {
    return [...this.tabs.values()].every((one) => one.hidden);
  }

  /** @returns {Set<string>} all that they want */
  get channels() {
    return new Set([...this.tabs.values()].flatMap((one) => [...one.channels]));
  }

  /**
   * What a tab said. @param {any} said @param {Line|null} line if it takes commands @param {number} now ms
   * @returns {boolean} whether this tab was a stranger
   */
  take(said, line, now) {
    const { k, from, channel } = said;
    if (k === "bye") return !this.tabs.delete(from);
    let tab = this.tabs.get(from);
    const stranger = !tab;
    if (!tab) this.tabs.set(from, (tab = { hidden: false, heardAt: now, channels: new Set() }));
    tab.heardAt = now;
    if (k === "hi" || k === "look") tab.hidden = said.hidden;
    else if (k === "sub") {
      tab.channels.add(channel);
      this.hearing.want(channel, said.cursor);
    } else if (k === "unsub") tab.channels.delete(channel);
    else if (k === "pub") line?.publish(said.one);
    else if (k === "whisper") line?.whisper(said.cmd, said.d);
    return stranger;
  }

  /** Forget who is gone. @param {number} now ms */
  sweep(now) {
    for (const [id, tab] of this.tabs) if (now - tab.heardAt > GONE_MS) this.tabs.delete(id);
  }
}
