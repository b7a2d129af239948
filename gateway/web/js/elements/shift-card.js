/** @import {Kind} from "../core/store.js" */
import { el, keyed, write } from "./dom.js";
import { Part } from "./part.js";
import { clock, name } from "./words.js";

const SHIFT_MS = 8 * 3_600_000;

/** `<shift-card>`: my shift, begin and end; and who else is on duty or connected now. */
export class ShiftCard extends Part {
  static kinds = /** @type {Kind[]} */ (["shifts", "online", "people"]);

  build() {
    this.root.innerHTML = `<section class="card" aria-labelledby="title"><div class="head"><h2 id="title">My shift</h2></div><p class="soft now" role="status"></p><div class="row" style="margin-top:.7rem"><button class="main begin">Start shift</button><button class="pause">Take a break</button><button class="end">End shift</button></div><h3 style="margin:1.1rem 0 .4rem">On duty</h3><ul class="row people"></ul><p class="empty small">Nobody is on duty.</p><p class="soft small online" style="margin-top:.6rem"></p></section>`;
    const { who } = this.live;
    const act = (/** @type {string} */ cmd, more = () => ({})) => () => {
      this.live.command(cmd, { staff_id: who.user_id, ...more() }).catch((error) => this.live.complain(error.message));
    };
    this.part$(".begin").onclick = act("staff.start_shift", () => ({ department: who.departments[0] ?? "front_desk", ends_at: Date.now() + SHIFT_MS }));
    this.part$(".end").onclick = act("staff.end_shift");
    this.part$(".pause").onclick = () => act(this.#mine?.["on_break_since"] ? "staff.end_break" : "staff.start_break")();
  }

  get #mine() {
    const shift = this.live.store.of("shifts").get(this.live.who.user_id);
    return shift && !shift["ended_at"] ? shift : undefined;
  }

  show() {
    const { store } = this.live;
    const mine = this.#mine;
    const pause = mine?.["on_break_since"];
    // Before the house has told, neither button would be the truth.
    const known = store.knows("shifts");
    write(this.part$(".now"), !known ? "One moment…" : !mine ? "You are off duty: no requests are given to you." : pause ? `On a break since ${clock(pause)}.` : `On duty for ${name(mine["department"])} until ${clock(mine["ends_at"])}.`);
    this.part$(".begin").hidden = !known || Boolean(mine);
    this.part$(".end").hidden = !mine;
    this.part$(".pause").hidden = !mine;
    write(this.part$(".pause"), pause ? "End the break" : "Take a break");
    const duty = store.list("shifts").filter((one) => !one["ended_at"]);
    this.part$(".empty").hidden = !known || duty.length > 0;
    keyed(this.part$(".people"), duty, (one) => one["staff_id"], () => el("li", { class: "tag" }), (li, one) => {
      write(li, `${this.live.nameOf(one["staff_id"])} · ${name(one["department"])}${one["on_break_since"] ? " (break)" : ""}`);
    });
    const online = store.list("online").filter((one) => one["state"] === "connected" || one["state"] === "away");
    const guests = online.filter((one) => one["role"] === "guest").length;
    write(this.part$(".online"), `Connected now: ${online.length - guests} of staff, ${guests} ${guests === 1 ? "guest" : "guests"}.`);
  }
}
customElements.define("shift-card", ShiftCard);
