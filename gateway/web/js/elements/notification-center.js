/** @import {Kind} from "../core/store.js" */
/** @import {Entity} from "../core/types.js" */
import { allOf, newest } from "../core/bell.js";
import { el, keyed, set, write } from "./dom.js";
import "./notification-preferences.js";
import { Part } from "./part.js";
import { sheet } from "./sheets.js";
import { clock } from "./words.js";

const LOOK = sheet(`
:host { position: relative; display: inline-block; }
.bell { position: relative; width: 44px; height: 44px; padding: 0; display: grid; place-items: center; }
.bell svg { width: 20px; height: 20px; }
.count { position: absolute; top: -4px; right: -4px; min-width: 20px; height: 20px; border-radius: 10px; background: var(--c-alarm); color: light-dark(#fff, #2b0b08); font: 650 .72rem/20px var(--c-font); padding: 0 5px; }
section { position: absolute; right: 0; top: 52px; z-index: 20; width: min(380px, calc(100vw - 32px)); max-height: 80vh; overflow: auto; }
section > ul { max-height: min(44vh, 340px); overflow: auto; padding-right: .4rem; }
li { padding: .7rem 0; border-top: 1px solid var(--c-line); }
li button { all: unset; cursor: pointer; display: grid; grid-template-columns: 10px 1fr auto; column-gap: .6rem; width: 100%; }
li button:focus-visible { outline: 2px solid var(--c-accent); outline-offset: 4px; border-radius: 6px; }
li i { width: 8px; height: 8px; border-radius: 50%; margin-top: .45rem; }
li[data-status=unseen] i, li[data-status=seen] i { background: var(--c-accent); }
li[data-status=read] h3 { font-weight: 450; color: var(--c-soft); }
li p { grid-column: 2 / 4; color: var(--c-soft); font-size: .88rem; }
details { border-top: 1px solid var(--c-line); margin-top: .6rem; padding-top: .7rem; }
summary { cursor: pointer; color: var(--c-accent); font-size: .88rem; min-height: 32px; display: flex; align-items: center; }
summary::after { content: "▾"; margin-left: .4em; }
details[open] summary::after { content: "▴"; }
@media (max-width: 520px) { section { position: fixed; right: 16px; left: 16px; top: 104px; width: auto; } }
`);

const BELL = `<svg viewBox="0 0 24 24" fill="none" stroke="currentColor" stroke-width="1.7" stroke-linecap="round" stroke-linejoin="round" aria-hidden="true"><path d="M6 9.5a6 6 0 0 1 12 0c0 5 2 6.5 2 6.5H4s2-1.500 2-6.500"/><path d="M10 19.500a2.200 2.200 0 0 0 4 0"/></svg>`;

/** `<notification-center>`: the bell. Opening it marks all as seen, choosing one as read, on all devices. */
export class NotificationCenter extends Part {
  static personal = true;
  static sheets = [LOOK];
  static kinds = /** @type {Kind[]} */ (["notifications", "catalogue"]);

  build() {
    this.root.innerHTML = `<button class="bell" aria-expanded="false" aria-controls="list">${BELL}<span class="count num" hidden></span><span class="hide" id="label"></span></button>
      <section id="list" class="card" aria-label="Notifications" hidden><div class="head"><h2>Notifications</h2><button class="plain all">Mark all read</button></div><ul></ul><p class="empty">Nothing yet. It will appear here by itself.</p><details><summary>What to tell me</summary></details></section>`;
    const more = /** @type {HTMLDetailsElement} */ (this.part$("details"));
    more.ontoggle = () => {
      if (more.open && more.childElementCount === 1) more.append(document.createElement("notification-preferences"));
    };
    this.part$(".bell").onclick = () => this.#toggle();
    this.part$(".all").onclick = () => this.#mark([], "read");
    this.root.addEventListener("keydown", (event) => {
      if (/** @type {KeyboardEvent} */ (event).key === "Escape") this.#toggle(false);
    });
    document.addEventListener(
      "pointerdown",
      (event) => {
        if (!event.composedPath().includes(this)) this.#toggle(false);
      },
      { signal: this.away.signal },
    );
  }

  get #mine() {
    return this.live.store.list("notifications").filter((one) => one["user_id"] === this.live.who.user_id);
  }

  show() {
    const shown = newest(this.#mine);
    const unread = shown.filter((one) => one["status"] !== "read").length;
    const count = this.part$(".count");
    count.hidden = unread === 0;
    write(count, unread > 99 ? "99+" : String(unread));
    write(this.part$("#label"), unread ? `Notifications, ${unread} unread` : "Notifications");
    this.part$(".empty").hidden = shown.length > 0 || !this.live.store.knows("notifications");
    this.part$(".all").hidden = unread === 0;
    keyed(this.part$("ul"), shown.slice(0, 50), (one) => one["notification_id"], (one) => this.#make(one), (li, one) => {
      set(li, "data-status", one["status"]);
      write(li.querySelector(".hide"), one["status"] === "read" ? "" : "Unread: ");
      write(li.querySelector("p"), this.#said(one));
    });
  }

  /** @param {Entity} one */
  #make(one) {
    const heading = el("h3", {}, el("span", { class: "hide" }), one["title"]);
    const when = el("time", { class: "soft small num" }, clock(one["notified_at"]));
    const choose = () => {
      this.#mark(allOf(this.#mine, one), "read");
      this.#toggle(false);
      this.live.lookAt(one["link"]);
    };
    return el("li", {}, el("button", { onclick: choose }, el("i", { "aria-hidden": "true" }), heading, when, el("p")));
  }

  /** What is asked for by its name, not by its id. @param {Entity} one */
  #said(one) {
    const [item = "", ...rest] = String(one["body"]).split(", ");
    const known = one["link"]?.startsWith("request:") && this.live.store.of("catalogue").get(item)?.["name"];
    return [known || item, ...rest].join(", ");
  }

  /** @param {boolean} [open] */
  #toggle(open) {
    const list = this.part$("section");
    const now = open ?? list.hidden;
    if (list.hidden === !now) return;
    list.hidden = !now;
    set(this.part$(".bell"), "aria-expanded", String(now));
    const unseen = this.live.store.list("notifications").some((one) => one["status"] === "unseen");
    if (now && unseen) this.#mark([], "seen");
    if (!now) this.part$(".bell").focus();
  }

  /** @param {string[]} ids empty: all @param {"seen"|"read"} status */
  #mark(ids, status) {
    this.live.command("notifications.mark", { ids, status }).catch(() => {});
  }
}
customElements.define("notification-center", NotificationCenter);
