/** @import {Me} from "./types.js" */
import { newId } from "./ids.js";

/** How often a tab asks whether who leads is still there, and how often in vain before it leads itself. */
export const ASK_MS = 2_000;
export const MOST_UNANSWERED = 3;

/**
 * The tabs of one person in one browser: one of them leads, by a lock that the browser passes on when the tab is gone.
 * A frozen tab keeps its lock: it is taken away from who does not answer. Of two that both think that they lead, the later does.
 * Says `led` when this tab begins or ceases to lead, and `said` (detail: {k, from, term, ...}) what other tabs say.
 */
export class Tabs extends EventTarget {
  /** @param {string} name the same for tabs that may share a line, and only for them */
  constructor(name) {
    super();
    this.name = `concierge ${name}`;
    this.id = newId();
    this.leads = false;
    /** When the newest leader began, by its clock: what an older one still says counts for nothing. */
    this.term = 0;
    this.unanswered = 0;
    /** @type {BroadcastChannel|null} */
    this.channel = null;
    /** Which request for the lock counts. */
    this.turn = new AbortController();
    /** @type {(() => void)|undefined} */
    this.release = undefined;
    /** @type {ReturnType<typeof setInterval>|undefined} */
    this.asks = undefined;
  }

  /** Whether this browser can. @returns {boolean} */
  static can() {
    return Boolean(globalThis.navigator?.locks) && "BroadcastChannel" in globalThis;
  }

  join() {
    if (this.channel) return;
    this.channel = new BroadcastChannel(this.name);
    this.channel.onmessage = (event) => this.#heard(event.data);
    this.asks = setInterval(() => this.#ask(), ASK_MS);
    this.say("hi", { hidden: document.hidden });
    void this.#stand({});
  }

  /** No more one of them; another may lead. */
  leave() {
    this.say("bye");
    clearInterval(this.asks);
    this.channel?.close();
    this.channel = null;
    this.#step(false);
    this.turn.abort();
  }

  /** @param {string} k what it is about @param {Record<string, any>} [more] */
  say(k, more) {
    this.channel?.postMessage({ k, from: this.id, term: this.term, ...more });
  }

  /** @param {any} said */
  #heard(said) {
    if (said.k === "lead") {
      if (said.term < this.term) return;
      this.term = said.term;
      this.unanswered = 0;
      if (this.leads) {
        this.#step(false);
        void this.#stand({});
      }
    }
    this.dispatchEvent(new CustomEvent("said", { detail: said }));
  }

  #ask() {
    if (this.leads) return;
    if (this.unanswered++ >= MOST_UNANSWERED) {
      this.unanswered = 0;
      void this.#stand({ steal: true });
    } else this.say("hi", { hidden: document.hidden });
  }

  /** Be the next to lead, or at once. @param {LockOptions} how */
  async #stand(how) {
    this.turn.abort();
    const turn = (this.turn = new AbortController());
    try {
      await navigator.locks.request(this.name, how.steal ? how : { signal: turn.signal }, () => this.#lead(turn));
    } catch {
      // The lock was taken away, or never to be had here: then there is nobody to share with.
      if (this.turn !== turn || turn.signal.aborted) return;
      const had = this.leads;
      this.#step(false);
      if (had) return void this.#stand({});
      this.channel?.close();
      this.channel = null;
      this.#step(true);
    }
  }

  /** @param {AbortController} turn @returns {Promise<void>|undefined} as long as this tab leads */
  #lead(turn) {
    if (this.turn !== turn || !this.channel) return;
    this.term = Math.max(Date.now(), this.term + 1);
    const led = new Promise((/** @type {(value: void) => void} */ go) => (this.release = go));
    this.#step(true);
    return led;
  }

  /** @param {boolean} leads */
  #step(leads) {
    if (!leads) this.release?.();
    if (this.leads === leads) return;
    this.leads = leads;
    this.dispatchEvent(new Event("led"));
  }
}

/** Who may share a line: one person at one gateway who hears the same and is known by the same means. @param {string} address
 * @param {Me} me @param {string} token "" for the cookie @returns {string} */
export function sharedBy(address, me, token) {
  const { property_id, user_id, role, room_id, reservation_id, departments, group } = me;
  return JSON.stringify([address, token ? "token" : "cookie", property_id, user_id, role, room_id, reservation_id, departments, group]);
}
