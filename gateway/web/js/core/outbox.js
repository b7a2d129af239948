/** @import {Entity, Keep, Pending} from "./types.js" */
import { newId } from "./ids.js";

/** More than this unsent means something is wrong; the page says so rather than hoard. */
export const MOST_PENDING = 200;

/**
 * What this device wants and has no ack for yet. Kept over reloads; the same id is sent again until it is
 * acked or refused, and the log makes one effect of it.
 */
export class Outbox {
  /** @param {Keep} keep @param {string} owner the user: another person's words are never sent as mine */
  constructor(keep, owner) {
    this.keep = keep;
    this.key = `concierge.outbox.${owner}`;
    /** @type {{device: string, seq: number, pending: Pending[]}} */
    this.state = { device: newId(), seq: 0, pending: [] };
    try {
      const found = JSON.parse(keep.getItem(this.key) ?? "null");
      if (found && typeof found.device === "string" && Array.isArray(found.pending)) this.state = found;
    } catch {
      keep.removeItem(this.key);
    }
  }

  /** @returns {readonly Pending[]} oldest first */
  get pending() {
    return this.state.pending;
  }

  /** @param {string} cmd @param {Entity} d @param {string} [id] @returns {Pending} */
  add(cmd, d, id = newId()) {
    if (this.state.pending.length >= MOST_PENDING) throw new Error("Too much is waiting to be sent.");
    const device = this.state.device;
    const seq = ++this.state.seq;
    // A chat's id derives from (user, device, sequence); an agent's command is its id alone.
    const one = { id, cmd, d: cmd.startsWith("chat.") ? { ...d, device, seq } : d };
    this.state.pending.push(one);
    this.#save();
    return one;
  }

  /** Acked or refused: either way it is over. @param {string} id @returns {boolean} whether it waited here */
  done(id) {
    const before = this.state.pending.length;
    this.state.pending = this.state.pending.filter((one) => one.id !== id);
    this.#save();
    return this.state.pending.length < before;
  }

  /** Forget all of it: the person signed out. */
  clear() {
    this.state.pending = [];
    this.keep.removeItem(this.key);
  }

  #save() {
    this.keep.setItem(this.key, JSON.stringify(this.state));
  }
}
