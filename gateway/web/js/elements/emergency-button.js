import { newId } from "../core/ids.js";
import { set, write } from "./dom.js";
import { Part } from "./part.js";
import { sheet } from "./sheets.js";
import { clock } from "./words.js";

/** Without an ack for this long a person must not wait any longer: they are told to call. */
export const TOLD_AFTER_MS = 3_000;

const LOOK = sheet(`
.out { margin-top: .8rem; border-radius: 12px; padding: .8rem 1rem; }
.out[data-tone=alarm] { background: var(--c-alarm); color: light-dark(#fff, #2b0b08); font-weight: 600; }
.out[data-tone=good] { background: var(--c-good-soft); color: var(--c-good); font-weight: 600; }
.out[data-tone=wait] { background: var(--c-sunk); }
form { display: grid; gap: .7rem; margin-top: .9rem; }
.open { width: 100%; min-height: 52px; }
a { color: inherit; }
`);

/** `<emergency-button>`: raise an emergency; says honestly whether the house knows. Attribute `location`. */
export class EmergencyButton extends Part {
  static sheets = [LOOK];
  /** @type {{id: string, sentAt: number, timer: ReturnType<typeof setTimeout>}|null} */
  trying = null;
  /** The one that the log has: the house may still say no to it. */
  sent = "";

  build() {
    const staff = this.live.who.role !== "guest";
    this.root.innerHTML = `<section class="card" aria-labelledby="title"><h2 id="title">Emergency</h2><p class="soft small" style="margin:.2rem 0 .8rem">Tells everyone on duty at once where help is needed.</p>
      <button class="danger open" aria-expanded="false">I need help</button>
      <form hidden><label>What is it?<select name="kind"><option value="medical">Medical</option><option value="fire">Fire or smoke</option><option value="security">Security</option><option value="other">Something else</option></select></label>
      <label>Where?<input name="location" required maxlength="200" autocomplete="off"></label>
      ${staff ? `<label class="row" style="display:flex"><input type="checkbox" name="drill" style="width:auto;min-height:0"> This is a drill</label>` : ""}
      <div class="row"><button class="danger send" type="submit">Send emergency</button><button type="button" class="plain cancel">Cancel</button></div></form>
      <div class="out" role="alert" hidden></div></section>`;
    const room = this.live.who.room_id;
    const where = /** @type {HTMLInputElement} */ (this.part$("[name=location]"));
    where.value = this.getAttribute("location") ?? (room ? `Room ${room}` : "");
    this.part$(".open").onclick = () => this.#form(true);
    this.part$(".cancel").onclick = () => this.#form(false);
    this.part$("form").onsubmit = (event) => {
      event.preventDefault();
      this.#send();
    };
    this.onRefused(() => this.trying?.id ?? this.sent, (why) => this.#refused(why));
  }

  /** @param {boolean} open */
  #form(open) {
    this.part$("form").hidden = !open;
    this.part$(".open").hidden = open;
    set(this.part$(".open"), "aria-expanded", String(open));
    (open ? this.part$("select") : this.part$(".open")).focus();
  }

  #send() {
    const form = new FormData(/** @type {HTMLFormElement} */ (this.part$("form")));
    const room = this.live.who.room_id;
    const body = { kind: form.get("kind"), location: form.get("location"), drill: form.get("drill") === "on", ...(room ? { room_id: room } : {}) };
    const id = this.trying?.id ?? newId();
    clearTimeout(this.trying?.timer);
    this.#say("wait", "Sending…");
    const timer = setTimeout(() => this.#notSent(), TOLD_AFTER_MS);
    const first = !this.trying;
    this.trying = { id, sentAt: Date.now(), timer };
    // The same id once more is the same emergency, so a second press can only help.
    if (!first) return;
    this.live.command("alerts.raise_emergency", body, id).then(
      () => this.#acked(id),
      (error) => this.#refused(error.message),
    );
  }

  /** @param {string} id */
  #acked(id) {
    clearTimeout(this.trying?.timer);
    if (this.trying) this.sent = id;
    else return; // refused meanwhile
    this.trying = null;
    this.#form(false);
    this.#say("good", `The house knows since ${clock(Date.now())}. Help is being sent.`);
  }

  get #phone() {
    return this.live.who.property?.emergency_phone || "112";
  }

  #notSent() {
    const phone = this.#phone;
    this.#say("alarm", `It was NOT sent: there is no connection to the house. Call ${phone} now.`, phone);
  }

  /** @param {string} why */
  #refused(why) {
    clearTimeout(this.trying?.timer);
    this.trying = null;
    this.sent = "";
    const phone = this.#phone;
    this.#say("alarm", `It was NOT sent: ${why} Call ${phone} now.`, phone);
  }

  /** @param {string} tone @param {string} words @param {string} [phone] */
  #say(tone, words, phone) {
    const out = this.part$(".out");
    out.hidden = false;
    set(out, "data-tone", tone);
    write(out, words);
    if (phone) {
      const link = document.createElement("a");
      link.href = `tel:${phone}`;
      link.textContent = `Call ${phone}`;
      out.append(" ", link);
    }
  }
}
customElements.define("emergency-button", EmergencyButton);
