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

  constructor() {
    super();
    const made = /** @type {typeof Part} */ (this.constructor);
    dress();
    this.root = this.attachShadow({ mode: "open" });
    this.root.adoptedStyleSheets = [shared, ...made.sheets];
    this.away = new AbortController();
    this.waiting = false;
    /** @type {WebsocketProvider|null} */
    this.found = null;
  }

  /** The provider. Throws before one was found: only `build` and `show` and what they start may ask. */
  get live() {
    if (!this.found) throw new Error(`<${this.localName}> must be inside a <websocket-provider>.`);
    return this.found;
  }

  connectedCallback() {
    this.away = new AbortController();
    const ask = new CustomEvent(ASK, { bubbles: true, composed: true, detail: (/** @type {WebsocketProvider} */ p) => this.#start(p) });
    this.dispatchEvent(ask);
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

  /** Show soon, once for however many changes there are. */
  soon() {
    if (this.waiting) return;
    this.waiting = true;
    // Not requestAnimationFrame: a hidden tab must be right too, screen readers and tests read it.
    setTimeout(() => {
      this.waiting = false;
      if (this.isConnected && this.found) this.show();
    }, 16);
  }

  /** @param {WebsocketProvider} provider */
  #start(provider) {
    const first = !this.found;
    this.found = provider;
    const made = /** @type {typeof Part} */ (this.constructor);
    provider.store.addEventListener(
      "change",
      (event) => {
        if (made.kinds.includes(/** @type {CustomEvent<Kind>} */ (event).detail)) this.soon();
      },
      { signal: this.away.signal },
    );
    if (first) this.build();
    this.show();
  }
}
