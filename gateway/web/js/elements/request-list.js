/** @import {Kind} from "../core/store.js" */
/** @import {Entity} from "../core/types.js" */
import { madeAt } from "../core/ids.js";
import { el, keyed, set, write } from "./dom.js";
import { Part } from "./part.js";
import { sheet } from "./sheets.js";
import { STATUS, clock, name, reached, title } from "./words.js";

const LOOK = sheet(`
li { padding: .95rem 0; border-top: 1px solid var(--c-line); display: grid; gap: .5rem; }
li:first-child { border-top: 0; padding-top: .1rem; }
.top { display: flex; justify-content: space-between; gap: .8rem; align-items: baseline; }
.steps { display: grid; grid-template-columns: repeat(4, 1fr); gap: 4px; }
.steps i { height: 5px; border-radius: 3px; background: var(--c-line); }
.steps i.on { background: var(--c-accent); }
.stars button { border: 0; background: none; min-height: 36px; padding: .2rem .3rem; font-size: 1.25rem; color: var(--c-warm); }
`);
const SHOWN = 12;
/** The status of what the log does not have yet. */
const WAITS = "waits";

/** `<request-list>`: a guest's own requests and how far they are. */
export class RequestList extends Part {
  static sheets = [LOOK];
  static kinds = /** @type {Kind[]} */ (["requests", "catalogue", "people"]);
  static about = "request";

  build() {
    this.root.innerHTML = `<section class="card" aria-labelledby="title"><div class="head"><h2 id="title">My requests</h2></div><ul aria-live="polite"></ul><p class="empty">Nothing asked for yet.</p></section>`;
    const { signal } = this.away;
    this.live.client?.outbox.addEventListener("change", () => this.soon(), { signal });
    this.live.client?.addEventListener("link", () => this.soon(), { signal });
  }

  show() {
    const { who, store } = this.live;
    const mine = store.list("requests").filter((one) => one["guest_id"] === who.user_id || (!one["guest_id"] && one["room_id"] === who.room_id));
    mine.sort((a, b) => b["created_at"] - a["created_at"]);
    // The decision may be here before the word that the log has the command.
    const waiting = this.live.waiting("services.request").filter(({ id }) => !store.of("requests").has(id));
    mine.unshift(...waiting.map(({ id, d }) => ({ ...d, request_id: id, status: WAITS, created_at: madeAt(id) })).reverse());
    this.part$(".empty").hidden = mine.length > 0 || !store.knows("requests");
    keyed(this.part$("ul"), mine.slice(0, SHOWN), (one) => one["request_id"], (one) => this.#make(one), (li, one) => this.#now(li, one));
  }

  /** @param {Entity} one */
  #make(one) {
    const id = one["request_id"];
    const cancel = () => this.live.command("services.cancel", { request_id: id }).catch((error) => this.#said(id, error));
    const stars = el("div", { class: "stars", role: "group", "aria-label": "How was it?" });
    for (let score = 1; score <= 5; score++) {
      const rate = () => this.live.command("services.rate", { request_id: id, score }).catch((error) => this.#said(id, error));
      stars.append(el("button", { onclick: rate, "aria-label": `${score} of 5`, "data-score": score }, "☆"));
    }
    return el(
      "li", { "data-request": id },
      el("div", { class: "top" }, el("h3"), el("span", { class: "tag state" })),
      el("div", { class: "steps", "aria-hidden": "true" }, el("i"), el("i"), el("i"), el("i")),
      el("div", { class: "top" }, el("p", { class: "soft small line" }), el("button", { class: "plain cancel small", onclick: cancel }, "Cancel")),
      stars, el("p", { class: "said", role: "alert" }),
    );
  }

  /** @param {HTMLElement} li @param {Entity} one */
  #now(li, one) {
    const status = String(one["status"]);
    const item = this.live.store.of("catalogue").get(one["item"]);
    write(li.querySelector("h3"), item?.["name"] ?? title(one["item"]));
    const tag = li.querySelector(".state");
    write(tag, status === WAITS ? this.live.waitingWord : STATUS[status] ?? title(status));
    if (tag) set(tag, "class", `tag state ${status === "completed" ? "good" : status === "cancelled" ? "" : "accent"}`);
    const steps = reached(status);
    [...li.querySelectorAll(".steps i")].forEach((bar, n) => bar.classList.toggle("on", n < steps));
    set(/** @type {Element} */ (li.querySelector(".steps")), "hidden", status === "cancelled");
    write(li.querySelector(".line"), this.#line(one, status));
    set(/** @type {Element} */ (li.querySelector(".cancel")), "hidden", !["open", "assigned", "accepted"].includes(status));
    const stars = /** @type {Element} */ (li.querySelector(".stars"));
    set(stars, "hidden", status !== "completed");
    [...stars.children].forEach((star, n) => write(star, n < (one["score"] ?? 0) ? "★" : "☆"));
  }

  /** @param {Entity} one @param {string} status */
  #line(one, status) {
    if (status === WAITS) return "It goes out by itself, as soon as there is a connection.";
    const asked = `${name(one["department"])}, asked at ${clock(one["created_at"])}`;
    if (status === "completed") return `${asked}, done at ${clock(one["completed_at"])}`;
    if (status === "cancelled") return asked;
    return `${asked}. We promise it by ${clock(one["resolve_by"])}`;
  }

  /** @param {string} id @param {Error} error */
  #said(id, error) {
    write(this.root.querySelector(`[data-request="${CSS.escape(id)}"] .said`), error.message);
  }
}
customElements.define("request-list", RequestList);
