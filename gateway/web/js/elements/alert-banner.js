/** @import {Kind} from "../core/store.js" */
/** @import {Entity} from "../core/types.js" */
import { el, keyed, scrolls, set, write } from "./dom.js";
import { Part } from "./part.js";
import { sheet } from "./sheets.js";
import { clock, title } from "./words.js";

const LOOK = sheet(`
:host(.none) { display: none; }
ul { display: grid; gap: .6rem; }
li > .what { flex: 1 1 260px; min-width: 0; overflow-wrap: anywhere; }
.what p { max-height: 7.5em; overflow-y: auto; }
li { border-radius: var(--c-round); padding: .85rem 1.1rem; display: flex; gap: .9rem; align-items: center; flex-wrap: wrap; background: var(--c-accent-soft); }
li.emergency { background: var(--c-alarm); color: light-dark(#fff, #2b0b08); }
li.emergency.acknowledged { background: var(--c-alarm-soft); color: var(--c-ink); border: 1px solid var(--c-alarm); }
li.emergency .soft { color: inherit; opacity: .88; }
li button { background: var(--c-card); color: var(--c-ink); border-color: transparent; }
h2 { font: 600 1rem/1.35 var(--c-font); }
`);
const CHECK_MS = 15_000;

/** `<alert-banner>`: emergencies until they are resolved, announcements until they are over or put away. */
export class AlertBanner extends Part {
  static sheets = [LOOK];
  static kinds = /** @type {Kind[]} */ (["alerts", "announcements", "people"]);
  static about = "alert";

  build() {
    this.root.innerHTML = `<div aria-live="assertive"><ul class="emergencies" aria-label="Emergencies"></ul></div><div aria-live="polite"><ul class="words" aria-label="Announcements" style="margin-top:.6rem"></ul></div>`;
    /** @type {Set<string>} */
    this.put = new Set(JSON.parse(localStorage.getItem("concierge.put-away") ?? "[]"));
    const timer = setInterval(() => this.soon(), CHECK_MS);
    this.away.signal.addEventListener("abort", () => clearInterval(timer));
  }

  show() {
    const alerts = this.live.store.list("alerts").filter((one) => one["status"] !== "resolved");
    alerts.sort((a, b) => b["raised_at"] - a["raised_at"]);
    const words = this.live.store.list("announcements").filter((one) => one["until"] > Date.now() && !this.put?.has(one["announcement_id"]));
    keyed(this.part$(".emergencies"), alerts, (one) => one["alert_id"], (one) => this.#emergency(one), (li, one) => this.#now(li, one));
    keyed(this.part$(".words"), words, (one) => one["announcement_id"], (one) => this.#announcement(one), () => {});
    this.part$(".words").hidden = words.length === 0;
    this.classList.toggle("none", !alerts.length && !words.length);
  }

  /** @param {Entity} one */
  #emergency(one) {
    const id = one["alert_id"];
    const staff = this.live.who.role !== "guest";
    const drill = one["drill"] ? "Drill: " : "";
    const words = el("div", { class: "what" }, el("h2", {}, `${drill}${title(one["kind"])} emergency, ${one["location"]}`), el("p", { class: "soft small state" }), one["note"] ? el("p", scrolls(one["note"]), one["note"]) : null);
    const acts = el("div", { class: "row" });
    if (staff) {
      const act = (/** @type {string} */ cmd) => () => this.live.command(cmd, { alert_id: id }).catch(() => {});
      acts.append(el("button", { class: "ack", onclick: act("alerts.acknowledge") }, "I am on my way"), el("button", { class: "end", onclick: act("alerts.resolve") }, "Resolved"));
    }
    return el("li", { class: "emergency" }, words, acts);
  }

  /** @param {HTMLElement} li @param {Entity} one */
  #now(li, one) {
    const on = one["status"] === "acknowledged";
    li.classList.toggle("acknowledged", on);
    write(li.querySelector(".state"), this.#state(one, on));
    const ack = li.querySelector(".ack");
    if (ack) set(ack, "hidden", on);
  }

  /** How far it is; to guests who did not call for help, what to do. @param {Entity} one @param {boolean} on @returns {string} */
  #state(one, on) {
    const { who } = this.live;
    if (who.role === "guest" && one["raised_by"] !== who.user_id) {
      const phone = who.property?.emergency_phone || "112";
      return `${on ? "Help is on the way." : `Raised at ${clock(one["raised_at"])}.`} Please do what our staff say. If you are in danger, call ${phone}.`;
    }
    if (on) return `${this.live.nameOf(one["acknowledged_by"])} on the way since ${clock(one["acknowledged_at"])}`;
    const rung = one["times"] ? `, rung ${one["times"] + 1} times` : "";
    return `Raised at ${clock(one["raised_at"])}${rung}. Nobody has answered yet.`;
  }

  /** @param {Entity} one */
  #announcement(one) {
    const away = () => {
      this.put?.add(one["announcement_id"]);
      localStorage.setItem("concierge.put-away", JSON.stringify([...(this.put ?? [])].slice(-50)));
      this.show();
    };
    const words = el("div", { class: "what" }, el("h2", {}, one["title"]), el("p", scrolls(one["body"]), one["body"]));
    return el("li", {}, words, el("button", { onclick: away, "aria-label": `Got it: ${one["title"]}` }, "Got it"));
  }
}
customElements.define("alert-banner", AlertBanner);
