/** @import {Kind} from "../core/store.js" */
/** @import {Entity} from "../core/types.js" */
import { about, standing } from "../core/system.js";
import { el, keyed, write } from "./dom.js";
import { Part } from "./part.js";
import { sheet } from "./sheets.js";
import { clock, title } from "./words.js";

const LOOK = sheet(`
:host(.none) { display: none; }
ul { display: grid; gap: .5rem; }
li { border-radius: var(--c-round); padding: .7rem 1.1rem; display: flex; gap: .9rem; align-items: center; flex-wrap: wrap; background: var(--c-warm-soft); }
li > div { flex: 1 1 260px; min-width: 0; overflow-wrap: anywhere; }
h2 { font: 600 .95rem/1.35 var(--c-font); }
`);
const CHECK_MS = 60_000;
const MOST = 8;
const PUT = "concierge.system-put-away";

/** @type {Record<string, string>} */
const WHAT = {
  part_died: "A part ended by itself",
  lag: "Falling behind",
  dead_letters: "Records that cannot be read",
  push_refused: "Push is refused",
  restated: "Closed dates change",
  audit: "Not heard as it was said",
  stalled: "No progress",
};

/** `<system-banner>`: to admins, what watchdogs say, until it is over or put away. */
export class SystemBanner extends Part {
  static sheets = [LOOK];
  static kinds = /** @type {Kind[]} */ (["system"]);

  build() {
    this.root.innerHTML = `<div aria-live="polite"><ul aria-label="System alerts"></ul></div>`;
    /** @type {Set<string>} */
    this.put = new Set(JSON.parse(localStorage.getItem(PUT) ?? "[]"));
    const timer = setInterval(() => this.soon(), CHECK_MS);
    this.away.signal.addEventListener("abort", () => clearInterval(timer));
  }

  show() {
    const told = this.live.who.role === "admin" ? standing(this.live.store.list("system"), Date.now()) : [];
    const left = told.filter((one) => !this.put?.has(one["event_id"])).slice(0, MOST);
    keyed(this.part$("ul"), left, about, () => this.#make(), (li, one) => this.#now(li, one));
    this.classList.toggle("none", left.length === 0);
  }

  #make() {
    return el("li", {}, el("div", {}, el("h2"), el("p", { class: "small" })), el("button", {}, "Got it"));
  }

  /** @param {HTMLElement} li @param {Entity} one */
  #now(li, one) {
    const what = WHAT[one["kind"]] ?? title(one["kind"]);
    write(li.querySelector("h2"), `${what}: ${one["part"]}`);
    write(li.querySelector("p"), `${clock(one["at"])} · ${one["sentence"]}`);
    const button = /** @type {HTMLButtonElement} */ (li.querySelector("button"));
    button.setAttribute("aria-label", `Got it: ${what}, ${one["part"]}`);
    button.onclick = () => {
      this.put?.add(one["event_id"]);
      localStorage.setItem(PUT, JSON.stringify([...(this.put ?? [])].slice(-50)));
      this.show();
    };
  }
}
customElements.define("system-banner", SystemBanner);
