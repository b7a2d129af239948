/** @import {Kind} from "../core/store.js" */
/** @import {Entity} from "../core/types.js" */
import { el, keyed, scrolls, set, write } from "./dom.js";
import { Part } from "./part.js";
import { sheet } from "./sheets.js";
import { STATUS, name, span, title } from "./words.js";

const LOOK = sheet(`
li { display: grid; grid-template-columns: 58px 1fr auto; gap: .2rem .9rem; padding: .85rem 0; border-top: 1px solid var(--c-line); align-items: center; }
li:first-child { border-top: 0; padding-top: .1rem; }
.room { font: 500 1.35rem/1 var(--c-display); }
li > div { min-width: 0; overflow-wrap: anywhere; }
.note { max-height: 6em; overflow-y: auto; }
.acts { display: flex; gap: .4rem; }
.tabs { display: inline-flex; background: var(--c-sunk); border-radius: 999px; padding: 3px; }
.tabs button { border: 0; background: none; min-height: 34px; padding: .3rem .85rem; }
.tabs button[aria-pressed=true] { background: var(--c-card); box-shadow: var(--c-shadow); }
.due[data-late=true] { color: var(--c-alarm); font-weight: 600; }
@media (max-width: 560px) { li { grid-template-columns: 52px 1fr; } .acts { grid-column: 2; } }
`);
const TICK_MS = 10_000;
const SHOWN = 60;
/** The one next step of a status, and what its button says. @type {Record<string, [string, string]>} */
const NEXT = { open: ["accept", "Accept"], assigned: ["accept", "Accept"], accepted: ["start", "Start"], started: ["complete", "Done"] };

/** `<service-queue>`: what is to be done, nearest promise first: mine, or my departments'. */
export class ServiceQueue extends Part {
  static sheets = [LOOK];
  static kinds = /** @type {Kind[]} */ (["requests", "catalogue", "people"]);
  static about = "request";
  mine = false;

  build() {
    this.root.innerHTML = `<section class="card" aria-labelledby="title"><div class="head"><h2 id="title">Requests</h2><div class="tabs" role="group" aria-label="Which requests"><button data-which="all" aria-pressed="true">Department</button><button data-which="mine" aria-pressed="false">Mine</button></div></div><ul></ul><p class="empty">All done. New requests appear here by themselves.</p></section>`;
    for (const button of this.root.querySelectorAll("[data-which]")) {
      /** @type {HTMLElement} */ (button).onclick = () => {
        this.mine = button.getAttribute("data-which") === "mine";
        this.show();
      };
    }
    const timer = setInterval(() => this.soon(), TICK_MS);
    this.away.signal.addEventListener("abort", () => clearInterval(timer));
  }

  show() {
    const { who, store } = this.live;
    const open = store.list("requests").filter((one) => one["status"] in NEXT);
    const own = open.filter((one) => one["staff_id"] === who.user_id);
    const due = (/** @type {Entity} */ one) => (one["accepted_at"] ? one["resolve_by"] : one["accept_by"]);
    const shown = (this.mine ? own : open).sort((a, b) => due(a) - due(b));
    for (const button of this.root.querySelectorAll("[data-which]")) {
      const mine = button.getAttribute("data-which") === "mine";
      set(button, "aria-pressed", String(mine === this.mine));
      write(button, mine ? `Mine (${own.length})` : `All (${open.length})`);
    }
    this.part$(".empty").hidden = shown.length > 0 || !store.knows("requests");
    keyed(this.part$("ul"), shown.slice(0, SHOWN), (one) => one["request_id"], (one) => this.#make(one), (li, one) => this.#now(li, one, due(one)));
  }

  /** @param {Entity} one */
  #make(one) {
    const id = one["request_id"];
    const act = () => void this.#step(id);
    return el(
      "li", { "data-request": id },
      el("span", { class: "room num", title: "Room" }, one["room_id"]),
      el("div", {}, el("h3"), el("p", { class: "soft small line" }), el("p", { class: "small due num" }), el("p", { class: "small note", ...scrolls(one["note"] ?? "") }, one["note"] ?? "")),
      el("div", { class: "acts" }, el("button", { class: "main", onclick: act })),
    );
  }

  /** @param {HTMLElement} li @param {Entity} one @param {number} due */
  #now(li, one, due) {
    const { who, store } = this.live;
    const status = String(one["status"]);
    const item = store.of("catalogue").get(one["item"])?.["name"] ?? title(one["item"]);
    write(li.querySelector("h3"), item);
    const held = one["staff_id"] ? `, ${this.live.nameOf(one["staff_id"])}` : "";
    write(li.querySelector(".line"), `${name(one["department"])} · ${STATUS[status]}${held}`);
    const line = /** @type {Element} */ (li.querySelector(".due"));
    const left = due - Date.now();
    const what = one["accepted_at"] ? "done" : "accepted";
    write(line, left < 0 ? `${span(left)} past due (${what})` : `to be ${what} within ${span(left)}`);
    set(line, "data-late", String(left < 0));
    const button = /** @type {HTMLButtonElement} */ (li.querySelector("button"));
    write(button, NEXT[status]?.[1] ?? "");
    set(button, "aria-label", `${NEXT[status]?.[1]}: ${item}, room ${one["room_id"]}`);
    const ours = who.role !== "staff" || who.departments.includes(one["department"]);
    const taken = status === "accepted" || status === "started";
    set(button, "hidden", one["staff_id"] !== who.user_id && (taken || !ours));
  }

  /** @param {string} id */
  async #step(id) {
    const status = this.live.store.of("requests").get(id)?.["status"];
    const step = NEXT[status]?.[0];
    if (!step) return;
    await this.live.command(`services.${step}`, { request_id: id }).catch((error) => this.live.complain(error.message));
  }
}
customElements.define("service-queue", ServiceQueue);
