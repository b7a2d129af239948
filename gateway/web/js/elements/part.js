/** @import {WebsocketProvider} from "./websocket-provider.js" */
/** @import {Kind} from "../core/store.js" */
import { dress, shared } from "./sheets.js";

export const ASK = "concierge-ask";

/**
 * Base of all elements: a shadow tree, the shared sheet, and the nearest provider above it, found by an
 * event that crosses shadow borders. `show` runs when it is there and whenever one of `kinds` changed.
 */
export class Part extends HTMLElement {
  /** @type {CSSStyleSheet[]} */
  static sheets = [];
  /** @type {Kind[]} */
  static kinds = [];
  /** Whether it shows what is a person's own in a hotel: nothing, to who is of the whole group. */
  static personal = false;
  /** What of `link`s this element shows: `request` for `request:id`. */
  static about = "";

  constructor() {
    super();
    const made = /** @type {typeof Part} */ (this.constructor);
    dress();
    this.root = this.attachShadow({ mode: "open" });
    this.root.adoptedStyleSheets = [shared, ...made.sheets];
    this.away = new AbortController();
    this.waiting = false;
    /** The key of what the person wants to see, until it is there. */
    this.wantedKey = "";
    /** @type {WebsocketProvider|null} */
    this.found = null;
  }

  /** The provider. Throws before one was found: only `build` and `show` and what they start may ask. */
  get live() {
    if (!this.found) throw new Error(`<${this.localName}> must be inside a <websocket-provider>.`);
    return this.found;
  }

  connectedCallback() {
    const away = (this.away = new AbortController());
    const ask = new CustomEvent(ASK, { bubbles: true, composed: true, detail: (/** @type {WebsocketProvider} */ p) => this.#start(p) });
    // Modules come in any order: a provider that is not one yet would not hear.
    void customElements.whenDefined("websocket-provider").then(() => away.signal.aborted || this.dispatchEvent(ask));
  }

  disconnectedCallback() {
    this.away.abort();
  }

  /** Make the shadow tree, once. */
  build() {}

  /** Bring the shadow tree up to what is known. */
  show() {}

  /** @param {string} selector @returns {HTMLElement} of the shadow tree; it must be there */
  part$(selector) {
    const found = this.root.querySelector(selector);
    if (!(found instanceof HTMLElement)) throw new Error(`${this.localName}: no ${selector}`);
    return found;
  }

  /** What the log has may still be refused by the house: then `heard` gets the reason, in its words.
   * @param {() => string} id of the command that it is about, "" for none @param {(why: string) => void} heard */
  onRefused(id, heard) {
    const listen = (/** @type {Event} */ event) => {
      const told = /** @type {CustomEvent<{id?: string, message?: string}>} */ (event).detail;
      if (told.id && told.id === id()) heard(told.message ?? "It was refused.");
    };
    this.live.addEventListener("refused", listen, { signal: this.away.signal });
  }

  /** Show soon, once for however many changes there are. */
  soon() {
    if (this.waiting) return;
    this.waiting = true;
    // Not requestAnimationFrame: a hidden tab must be right too, screen readers and tests read it.
    setTimeout(() => {
      this.waiting = false;
      if (this.isConnected && this.found) {
        this.show();
        this.#look();
      }
    }, 16);
  }

  /** @param {WebsocketProvider} provider */
  #start(provider) {
    const first = !this.found;
    this.found = provider;
    const made = /** @type {typeof Part} */ (this.constructor);
    if (made.personal && provider.who.group) {
      this.hidden = true;
      return;
    }
    provider.store.addEventListener(
      "change",
      (event) => {
        if (made.kinds.includes(/** @type {CustomEvent<Kind>} */ (event).detail)) this.soon();
      },
      { signal: this.away.signal },
    );
    if (made.about) {
      const look = (/** @type {Event} */ event) => {
        const [kind, key = ""] = /** @type {CustomEvent<string>} */ (event).detail.split(":");
        if (kind !== made.about) return;
        this.wantedKey = key;
        this.#look();
      };
      provider.addEventListener("look", look, { signal: this.away.signal });
    }
    if (first) this.build();
    this.show();
  }

  /** Bring what is wanted into view, as soon as it is there. */
  #look() {
    const found = this.wantedKey && /** @type {HTMLElement|null} */ (this.root.querySelector(`[data-key="${CSS.escape(this.wantedKey)}"]`));
    if (!found) return;
    this.wantedKey = "";
    found.tabIndex = -1;
    found.focus({ preventScroll: true });
    found.scrollIntoView({ block: "center" });
    found.classList.add("looked");
    found.addEventListener("blur", () => found.classList.remove("looked"), { once: true });
  }
}
