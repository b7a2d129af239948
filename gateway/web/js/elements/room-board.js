/** @import {Kind} from "../core/store.js" */
/** @import {Entity} from "../core/types.js" */
import { el, keyed, set, write } from "./dom.js";
import { Part } from "./part.js";
import { sheet } from "./sheets.js";
import { roomLook, title } from "./words.js";

const LOOK = sheet(`
.floor { display: grid; grid-template-columns: 4rem 1fr; gap: .6rem; padding: .55rem 0; border-top: 1px solid var(--c-line); }
.floor:first-child { border-top: 0; }
.floor > h3 { color: var(--c-soft); padding-top: .55rem; white-space: nowrap; }
@media (max-width: 560px) { .floor { grid-template-columns: 1fr; gap: .2rem; } }
.rooms { display: grid; grid-template-columns: repeat(auto-fill, minmax(58px, 1fr)); gap: 6px; }
.rooms button { width: 100%; border-radius: 10px; padding: .35rem .2rem; min-height: 52px; display: grid; justify-items: center; align-content: center; gap: 1px; border-color: transparent; font-variant-numeric: tabular-nums; }
.rooms button span { font-size: .95rem; line-height: 1; }
[data-tone=occupied] { background: var(--c-accent-soft); color: var(--c-accent); }
[data-tone=quiet] { background: var(--c-quiet-soft); color: var(--c-quiet); }
[data-tone=dirty] { background: var(--c-warm-soft); color: var(--c-warm); }
[data-tone=ready] { background: var(--c-good-soft); color: var(--c-good); }
[data-tone=clean] { background: var(--c-sunk); color: var(--c-soft); }
[data-tone=blocked] { background: var(--c-alarm-soft); color: var(--c-alarm); }
.legend { display: flex; flex-wrap: wrap; gap: .3rem .5rem; }
.legend span { border-radius: 999px; padding: .1rem .6rem; font-size: .78rem; font-weight: 550; }
dialog { border: 1px solid var(--c-line); border-radius: 18px; background: var(--c-card); color: var(--c-ink); padding: 1.4rem; width: min(440px, calc(100vw - 32px)); box-shadow: 0 30px 80px -30px rgb(0 0 0 / .5); }
dialog::backdrop { background: rgb(20 25 27 / .45); }
dialog .stack { gap: .9rem; margin-top: .9rem; }
.big { font: 500 2rem/1 var(--c-display); }
`);
const LEGEND = [
  { front_office: "occupied" },
  { front_office: "occupied", guest_service: "do_not_disturb" },
  { housekeeping: "dirty" },
  { housekeeping: "clean" },
  { housekeeping: "inspected" },
  { block: "out_of_order" },
];
const CHOICES = /** @type {const} */ ({
  housekeeping: ["clean", "dirty", "pickup", "inspected"],
  guest_service: ["none", "do_not_disturb", "make_up_room", "service_declined"],
  block: ["none", "out_of_order", "out_of_service"],
});

/** `<room-board>`: every room by floor, colour and glyph; choose one to change it, check in or out. */
export class RoomBoard extends Part {
  static sheets = [LOOK];
  static kinds = /** @type {Kind[]} */ (["rooms", "occupancy"]);
  room = "";

  build() {
    this.root.innerHTML = `<section class="card" aria-labelledby="title"><div class="head"><h2 id="title">Rooms</h2><p class="soft small num sum" role="status"></p></div><div class="legend" aria-hidden="true"></div><div class="floors" style="margin-top:.7rem"></div><p class="empty">No room is known yet.</p></section>
      <dialog aria-labelledby="which"><div class="head" style="margin:0"><p class="big num" id="which"></p><button class="plain shut">Close</button></div><p class="soft now"></p>
      <div class="stack"><label>Housekeeping<select data-dimension="housekeeping"></select></label><label>Guest service<select data-dimension="guest_service"></select></label><label>Block<select data-dimension="block"></select></label>
      <form class="in"><label>Check in reservation<input name="reservation" required maxlength="64" autocomplete="off" placeholder="Reservation number"></label><button class="main" style="margin-top:.5rem">Check in</button></form>
      <button class="outs">Check out</button><p class="said" role="alert"></p></div></dialog>`;
    const legend = LEGEND.map((room) => roomLook(room));
    this.part$(".legend").append(...legend.map((look) => el("span", { "data-tone": look.tone }, `${look.glyph} ${look.word}`)));
    for (const [dimension, values] of Object.entries(CHOICES)) {
      const select = /** @type {HTMLSelectElement} */ (this.part$(`[data-dimension=${dimension}]`));
      select.append(...values.map((value) => el("option", { value }, value === "none" ? "Nothing special" : title(value))));
      select.onchange = () => this.#do("rooms.set_room_status", { room_id: this.room, dimension, value: select.value });
    }
    this.part$(".shut").onclick = () => this.#dialog.close();
    this.part$(".outs").onclick = () => this.#do("rooms.check_out", { reservation_id: this.#now?.["reservation_id"] });
    this.part$(".in").onsubmit = (event) => {
      event.preventDefault();
      const said = new FormData(/** @type {HTMLFormElement} */ (this.part$(".in"))).get("reservation");
      this.#do("rooms.check_in", { reservation_id: String(said).trim(), room_id: this.room });
    };
    this.live.addEventListener("refused", (event) => write(this.part$(".said"), /** @type {CustomEvent} */ (event).detail.message), { signal: this.away.signal });
  }

  show() {
    const rooms = this.live.store.list("rooms");
    /** @type {Map<string, Entity[]>} */
    const floors = new Map();
    for (const room of rooms) {
      const floor = String(room["floor"] ?? room["room_id"].slice(0, -2));
      floors.set(floor, [...(floors.get(floor) ?? []), room]);
    }
    const order = [...floors.keys()].sort((a, b) => Number(a) - Number(b));
    this.part$(".empty").hidden = rooms.length > 0 || !this.live.store.knows("rooms");
    keyed(this.part$(".floors"), order, (floor) => floor, (floor) => el("div", { class: "floor" }, el("h3", {}, `Floor ${floor}`), el("div", { class: "rooms", role: "group", "aria-label": `Floor ${floor}` })), (line, floor) => {
      const own = (floors.get(floor) ?? []).sort((a, b) => a["room_id"].localeCompare(b["room_id"], "en", { numeric: true }));
      keyed(/** @type {Element} */ (line.lastElementChild), own, (room) => room["room_id"], (room) => this.#make(room), (button, room) => this.#look(button, room));
    });
    const count = (/** @type {(room: Entity) => boolean} */ is) => rooms.filter(is).length;
    const occupied = count((room) => room["front_office"] === "occupied");
    write(this.part$(".sum"), `${occupied} of ${rooms.length} occupied, ${count((room) => room["housekeeping"] === "dirty")} to clean`);
    if (this.#dialog.open) this.#fill();
  }

  /** @returns {HTMLDialogElement} */
  get #dialog() {
    return /** @type {HTMLDialogElement} */ (this.part$("dialog"));
  }

  get #now() {
    return this.live.store.of("rooms").get(this.room);
  }

  /** @param {Entity} room */
  #make(room) {
    const open = () => {
      this.room = room["room_id"];
      this.#fill();
      this.#dialog.showModal();
    };
    return el("button", { class: "moves", onclick: open, "data-room": room["room_id"] }, room["room_id"], el("span", { "aria-hidden": "true" }));
  }

  /** @param {HTMLElement} button @param {Entity} room */
  #look(button, room) {
    const look = roomLook(room);
    set(button, "data-tone", look.tone);
    set(button, "aria-label", `Room ${room["room_id"]}: ${look.word}`);
    set(button, "title", look.word);
    write(button.querySelector("span"), look.glyph);
  }

  #fill() {
    const room = this.#now;
    if (!room) return;
    write(this.part$("#which"), `Room ${this.room}`);
    const kind = room["room_type"] ? `${title(room["room_type"])}, ` : "";
    const odd = room["discrepancy"] && room["discrepancy"] !== "none" ? `, ${room["discrepancy"]}` : "";
    write(this.part$(".now"), `${kind}${roomLook(room).word.toLowerCase()}${odd}`);
    for (const dimension of Object.keys(CHOICES)) {
      const select = /** @type {HTMLSelectElement} */ (this.part$(`[data-dimension=${dimension}]`));
      if (this.root.activeElement !== select) select.value = room[dimension] ?? "none";
    }
    const inside = room["front_office"] === "occupied";
    // Stays are the desk's.
    const { role, departments } = this.live.who;
    const desk = role !== "staff" || departments.includes("front_desk");
    this.part$(".in").hidden = inside || !desk;
    this.part$(".outs").hidden = !inside || !desk || !room["reservation_id"];
  }

  /** @param {string} cmd @param {Entity} d */
  #do(cmd, d) {
    write(this.part$(".said"), "");
    this.live.command(cmd, d).catch((error) => write(this.part$(".said"), error.message));
  }
}
customElements.define("room-board", RoomBoard);
