/** @import {Entity, Keep, Pending} from "./types.js" */
import { madeAt, newId } from "./ids.js";

/** More than this unsent means something is wrong; the page says so rather than hoard. */
export const MOST_PENDING = 200;
/** What must not wait behind anything; but a call for help of an earlier page is history. */
const URGENT = "alerts.raise_emergency";
const URGENT_FOR_MS = 600_000;

/**
 * What this person wants and the log does not have yet, kept over reloads: the same id is sent again until it
 * is acked or refused, and the log makes one effect of it. Each under a key of its own, so that two tabs of
 * one person do not overwrite each other. Says `change`.
 */
export class Outbox extends EventTarget {
  /** @param {Keep} keep @param {string} owner the user: another person's words are never sent as mine */
  constructor(keep, owner) {
    super();
    this.keep = keep;
    this.prefix = `concierge.outbox.${owner}/`;
    // A page's own: two tabs that counted on under one name would make one message of two.
    this.device = newId();
    this.seq = 0;
    /** @type {Pending[]} */
    this.waiting = this.#kept();
  }

  /** @returns {readonly Pending[]} oldest first, emergencies before all */
  get pending() {
    const urgent = this.waiting.filter((one) => one.cmd === URGENT);
    return urgent.length ? [...urgent, ...this.waiting.filter((one) => one.cmd !== URGENT)] : this.waiting;
  }

  /** @param {string} cmd @param {Entity} d @param {string} [id] @returns {Pending} */
  add(cmd, d, id = newId()) {
    if (this.waiting.length >= MOST_PENDING && cmd !== URGENT) throw new Error("Too much is waiting to be sent.");
    // A chat's id derives from (user, device, sequence); an agent's command is its id alone.
    const body = cmd.startsWith("chat.") ? { ...d, device: this.device, seq: ++this.seq } : d;
    const one = { id, cmd, d: body };
    this.waiting = [...this.waiting, one];
    try {
      this.keep.setItem(this.prefix + id, JSON.stringify(one));
    } catch {
      // Storage is full or forbidden: then it lives as long as the page.
    }
    this.dispatchEvent(new Event("change"));
    return one;
  }

  /** Acked or refused: either way it is over. @param {string} id @returns {boolean} whether it waited here */
  done(id) {
    const before = this.waiting.length;
    this.waiting = this.waiting.filter((one) => one.id !== id);
    this.keep.removeItem(this.prefix + id);
    if (this.waiting.length === before) return false;
    this.dispatchEvent(new Event("change"));
    return true;
  }

  /** Forget all of it: the person signed out. */
  clear() {
    for (const one of this.#kept()) this.keep.removeItem(this.prefix + one.id);
    this.waiting = [];
    this.dispatchEvent(new Event("change"));
  }

  /** @returns {Pending[]} what an earlier page left; ids are ordered by time */
  #kept() {
    const keys = Array.from({ length: this.keep.length }, (_, n) => this.keep.key(n) ?? "");
    /** @type {Pending[]} */
    const found = [];
    for (const key of keys.filter((one) => one.startsWith(this.prefix))) {
      try {
        const one = JSON.parse(this.keep.getItem(key) ?? "");
        if (one.cmd === URGENT && Date.now() - madeAt(one.id) > URGENT_FOR_MS) this.keep.removeItem(key);
        else if (typeof one.id === "string" && typeof one.cmd === "string" && one.d) found.push(one);
      } catch {
        this.keep.removeItem(key);
      }
    }
    return found.sort((a, b) => (a.id < b.id ? -1 : 1));
  }
}
