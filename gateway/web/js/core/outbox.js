/** @import {Entity, Keep, Pending} from "./types.js" */
import { madeAt, newId } from "./ids.js";

/** More than this unsent means something is wrong; the page says so rather than hoard. */
export const MOST_PENDING = 200;
/** What must not wait behind anything; but a call for help of an earlier page is history. */
const URGENT = "alerts.raise_emergency";
const URGENT_FOR_MS = 600_000;

/** @param {Pending} one @returns {boolean} */
export function isUrgent(one) {
  return one.cmd === URGENT;
}

/**
 * What this person wants and the log does not have yet, kept over reloads: the same id is sent again until it
 * is acked or refused, and the log makes one effect of it. Each is kept by itself, so that two tabs of one person do
 * not overwrite each other. Says `change`.
 */
export class Outbox extends EventTarget {
  /** @param {Keep} keep @param {string} owner the user: another person's words are never sent as mine */
  constructor(keep, owner) {
    super();
    this.keep = keep;
    this.owner = owner;
    // A page's own: two tabs that counted on under one name would make one message of two.
    this.device = newId();
    this.seq = 0;
    /** @type {Pending[]} */
    this.waiting = [];
    /** Sent, and not answered yet. @type {Set<string>} */
    this.underWay = new Set();
    /** Over since the reading that is under way began: it may still find them. @type {Set<string>} */
    this.over = new Set();
    /** @type {Promise<void>|null} */
    this.loading = null;
  }

  /** Take up what an earlier page, or a tab that is gone, left. @returns {Promise<void>} */
  load() {
    return (this.loading ??= this.#load().finally(() => (this.loading = null)));
  }

  async #load() {
    this.over.clear();
    const found = /** @type {Pending[]} */ (await this.keep.all(this.owner));
    const here = new Set(this.waiting.map((one) => one.id));
    const left = found.filter((one) => typeof one.cmd === "string" && one.d && !here.has(one.id) && !this.over.has(one.id));
    const late = left.filter((one) => isUrgent(one) && Date.now() - madeAt(one.id) > URGENT_FOR_MS);
    for (const { id } of late) void this.keep.delete(this.owner, id);
    const more = left.filter((one) => !late.includes(one));
    if (!more.length) return;
    this.waiting = [...more, ...this.waiting].sort((a, b) => madeAt(a.id) - madeAt(b.id));
    this.dispatchEvent(new Event("change"));
  }

  /** @returns {readonly Pending[]} oldest first, emergencies before all */
  get pending() {
    const urgent = this.waiting.filter(isUrgent);
    return urgent.length ? [...urgent, ...this.waiting.filter((one) => !isUrgent(one))] : this.waiting;
  }

  /**
   * What goes out now, under way from here on. One at a time: a gateway may refuse one for now and take the next, which
   * would change their order. Emergencies wait for none of the others.
   * @param {boolean} all or emergencies only @returns {Pending[]}
   */
  due(all) {
    const calm = this.waiting.filter((one) => !isUrgent(one));
    const next = all && !calm.some((one) => this.underWay.has(one.id)) ? calm.slice(0, 1) : [];
    const due = [...this.waiting.filter(isUrgent), ...next].filter((one) => !this.underWay.has(one.id));
    for (const { id } of due) this.underWay.add(id);
    return due;
  }

  /** Nothing is under way any more: the line is another one, or the wait is over. */
  again() {
    this.underWay.clear();
  }

  /** @param {string} cmd @param {Entity} d @param {string} [id] @returns {Pending} */
  add(cmd, d, id = newId()) {
    if (this.waiting.length >= MOST_PENDING && cmd !== URGENT) throw new Error("Too much is waiting to be sent.");
    // A chat's id derives from (user, device, sequence); an agent's command is its id alone.
    const body = cmd.startsWith("chat.") ? { ...d, device: this.device, seq: ++this.seq } : d;
    const one = { id, cmd, d: body };
    this.waiting = [...this.waiting, one];
    void this.keep.put(this.owner, one);
    this.dispatchEvent(new Event("change"));
    return one;
  }

  /** Acked or refused: either way it is over. @param {string} id @returns {boolean} whether it waited here */
  done(id) {
    if (this.loading) this.over.add(id);
    this.underWay.delete(id);
    void this.keep.delete(this.owner, id);
    const before = this.waiting.length;
    this.waiting = this.waiting.filter((one) => one.id !== id);
    if (this.waiting.length === before) return false;
    this.dispatchEvent(new Event("change"));
    return true;
  }

  /** Forget all of it: the person signed out. */
  clear() {
    if (this.loading) for (const { id } of this.waiting) this.over.add(id);
    this.waiting = [];
    this.again();
    this.dispatchEvent(new Event("change"));
    return this.keep.clear(this.owner);
  }
}
