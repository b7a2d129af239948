/** @import {Entity, Frame, Pending} from "./types.js" */
/** @import {Tabs} from "./tabs.js" */

/**
 * The line of a tab that does not lead: the leader's. `welcome` says that there is one who takes subscriptions, the frame
 * `shared` (open, way, n, since) how it is with the line itself. Which channels' frames concern this tab, it knows.
 */
export class SharedLine extends EventTarget {
  /** @param {Tabs} tabs */
  constructor(tabs) {
    super();
    this.tabs = tabs;
    /** Who leads. */
    this.leader = "";
    /** Which of the leader's lines it is. */
    this.n = 0;
    this.over = new AbortController();
  }

  open() {
    const { signal } = this.over;
    this.tabs.addEventListener("said", (event) => this.#take(/** @type {CustomEvent} */ (event).detail), { signal });
    this.tabs.say("hi", { hidden: document.hidden });
  }

  /** @param {string} channel @param {string|undefined} cursor */
  subscribe(channel, cursor) {
    this.tabs.say("sub", { channel, cursor });
  }

  /** @param {string} channel */
  unsubscribe(channel) {
    this.tabs.say("unsub", { channel });
  }

  /** @param {Pending} one */
  publish(one) {
    this.tabs.say("pub", { one, n: this.n });
  }

  /** @param {string} cmd @param {Entity} d */
  whisper(cmd, d) {
    this.tabs.say("whisper", { cmd, d });
  }

  /** The leader's page is asked for its own. */
  auth() {}

  /** @param {boolean} hidden */
  look(hidden) {
    this.tabs.say("look", { hidden });
  }

  /** Who leads is asked by `Tabs`, and looks at the line itself. */
  check() {}

  close() {
    if (this.over.signal.aborted) return;
    this.over.abort();
    this.dispatchEvent(new CustomEvent("closed", { detail: 1006 }));
  }

  /** @param {any} said */
  #take(said) {
    if (said.k === "lead") {
      // Another leader, or one that does not know this tab any more: tell it what is wanted here.
      const known = said.from === this.leader && said.stranger !== this.tabs.id;
      this.leader = said.from;
      this.n = said.line.n;
      if (!known) this.look(document.hidden);
      if (!known) this.#say({ t: "welcome" });
      this.#say({ t: "shared", ...said.line });
    } else if (said.k === "frame" && said.from === this.leader) this.#say(said.frame);
  }

  /** @param {Frame} frame */
  #say(frame) {
    this.dispatchEvent(new CustomEvent("frame", { detail: frame }));
  }
}
