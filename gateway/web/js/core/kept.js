/** @import {Heard, Places} from "./types.js" */
/** @import {Known, Store} from "./store.js" */
import { opened } from "./vault.js";

const NAME = "concierge known";
/** Another form of what is kept has another number: an older one is dropped when opened, a newer one is not touched. */
const FORM = 1;
const STORE = "kept";
/** At most one write in this time, however many events come. 300 rooms, 200 requests and 1,000 messages are 415,000
 * characters, made in 0.7 ms (median of 200). */
export const EVERY_MS = 2_000;
/** Older than a shift, it is no help to anybody. */
export const MOST_AGE_MS = 12 * 3_600_000;
/** Characters of JSON; more is not kept: first the messages go, then all of it. */
export const MOST_CHARS = 1_000_000;

/** @typedef {{owner: string, at: number, about: any, text: string}} Page `at`: ms; `text`: of {known, places}, "" for nothing yet */

/**
 * What a page knows, together with the cursors it is as of: one record of one place (a gateway and a way to sign in),
 * written whole in one transaction, so that they never disagree. It is of one owner: who comes after takes the
 * place with `recall`, and what an earlier owner's page, or one that signed out, still writes is not taken. No method throws.
 */
export class Kept {
  /**
   * @param {Store} store what is kept, and filled by `recall`
   * @param {string} place the same for all who may sign in here @param {string} owner the person, with their rights
   * @param {any} [about] what a page without a connection has to know of them
   * @param {() => IDBFactory|undefined} [idb]
   */
  constructor(store, place, owner, about = null, idb = () => globalThis.indexedDB) {
    this.store = store;
    this.place = place;
    this.owner = owner;
    this.about = about;
    this.opened = opened(idb, NAME, FORM);
    /** The cursors, from who has them; null: nothing new, or another tab writes. @type {() => Heard|null} */
    this.places = () => null;
    /** Nothing is kept before the place was taken, nor once it was wiped. */
    this.mine = false;
    this.recalled = false;
    /** @type {ReturnType<typeof setTimeout>|undefined} */
    this.timer = undefined;
    store.addEventListener("change", () => this.later());
  }

  /** Who had this place last. @param {string} place @param {() => IDBFactory|undefined} [idb] @returns {Promise<Page|null>} */
  static async last(place, idb = () => globalThis.indexedDB) {
    const record = await turn(opened(idb, NAME, FORM), place, "readonly", () => undefined);
    return record && isFresh(record) ? record : null;
  }

  /** Take the place; what its owner knew before is in the store again. @returns {Promise<{at: number, places: Places}|null>} null: nothing */
  async recall() {
    const { owner, about } = this;
    const had = await turn(this.opened, this.place, "readwrite", (record) =>
      record?.owner === owner && isFresh(record) ? { ...record, about } : { owner, at: Date.now(), about, text: "" },
    );
    this.mine = true;
    if (had?.owner !== owner || !had.text || !isFresh(had)) return null;
    const { known, places } = JSON.parse(had.text);
    this.store.restore(known);
    this.recalled = true;
    return { at: had.at, places };
  }

  /** What was recalled is of no use any more. */
  reset() {
    if (this.recalled) this.store.clear();
    this.recalled = false;
  }

  /** Something is new. */
  later() {
    if (this.mine) this.timer ??= setTimeout(() => void this.save(), EVERY_MS);
  }

  /** Now, where something is new. @returns {Promise<unknown>} */
  flush() {
    return this.timer === undefined ? Promise.resolve() : this.save();
  }

  /** @returns {Promise<unknown>} */
  async save() {
    clearTimeout(this.timer);
    this.timer = undefined;
    const places = this.mine ? this.places() : null;
    if (!places) return;
    const { owner, about } = this;
    const { at, ...cursors } = places;
    const record = { owner, at, about, text: textOf(this.store.dump(), cursors) };
    return turn(this.opened, this.place, "readwrite", (had) => (had?.owner === owner ? record : undefined));
  }

  /** What is new is written; nothing more. */
  stop() {
    void this.flush();
    this.mine = false;
  }

  /** Forget all of it, and keep nothing more. @returns {Promise<unknown>} */
  wipe() {
    this.mine = false;
    clearTimeout(this.timer);
    this.timer = undefined;
    return turn(this.opened, this.place, "readwrite", (had) => (had?.owner === this.owner ? null : undefined));
  }

  /** Whoever it was: nobody is signed in here. @param {string} place @param {() => IDBFactory|undefined} [idb] @returns {Promise<unknown>} */
  static wipe(place, idb = () => globalThis.indexedDB) {
    return turn(opened(idb, NAME, FORM), place, "readwrite", () => null);
  }
}

/** What is written; a thread with anything sensitive in it is left out, and its cursor, so that it comes anew.
 * @param {Known} known @param {Places} places @returns {string} "" where it is too much */
export function textOf(known, places) {
  const all = [...(known.kinds.messages ?? []), ...(known.kinds.threads ?? [])];
  const sealed = new Set(all.filter((one) => one["sensitive"]).map((one) => one["thread_id"]));
  const text = JSON.stringify(without((id) => sealed.has(id), known, places));
  if (text.length <= MOST_CHARS) return text;
  const less = JSON.stringify(without(() => true, known, places));
  return less.length <= MOST_CHARS ? less : "";
}

/** @param {(threadId: string) => boolean} drops @param {Known} known @param {Places} places */
function without(drops, known, places) {
  const { messages = [], threads = [] } = known.kinds;
  const kinds = {
    ...known.kinds,
    messages: messages.filter((one) => !drops(one["thread_id"])),
    threads: threads.filter((one) => !one["sensitive"]),
  };
  const by = places.by.filter(([channel]) => !channel.startsWith("thread:") || !drops(channel.slice("thread:".length)));
  return { known: { ...known, kinds }, places: { ...places, by } };
}

/** @param {Page} record @returns {boolean} */
function isFresh({ at }) {
  return Date.now() - at < MOST_AGE_MS && at <= Date.now();
}

/**
 * One transaction: what was there, and in its stead what `then` says (null: nothing, undefined: the same).
 * @param {Promise<IDBDatabase|null>} opening @param {string} place @param {IDBTransactionMode} mode
 * @param {(had: Page|undefined) => Page|null|undefined} then @returns {Promise<Page|null>} what was there
 */
async function turn(opening, place, mode, then) {
  const db = await opening;
  if (!db) return null;
  try {
    const running = db.transaction(STORE, mode);
    const kept = running.objectStore(STORE);
    const asked = kept.get(place);
    asked.onsuccess = () => {
      const next = then(asked.result);
      if (next) kept.put(next, place);
      else if (next === null) kept.delete(place);
    };
    return await new Promise((resolve) => {
      running.oncomplete = () => resolve(asked.result ?? null);
      running.onabort = () => resolve(null);
    });
  } catch {
    return null;
  }
}
