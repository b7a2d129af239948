/** @import {Entity} from "../core/types.js" */
import { el, write } from "./dom.js";
import { Part } from "./part.js";
import { sheet } from "./sheets.js";

const LOOK = sheet(`
table { width: 100%; border-collapse: collapse; font-size: .88rem; }
th { font-weight: 500; text-align: left; padding: .3rem 0; }
thead th { color: var(--c-soft); font-size: .8rem; }
th + th, td { text-align: center; width: 5.5rem; }
td label { display: grid; place-items: center; min-height: 40px; cursor: pointer; }
input { width: 20px; height: 20px; min-height: 0; margin: 0; accent-color: var(--c-accent); cursor: pointer; }
`);
/** @type {[string, string][]} */
const FOR_GUEST = [["request", "My requests"], ["announcement", "Announcements"]];
/** @type {[string, string][]} */
const FOR_STAFF = [["assignment", "New tasks"], ["announcement", "Announcements"], ["emergency", "Emergencies"]];
/** @type {[string, string][]} */
const CHANNELS = [["bell", "In the bell"], ["push", "By push"]];

/** `<notification-preferences>`: what this person is told, and how; one switch each, kept for all devices. */
export class NotificationPreferences extends Part {
  static sheets = [LOOK];

  build() {
    const head = CHANNELS.map(([, said]) => el("th", { scope: "col" }, said));
    const rows = (this.live.who.role === "guest" ? FOR_GUEST : FOR_STAFF).map(([category, said]) =>
      el("tr", {}, el("th", { scope: "row" }, said), ...CHANNELS.map(([channel, how]) => el("td", {}, this.#box(category, channel, `${said}, ${how.toLowerCase()}`)))),
    );
    const table = el("table", {}, el("caption", { class: "hide" }, "What to tell me"), el("thead", {}, el("tr", {}, el("th", {}, el("span", { class: "hide" }, "About")), ...head)), el("tbody", {}, ...rows));
    this.root.append(table, el("p", { class: "said", role: "alert" }));
    this.live.api.get("/api/notifications/preferences").then(
      ({ switches }) => this.#look(switches),
      (error) => write(this.part$(".said"), error.message),
    );
  }

  /** @param {string} category @param {string} channel @param {string} said */
  #box(category, channel, said) {
    const box = /** @type {HTMLInputElement} */ (el("input", { type: "checkbox", "aria-label": said, "data-switch": `${category}.${channel}`, disabled: true }));
    box.onchange = () => void this.#set(box, { category, channel, on: box.checked });
    return el("label", {}, box);
  }

  /** What is not listed is on; emergencies are always told. @param {Entity[]} switches */
  #look(switches) {
    const off = new Set(switches.filter((one) => !one["on"]).map((one) => `${one["category"]}.${one["channel"]}`));
    for (const box of /** @type {NodeListOf<HTMLInputElement>} */ (this.root.querySelectorAll("input"))) {
      const own = box.dataset["switch"] ?? "";
      const always = own.startsWith("emergency.");
      box.checked = always || !off.has(own);
      box.disabled = always;
    }
  }

  /** @param {HTMLInputElement} box @param {Entity} wanted */
  async #set(box, wanted) {
    write(this.part$(".said"), "");
    try {
      await this.live.api.call("PUT", "/api/notifications/preferences", { switches: [wanted] });
    } catch (error) {
      box.checked = !box.checked;
      write(this.part$(".said"), error instanceof Error ? error.message : "It was refused.");
    }
  }
}
customElements.define("notification-preferences", NotificationPreferences);
