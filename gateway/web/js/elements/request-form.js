/** @import {Kind} from "../core/store.js" */
/** @import {Entity} from "../core/types.js" */
import { newId } from "../core/ids.js";
import { el, keyed, write } from "./dom.js";
import { Part } from "./part.js";
import { sheet } from "./sheets.js";
import { name } from "./words.js";

const LOOK = sheet(`
.items { display: grid; grid-template-columns: repeat(auto-fill, minmax(150px, 1fr)); gap: .6rem; }
.items button { width: 100%; height: 100%; min-height: 74px; border-radius: 12px; text-align: left; display: grid; align-content: space-between; gap: .4rem; padding: .75rem .85rem; background: var(--c-sunk); }
.items button[aria-pressed=true] { background: var(--c-accent-soft); border-color: var(--c-accent); }
.items small { color: var(--c-soft); font-weight: 400; }
form { display: grid; gap: .7rem; margin-top: .9rem; }
`);

/** `<request-form>`: ask for something of the catalogue. Staff get a field for the room. */
export class RequestForm extends Part {
  static sheets = [LOOK];
  static kinds = /** @type {Kind[]} */ (["catalogue"]);
  chosen = "";
  /** The request that was sent last. */
  last = "";

  build() {
    const guest = this.live.who.role === "guest";
    this.root.innerHTML = `<section class="card" aria-labelledby="title"><div class="head"><h2 id="title">${guest ? "What can we do for you?" : "New request"}</h2></div>
      <ul class="items"></ul><p class="empty"></p>
      <form hidden>${guest ? "" : `<label>Room<input name="room" required maxlength="20" autocomplete="off"></label>`}
      <label>Anything we should know? (optional)<textarea name="note" maxlength="1000" rows="2"></textarea></label>
      <div class="row"><button class="main" type="submit">Send request</button></div></form><p class="soft small" role="status" style="margin-top:.7rem"></p><p class="said" role="alert"></p></section>`;
    this.part$("form").onsubmit = (event) => {
      event.preventDefault();
      void this.#send();
    };
    this.onRefused(() => this.last, (why) => this.#refused(why));
    this.live.addEventListener("ready", () => this.soon(), { signal: this.away.signal });
  }

  show() {
    const { who, store } = this.live;
    const homeless = who.role === "guest" && !who.room_id;
    const items = homeless ? [] : store.list("catalogue");
    this.part$(".empty").hidden = items.length > 0;
    write(this.part$(".empty"), homeless ? "You have no room with us at the moment. Write to us: we are glad to help." : "The list of services is on its way.");
    if (homeless) this.part$("form").hidden = true;
    keyed(this.part$(".items"), items, (one) => one["item"], (one) => this.#make(one), (li, one) => {
      li.firstElementChild?.setAttribute("aria-pressed", String(one["item"] === this.chosen));
    });
  }

  /** @param {Entity} one */
  #make(one) {
    const choose = () => {
      this.chosen = one["item"];
      this.part$("form").hidden = false;
      write(this.part$("[role=status]"), "");
      this.show();
    };
    return el("li", {}, el("button", { type: "button", onclick: choose, "data-item": one["item"] }, one["name"], el("small", {}, name(one["department"]))));
  }

  async #send() {
    const form = /** @type {HTMLFormElement} */ (this.part$("form"));
    const said = new FormData(form);
    const { who, store } = this.live;
    const guest = who.role === "guest";
    const body = { item: this.chosen, room_id: guest ? who.room_id : String(said.get("room")).trim(), note: String(said.get("note") ?? ""), ...(guest ? { guest_id: who.user_id } : {}) };
    const called = store.of("catalogue").get(this.chosen)?.["name"] ?? this.chosen;
    const word = (/** @type {string} */ words) => write(this.part$("[role=status]"), words);
    write(this.part$(".said"), "");
    word(this.live.client?.link.state === "live" ? "Sending…" : `“${called}” is not sent yet: there is no connection. It goes out by itself.`);
    form.reset();
    form.hidden = true;
    this.chosen = "";
    this.show();
    const id = (this.last = newId());
    try {
      await this.live.command("services.request", body, id);
      if (this.last === id) word(`“${called}” is with us.`);
    } catch (error) {
      this.#refused(error instanceof Error ? error.message : "It was refused.");
    }
  }

  /** @param {string} why */
  #refused(why) {
    this.last = "";
    write(this.part$("[role=status]"), "");
    write(this.part$(".said"), why);
  }
}
customElements.define("request-form", RequestForm);
