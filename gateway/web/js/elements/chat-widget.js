/** @import {Kind} from "../core/store.js" */
/** @import {Entity, Pending} from "../core/types.js" */
import { madeAt, newId } from "../core/ids.js";
import { fetchMessages } from "../core/loading.js";
import { el, keyed, set, write } from "./dom.js";
import { Part } from "./part.js";
import { sheet } from "./sheets.js";
import { clock, name } from "./words.js";

const LOOK = sheet(`
.threads { display: flex; gap: .4rem; overflow-x: auto; padding-bottom: .6rem; }
.threads button { white-space: nowrap; min-height: 36px; padding: .35rem .8rem; background: var(--c-sunk); border-color: transparent; }
.threads button[aria-pressed=true] { background: var(--c-accent-soft); color: var(--c-accent); }
.log { overflow-y: auto; max-height: 46vh; min-height: 200px; padding: .4rem 4px; }
.log ul { display: flex; flex-direction: column; gap: .45rem; }
.log li { max-width: 82%; align-self: flex-start; }
.log li.mine { align-self: flex-end; }
.log li p { background: var(--c-sunk); border-radius: 14px 14px 14px 4px; padding: .5rem .8rem; overflow-wrap: anywhere; white-space: pre-wrap; }
.log li.mine p { background: var(--c-accent-soft); border-radius: 14px 14px 4px 14px; }
.log li.waits p { opacity: .65; }
.log small { color: var(--c-soft); font-size: .75rem; padding: 0 .3rem; }
form { display: flex; gap: .5rem; align-items: end; padding-top: .6rem; border-top: 1px solid var(--c-line); }
form textarea { min-height: 42px; max-height: 140px; resize: none; }
.typing { min-height: 1.3em; }
`);
const TYPING_EVERY_MS = 5_000;
const TYPING_ENDS_MS = 12_000;

/** `<chat-widget>`: the person's threads. A guest may begin one with a department, staff with a colleague. */
export class ChatWidget extends Part {
  static personal = true;
  static sheets = [LOOK];
  static kinds = /** @type {Kind[]} */ (["threads", "messages", "people"]);
  thread = "";
  typedAt = 0;
  /** The department or colleague a chat is being opened with. */
  wanted = "";
  /** Threads of which there is more than is shown. @type {Set<string>} */
  more = new Set();
  /** Acked, and not told back yet: by id. @type {Map<string, Pending>} */
  acked = new Map();
  /** Who writes in which thread, until when (ms). @type {Map<string, {user_id: string, at: number, until: number}>} */
  typing = new Map();
  /** @type {ReturnType<typeof setTimeout>|undefined} */
  typingEnds = undefined;
  /** @type {Set<string>} */
  read = new Set();

  build() {
    const guest = this.live.who.role === "guest";
    this.root.innerHTML = `<section class="card" aria-labelledby="title"><div class="head"><h2 id="title">${guest ? "Talk to us" : "Chats"}</h2><label class="row" style="display:flex"><span class="hide">Begin a chat with</span><select class="begin" aria-label="Begin a chat with"></select></label></div>
      <div class="threads" role="group" aria-label="Chats"></div>
      <div><div class="log" role="log" aria-label="Messages" tabindex="0"><button class="plain small earlier" hidden>Earlier messages</button><ul></ul></div><p class="empty">${guest ? "Choose whom to write to; someone is there day and night." : "No chats yet."}</p><p class="typing soft small" aria-live="polite"></p></div>
      <form hidden><label style="flex:1"><span class="hide">Message</span><textarea name="text" rows="1" maxlength="4000" placeholder="Write a message" aria-label="Message"></textarea></label><button class="main">Send</button></form></section>`;
    const begin = /** @type {HTMLSelectElement} */ (this.part$(".begin"));
    begin.onchange = () => void this.#begin(begin);
    this.part$(".earlier").onclick = () => void this.#earlier();
    const form = /** @type {HTMLFormElement} */ (this.part$("form"));
    const text = /** @type {HTMLTextAreaElement} */ (this.part$("textarea"));
    form.onsubmit = (event) => {
      event.preventDefault();
      this.#send(text);
    };
    text.onkeydown = (event) => {
      if (event.key === "Enter" && !event.shiftKey && !event.isComposing) {
        event.preventDefault();
        this.#send(text);
      }
    };
    text.oninput = () => this.#typing();
    for (const change of ["link", "settled"]) this.live.client?.addEventListener(change, () => this.soon(), { signal: this.away.signal });
    this.live.client?.outbox.addEventListener("change", () => this.soon(), { signal: this.away.signal });
    this.live.addEventListener("typing", (event) => this.#typed(/** @type {CustomEvent<Entity>} */ (event).detail), { signal: this.away.signal });
  }

  show() {
    const { store } = this.live;
    const threads = store.list("threads").filter((one) => !one["closed"]);
    threads.sort((a, b) => (b["last_at"] ?? b["opened_at"] ?? 0) - (a["last_at"] ?? a["opened_at"] ?? 0));
    this.#offer();
    const opened = this.wanted && threads.find((one) => this.#isWith(one, this.wanted));
    if (opened) {
      this.wanted = "";
      this.#choose(opened["thread_id"]);
      this.part$("form").hidden = false;
      this.part$("textarea").focus();
    } else if (!this.thread && threads[0]) this.#choose(threads[0]["thread_id"]);
    keyed(this.part$(".threads"), threads.slice(0, 20), (one) => one["thread_id"], (one) => el("button", { onclick: () => this.#choose(one["thread_id"]) }), (button, one) => {
      write(button, this.#called(one));
      set(button, "aria-pressed", String(one["thread_id"] === this.thread));
    });
    const log = this.part$(".log");
    const told = store.list("messages").filter((one) => one["thread_id"] === this.thread);
    told.sort((a, b) => a["at"] - b["at"]);
    const said = [...told, ...this.#untold(told)];
    const came = this.#upTo(told, "delivered"), read = this.#upTo(told, "reads");
    this.part$(".empty").hidden = threads.length > 0 || !store.knows("threads");
    this.part$("form").hidden = log.hidden = !this.thread;
    this.part$(".earlier").hidden = !this.more.has(this.thread);
    const below = log.scrollHeight - log.scrollTop - log.clientHeight < 40;
    keyed(this.part$(".log ul"), said, (one) => one["message_id"], (one) => this.#make(one), (li, one) => {
      li.classList.toggle("waits", Boolean(one["word"]));
      const mark = one["actor_id"] !== this.live.who.user_id ? "" : one["at"] <= read ? ", read" : one["at"] <= came ? ", delivered" : "";
      write(li.querySelector("small"), one["word"] ?? `${this.#who(one)}, ${clock(one["at"])}${mark}`);
    });
    if (below) log.scrollTop = log.scrollHeight;
    this.#showTyping(told);
    this.#markRead(told.findLast((one) => one["actor_id"] !== this.live.who.user_id));
  }

  /** What this person wrote and the thread has not told back: also what an earlier page left. @param {Entity[]} told */
  #untold(told) {
    const here = new Set(told.map((one) => `${one["device_id"]} ${one["sequence"]}`));
    const known = (/** @type {Pending} */ { d }) => here.has(`${d["device"]} ${d["seq"]}`);
    for (const [id, one] of this.acked) if (known(one)) this.acked.delete(id);
    const waiting = this.live.waiting("chat.send").filter((one) => !known(one));
    const word = this.live.waitingWord;
    const entity = (/** @type {Pending} */ { id, d }, /** @type {string} */ state) => ({ message_id: id, thread_id: d["thread_id"], actor_id: this.live.who.user_id, text: d["text"], at: madeAt(id), word: state });
    const all = [...[...this.acked.values()].map((one) => entity(one, "Sent")), ...waiting.map((one) => entity(one, word))];
    return all.filter((one) => one.thread_id === this.thread);
  }

  /** When the newest message was said that came to, or was read by, somebody else. @param {Entity[]} told @param {"delivered"|"reads"} marks @returns {number} ms */
  #upTo(told, marks) {
    const found = Object.entries(this.live.store.of("threads").get(this.thread)?.[marks] ?? {});
    const ids = new Set(found.filter(([who]) => who !== this.live.who.user_id).map(([, id]) => id));
    return told.reduce((last, one) => (ids.has(one["message_id"]) ? Math.max(last, one["at"]) : last), 0);
  }

  /** @param {Entity} thread */
  #called(thread) {
    if (thread["kind"] === "staff") {
      const others = (thread["members"] ?? []).filter((/** @type {string} */ one) => one !== this.live.who.user_id);
      return thread["subject"] || others.map((/** @type {string} */ one) => this.live.nameOf(one)).join(", ") || "Staff";
    }
    if (this.live.who.role === "guest") return name(thread["department"] ?? "chat");
    return thread["subject"] || this.live.nameOf(thread["guest_id"] ?? "") || "Chat";
  }

  /** @param {Entity} one a message */
  #who(one) {
    const known = this.live.nameOf(one["actor_id"]);
    return known === one["actor_id"] && one["actor_role"] === "guest" ? "Guest" : known;
  }

  /** @param {Entity} one */
  #make(one) {
    const mine = one["actor_id"] === this.live.who.user_id;
    return el("li", { class: mine ? "mine" : "" }, el("p", {}, one["text"]), el("small", { class: "num" }));
  }

  /** @param {string} id */
  #choose(id) {
    this.thread = id;
    this.live.client?.subscribe(`thread:${id}`);
    void this.#load(id);
    this.soon();
  }

  /** @param {string} id @param {string} [before] */
  async #load(id, before) {
    try {
      if (await fetchMessages(this.live.api, this.live.store, id, before)) this.more.add(id);
      else this.more.delete(id);
      this.soon();
    } catch {
      // What is known is shown; the next choice or press asks again.
    }
  }

  /** What was said before the oldest that is shown; it stays where it is on the screen. */
  async #earlier() {
    const log = this.part$(".log");
    const said = this.live.store.list("messages").filter((one) => one["thread_id"] === this.thread);
    const oldest = said.reduce((a, b) => (b["at"] < a["at"] ? b : a), said[0] ?? {});
    const below = log.scrollHeight - log.scrollTop;
    await this.#load(this.thread, oldest["message_id"]);
    this.show();
    log.scrollTop = log.scrollHeight - below;
  }

  /** Whom one may begin a chat with: a guest the departments, staff their colleagues. */
  #offer() {
    const { who, store } = this.live;
    const guest = who.role === "guest";
    const colleagues = store.list("people").filter((one) => one["role"] !== "guest" && one["user_id"] !== who.user_id);
    colleagues.sort((a, b) => String(a["name"]).localeCompare(String(b["name"])));
    const departments = who.property?.departments ?? ["front_desk", "concierge", "housekeeping", "room_service"];
    const offered = guest ? departments.map((one) => [one, name(one)]) : colleagues.map((one) => [one["user_id"], one["name"]]);
    keyed(this.part$(".begin"), [["", "New chat…"], ...offered], ([value]) => value ?? "", ([value = ""]) => el("option", { value }), (option, [, said = ""]) => write(option, said));
  }

  /** @param {Entity} thread @param {string} wanted a department or a colleague */
  #isWith(thread, wanted) {
    if (this.live.who.role === "guest") return thread["department"] === wanted;
    const members = thread["members"] ?? [];
    return thread["kind"] === "staff" && members.length === 2 && members.includes(wanted) && members.includes(this.live.who.user_id);
  }

  /** @param {HTMLSelectElement} begin */
  async #begin(begin) {
    const chosen = begin.value;
    begin.value = "";
    if (!chosen) return;
    const { who, store } = this.live;
    const had = store.list("threads").find((one) => this.#isWith(one, chosen) && !one["closed"]);
    if (had) return this.#choose(had["thread_id"]);
    const subject = who.room_id ? `Room ${who.room_id}` : who.name;
    // The log names the thread: it is chosen once the house says that it is open.
    this.wanted = chosen;
    try {
      await this.live.command("chat.open", who.role === "guest" ? { kind: "guest_department", department: chosen, subject } : { kind: "staff", members: [chosen] });
    } catch (error) {
      this.wanted = "";
      this.live.complain(error instanceof Error ? error.message : "It was refused.");
    }
  }

  /** @param {HTMLTextAreaElement} text */
  #send(text) {
    const said = text.value.trim();
    if (!said || !this.thread) return;
    text.value = "";
    this.typedAt = 0;
    const id = newId();
    const sent = this.live.command("chat.send", { thread_id: this.thread, text: said }, id);
    const one = this.live.waiting("chat.send").find((waits) => waits.id === id);
    sent.then(
      () => {
        if (one) this.acked.set(id, one);
        this.soon();
      },
      (error) => {
        text.value ||= said;
        this.live.complain(error.message);
      },
    );
  }

  #typing() {
    if (Date.now() - this.typedAt < TYPING_EVERY_MS || !this.thread) return;
    this.typedAt = Date.now();
    this.live.client?.whisper("chat.typing", { thread_id: this.thread, on: true });
  }

  /** @param {Entity} d */
  #typed(d) {
    if (d["user_id"] === this.live.who.user_id) return;
    if (d["on"]) this.typing.set(d["thread_id"], { user_id: d["user_id"], at: d["at"], until: Date.now() + TYPING_ENDS_MS });
    else this.typing.delete(d["thread_id"]);
    this.soon();
  }

  /** Over by itself, and with the message: word of the typing may come after what was typed. @param {Entity[]} told */
  #showTyping(told) {
    const now = this.typing.get(this.thread);
    const left = now ? now.until - Date.now() : 0;
    const over = !now || left <= 0 || told.some((one) => one["actor_id"] === now.user_id && one["at"] >= now.at);
    write(this.part$(".typing"), over ? "" : `${this.live.nameOf(now.user_id)} is writing…`);
    clearTimeout(this.typingEnds);
    if (over) this.typing.delete(this.thread);
    else this.typingEnds = setTimeout(() => this.soon(), left);
  }

  /** What was answered before it was seen lies above the answer, and is read all the same. @param {Entity|undefined} last of the others */
  #markRead(last) {
    if (!last) return;
    if (document.visibilityState !== "visible" || this.read.has(last["message_id"])) return;
    this.read.add(last["message_id"]);
    this.live.command("chat.read", { thread_id: this.thread, message_id: last["message_id"] }).catch(() => {});
  }
}
customElements.define("chat-widget", ChatWidget);
