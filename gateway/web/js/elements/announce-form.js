import { newId } from "../core/ids.js";
import { write } from "./dom.js";
import { Part } from "./part.js";

/** `<announce-form>`: a word to the house or to staff, for a while. */
export class AnnounceForm extends Part {
  /** The announcement that was sent last. */
  last = "";

  build() {
    // A word to the house is for managers and admins.
    this.hidden = this.live.who.role === "staff" || this.live.who.role === "guest";
    this.root.innerHTML = `<section class="card" aria-labelledby="title"><div class="head"><h2 id="title">Announce</h2></div><form class="stack"><label>To<select name="audience"><option value="house">Everyone in the house</option><option value="staff">Staff only</option></select></label><label>Title<input name="title" required maxlength="120" autocomplete="off"></label><label>Message<textarea name="body" required maxlength="1000" rows="2"></textarea></label><label>Shown for<select name="hours"><option value="1">1 hour</option><option value="4">4 hours</option><option value="24">24 hours</option></select></label><div class="row"><button class="main">Announce</button><span class="soft small" role="status"></span></div><p class="said" role="alert"></p></form></section>`;
    const form = /** @type {HTMLFormElement} */ (this.part$("form"));
    form.onsubmit = (event) => {
      event.preventDefault();
      void this.#send(form);
    };
    this.onRefused(() => this.last, (why) => this.#refused(why));
  }

  /** @param {HTMLFormElement} form */
  async #send(form) {
    const said = new FormData(form);
    const until = Date.now() + Number(said.get("hours")) * 3_600_000;
    write(this.part$(".said"), "");
    write(this.part$("[role=status]"), "Sending…");
    const id = (this.last = newId());
    try {
      await this.live.command("alerts.announce", { audience: said.get("audience"), title: said.get("title"), body: said.get("body"), until }, id);
      if (this.last !== id) return;
      form.reset();
      write(this.part$("[role=status]"), "Announced.");
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
customElements.define("announce-form", AnnounceForm);
