import { el } from "./dom.js";
import { Part } from "./part.js";
import { sheet } from "./sheets.js";

const LOOK = sheet(`
:host { position: fixed; z-index: 40; bottom: 20px; left: 50%; translate: -50% 0; width: min(460px, calc(100vw - 32px)); }
p { background: var(--c-ink); color: var(--c-paper); border-radius: 12px; padding: .75rem 1rem; margin-top: .5rem; box-shadow: 0 14px 40px -16px rgb(0 0 0 / .5); }
`);
const SHOWN_MS = 7_000;

/** `<word-toast>`: why something was refused, in the sentence the house gave. */
export class WordToast extends Part {
  static sheets = [LOOK];

  build() {
    this.root.innerHTML = `<div role="alert"></div>`;
    this.live.addEventListener(
      "refused",
      (event) => {
        const word = el("p", {}, /** @type {CustomEvent} */ (event).detail.message ?? "It was refused.");
        this.part$("div").append(word);
        setTimeout(() => word.remove(), SHOWN_MS);
      },
      { signal: this.away.signal },
    );
  }
}
customElements.define("word-toast", WordToast);
