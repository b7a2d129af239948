/** @import {Entity, Frame, Pending} from "./types.js" */
import { newId } from "./ids.js";

/** Silent for this long: ask. Silent for DEAD_MS: it is broken, whatever the browser says. */
const ASK_AFTER_MS = 20_000;
const DEAD_MS = 60_000;
/** What came of chats is said so soon: it is the delivered mark that the others see. */
const GOT_AFTER_MS = 250;
const CHAT = "thread:";

/** One WebSocket, from hello to close. Says `frame` and, once, `closed` (detail: close code). */
export class SocketLine extends EventTarget {
  /** @param {string} address ws(s):// @param {string} [token] where no cookie speaks for us */
  constructor(address, token) {
    super();
    this.address = address;
    this.token = token;
    /** Events of this connection: `beat` tells how many there were. */
    this.count = 0;
    this.asked = false;
    this.over = false;
    this.away = false;
    /** Up to where chats came that is not said yet. @type {Map<string, string>} */
    this.come = new Map();
    /** @type {ReturnType<typeof setTimeout>|undefined} */
    this.got = undefined;
    /** @type {WebSocket|null} */
    this.socket = null;
  }

  open() {
    this.socket = new WebSocket(this.address);
    this.socket.onopen = () => this.#say({ t: "hello", v: 1, ...(this.token ? { token: this.token } : {}) });
    this.socket.onmessage = (event) => {
      // Several events may come in one write; each is a line of its own.
      for (const line of String(event.data).split("\n")) if (line) this.#take(line);
    };
    this.socket.onclose = (event) => this.#closed(event.code);
  }

  /** @param {string} channel @param {string|undefined} cursor */
  subscribe(channel, cursor) {
    this.#say({ t: "sub", ch: channel, ...(cursor ? { cur: cursor } : {}) });
  }

  /** @param {string} channel */
  unsubscribe(channel) {
    this.#say({ t: "unsub", ch: channel });
  }

  /** @param {Pending} one */
  publish(one) {
    this.#say({ t: "pub", id: one.id, cmd: one.cmd, d: one.d });
  }

  /** @param {string} cmd @param {Entity} d */
  whisper(cmd, d) {
    this.#say({ t: "pub", id: newId(), cmd, d });
  }

  /** The open socket goes on with this token. @param {string} token */
  auth(token) {
    this.token = token;
    this.#say({ t: "auth", token });
  }

  /** Whether anybody looks at the page: `away` for the others. @param {boolean} away */
  look(away) {
    this.away = away;
    this.#say({ t: "ping", away });
  }

  /** @param {number} silent ms since anything was heard */
  check(silent) {
    if (silent > DEAD_MS) this.close();
    else if (silent > ASK_AFTER_MS && !this.asked) {
      this.asked = true;
      this.#say({ t: "ping", away: this.away });
    }
  }

  close() {
    this.socket?.close(1000);
    // A half-open socket may take minutes to say that it closed.
    this.#closed(1006);
  }

  /** @param {string} line */
  #take(line) {
    /** @type {Frame} */
    let frame;
    try {
      frame = JSON.parse(line);
    } catch {
      return;
    }
    this.asked = false;
    if (frame.t === "ev") this.count += 1;
    if ((frame.t === "ev" || frame.t === "subbed") && frame.cur && frame.ch?.startsWith(CHAT)) {
      this.come.set(frame.ch, frame.cur);
      this.got ??= setTimeout(() => this.#tellGot(), GOT_AFTER_MS);
    }
    // We counted fewer than were sent: come back, and the cursors bring the missing ones.
    if (frame.t === "beat" && typeof frame.count === "number" && this.count < frame.count) return this.close();
    this.dispatchEvent(new CustomEvent("frame", { detail: frame }));
  }

  #tellGot() {
    this.got = undefined;
    for (const [ch, cur] of this.come) this.#say({ t: "got", cur, ch });
    this.come.clear();
  }

  /** @param {Frame} frame */
  #say(frame) {
    if (this.socket?.readyState === WebSocket.OPEN) this.socket.send(JSON.stringify(frame));
  }

  /** @param {number} code */
  #closed(code) {
    if (this.over) return;
    this.over = true;
    clearTimeout(this.got);
    if (this.socket) this.socket.onmessage = this.socket.onclose = null;
    this.dispatchEvent(new CustomEvent("closed", { detail: code }));
  }
}
