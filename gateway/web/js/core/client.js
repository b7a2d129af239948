/** @import {Entity, Frame, Link, Pending, Where} from "./types.js" */
/** @import {Kept} from "./kept.js" */
/** @import {Tabs} from "./tabs.js" */
import { Api, Refusal } from "./api.js";
import { Behind } from "./behind.js";
import { afterClose } from "./closing.js";
import { Followers, forAll } from "./followers.js";
import { Hearing } from "./hearing.js";
import { after } from "./ladder.js";
import { judge } from "./link.js";
import { Outbox } from "./outbox.js";
import { watch } from "./page.js";
import { Reach, isOf } from "./reach.js";
import { Recent } from "./recent.js";

const CHECK_EVERY_MS = 1_000;
/** Asked to come again at once: not that soon. */
const AGAIN_MS = 200;

/**
 * The connection as the page needs it: comes back by itself, by a socket or what the network lets through,
 * asks for what it missed, sends what waits. Of several tabs one has the connection, and the others theirs through it.
 * Says `link` (detail: Link), `event` (detail: Ev), `subbed` (detail: frame), `lost` (detail: a channel that is
 * not this person's any more), `settled` (detail: {id, ok, error?}), `signed-out`, and `token-wanted` where a token speaks for us and ends soon: `renewed` takes it.
 */
export class Client extends Reach {
  /** @param {Api} api @param {Outbox} outbox @param {Where} where
   * @param {Tabs|null} tabs with whom to share a connection, where the browser can
   * @param {Kept|null} [kept] where what is known outlives the page */
  constructor(api, outbox, where, tabs, kept = null) {
    super(api, where, tabs, kept);
    this.outbox = outbox;
    this.hearing = new Hearing(this.cursors);
    this.followers = new Followers(this.hearing);
    this.behind = new Behind(this.cursors);
    this.recent = new Recent();
    /** How many connections there were. */
    this.lines = 0;
    this.away = false;
    /** What the other tabs know of the line. */
    this.told = "";
    /** @type {Link} */
    this.link = judge(this.seen, Date.now());
    /** @type {ReturnType<typeof setTimeout>|undefined} */
    this.resend = undefined;
    /** @type {ReturnType<typeof setInterval>|undefined} */
    this.checks = undefined;
    this.gone = new AbortController();
  }

  /** Connect, and stay so until `stop`. */
  start() {
    const { signal } = this.gone;
    watch(signal, {
      online: () => this.hurry(),
      offline: () => this.follows || this.line?.close(),
      looked: () => this.#looked(),
      sleeps: () => {
        void this.kept?.flush();
        this.tabs?.leave();
      },
      wakes: () => this.seen.signedOut || this.tabs?.join(),
    });
    this.checks = setInterval(() => this.#check(), CHECK_EVERY_MS);
    this.tabs?.addEventListener("led", () => this.#switch(), { signal });
    this.tabs?.addEventListener("said", (event) => this.#said(/** @type {CustomEvent} */ (event).detail), { signal });
    this.tabs?.join();
    void this.outbox.load();
    this.connect();
  }

  /** For good: no more tries. */
  stop() {
    this.stopped = true;
    this.kept?.stop();
    clearTimeout(this.resend);
    clearInterval(this.checks);
    this.gone.abort();
    this.tabs?.leave();
    this.drop();
  }

  /** @param {string} channel */
  subscribe(channel) {
    if (this.channels.has(channel)) return;
    this.channels.add(channel);
    if (!this.follows) this.hearing.want(channel, undefined);
    else if (this.ready) this.line?.subscribe(channel, undefined);
  }

  /** @param {string} channel */
  unsubscribe(channel) {
    this.channels.delete(channel);
    this.holds.delete(channel);
    this.cursors.forget(channel);
    if (!this.follows) this.hearing.leave(channel);
    else if (this.ready) this.line?.unsubscribe(channel);
  }

  /**
   * Send, now or as soon as there is a connection; over reloads too.
   * @param {string} cmd @param {Entity} d @param {string} [id] @returns {string} the id to wait for
   */
  send(cmd, d, id) {
    const one = this.outbox.add(cmd, d, id);
    this.#sendDue();
    return one.id;
  }

  /** What is worth nothing a moment later (typing): only if there is a connection. @param {string} cmd @param {Entity} d */
  whisper(cmd, d) {
    if (this.ready) this.line?.whisper(cmd, d);
  }

  /** The gateway has answered this id for good: it leaves the outbox. @param {string} id @param {Refusal} [error] */
  settle(id, error) {
    // What another tab said is over for what is kept; that tab itself hears it too.
    if (this.outbox.done(id)) this.dispatchEvent(new CustomEvent("settled", { detail: { id, ok: !error, error } }));
    this.#sendDue();
  }

  /** A new token, where one speaks for us: the open line goes on with it. @param {string} token */
  renewed(token) {
    this.where.token = this.api.token = token;
    if (this.seen.signedOut) {
      this.seen.signedOut = false;
      this.failures = 0;
      this.tabs?.join();
      this.connect();
    } else if (this.ready) this.line?.auth(token);
  }

  /** In all tabs: this person is signed out. @param {string} why */
  out(why) {
    this.tabs?.say("out", { why });
  }

  /** @param {Frame} frame */
  take(frame) {
    this.seen.heardAt = Date.now();
    this.seen.askedAt = null;
    if (this.tabs?.leads && forAll(frame, this.where.token)) this.tabs.say("frame", { frame });
    switch (frame.t) {
      case "shared":
        this.#shared(frame);
        break;
      case "welcome":
        if (!this.follows && !isOf(frame, this.where)) this.#signOut("sign-in");
        else this.#welcomed();
        break;
      case "subbed":
        this.behind.subbed(frame);
        if (frame.reset) this.kept?.reset();
        if (frame.snapshot && this.channels.has(frame.ch)) this.holds.add(frame.ch);
        if (frame.stale_since) this.seen.staleSince = frame.stale_since;
        if (this.channels.has(frame.ch)) this.dispatchEvent(new CustomEvent("subbed", { detail: frame }));
        break;
      case "ev":
        // A way with one cursor for all channels may say again what one of them had heard.
        if (this.channels.has(frame.ch) && this.recent.isNew(frame)) this.dispatchEvent(new CustomEvent("event", { detail: frame }));
        // Another tab's channel, or one whose snapshot has yet to come, has no place to go on from.
        if (this.cursors.of(frame.ch)) this.behind.saw(frame.ch, frame.cur);
        if (frame.cur) this.seen.staleSince = null;
        break;
      case "stale":
        this.seen.staleSince = frame.since ?? null;
        break;
      case "beat":
        if (frame.cur) this.behind.all(frame.cur);
        this.#hears();
        break;
      case "ack":
        this.settle(frame.id);
        break;
      case "nack":
        this.#refused(frame);
        break;
      case "auth_expiring":
        void this.#renew();
        break;
      case "drain":
        this.#drain(frame);
        break;
    }
    this.hearing.saw(frame);
    if (frame.cur) this.kept?.later();
    this.tell();
  }

  #welcomed() {
    this.ready = true;
    this.seen.staleSince = null;
    if (this.follows) {
      // Whether the leader's line is open, it says next.
      if (this.seen.open) this.seen.lostAt = Date.now();
      this.seen.open = this.speaks = false;
      this.behind.begin(this.channels);
      for (const channel of this.channels) this.line?.subscribe(channel, this.cursors.of(channel));
      return;
    }
    this.lines += 1;
    this.away = this.speaks = false;
    if (this.line) this.hearing.begin(this.line, new Set([...this.channels, ...this.followers.channels]));
    this.#look();
    // What was left behind is older: it goes first.
    void this.outbox.load().then(() => this.#sendAll());
    if (this.seen.way === "socket") this.#hears();
  }

  /** How it is with the leader's line. @param {Frame} frame */
  #shared({ open, way, n, since }) {
    const before = this.seen.open && this.lines;
    Object.assign(this.seen, { open, way, staleSince: since });
    this.lines = n;
    if (open) this.seen.asOf = null;
    if (open) this.seen.everOpen = true;
    else if (before) this.seen.lostAt = Date.now();
    if (!open) this.speaks = false;
    // What the line before had not acked, this one has to carry.
    if (open && before !== n) this.#sendAll();
  }

  /** This way works: news comes. By HTTP only the listening itself proves that. */
  #hears() {
    if (this.seen.open || this.follows) return;
    clearTimeout(this.timers.welcome);
    this.seen.open = this.seen.everOpen = true;
    this.seen.asOf = null;
    this.failures = 0;
    if (this.seen.way === "socket") this.trial.tries = 0;
    else this.trial.later();
  }

  #sendAll() {
    if (!this.ready) return;
    this.speaks = true;
    this.outbox.again();
    this.#sendDue();
  }

  #sendDue() {
    if (!this.ready) return;
    for (const one of this.outbox.due(this.speaks)) {
      this.seen.askedAt ??= Date.now();
      this.line?.publish(one);
    }
  }

  /** @param {Frame} frame */
  #refused(frame) {
    // "unknown", away or too fast: it may be written or may be later, so the same id is sent again, and what waits
    // behind it waits on.
    if (frame.retry_after !== undefined && this.outbox.pending.some((one) => one.id === frame.id)) {
      clearTimeout(this.resend);
      this.resend = setTimeout(() => this.#sendAll(), Math.max(AGAIN_MS, frame.retry_after * 1000));
      return;
    }
    if (this.channels.has(frame.id) || this.hearing.heard.has(frame.id)) return this.#unheard(frame);
    if (frame.id) this.settle(frame.id, new Refusal(400, frame.code, frame.message));
  }

  /** A channel was not given: too many at once, or not ours. @param {Frame} frame */
  #unheard({ id, retry_after: wait }) {
    const mine = this.channels.has(id);
    if (wait === undefined) {
      this.unsubscribe(id);
      // A stay may be over: what was told of it is not for this browser any more.
      void this.kept?.wipe();
      if (mine) this.dispatchEvent(new CustomEvent("lost", { detail: id }));
    } else setTimeout(() => this.hearing.retry(id), wait * 1000);
  }

  /** The gateway leaves: go to another one, at the moment chance gives us. @param {Frame} frame */
  #drain(frame) {
    const { line } = this;
    const wait = (frame.after ?? 0) + Math.random() * (frame.jitter ?? 0);
    setTimeout(() => line?.close(), wait);
  }

  /** @param {number} code */
  lost(code) {
    const welcomed = this.seen.open;
    this.hearing.end();
    this.drop();
    const what = afterClose(code);
    if (what === "renew" && this.where.token) this.#tokenOver(this.where.token);
    else if (what === "renew") void this.#renew().then(() => this.later(true));
    else if (what === "again") {
      const next = after(this.seen.way, welcomed);
      this.seen.way = next.way;
      this.later(next.wait);
    } else this.#signOut(what === "superseded" ? "superseded" : "sign-in");
    this.tell();
  }

  #looked() {
    if (!document.hidden) this.hurry();
    this.#look();
  }

  /** Away is who looks at no tab. */
  #look() {
    const away = document.hidden && (this.follows || this.followers.hidden);
    if (!this.ready || away === this.away) return;
    this.away = away;
    this.line?.look(away);
  }

  /** What another tab says. @param {any} said */
  #said(said) {
    if (said.k === "out") {
      if (said.why === "asked") void this.outbox.clear();
      return this.#signOut(said.why);
    }
    if (this.follows || said.k === "lead" || said.k === "frame") return;
    // Said to the line before this one, it comes once more, with all that waits in its order.
    const takes = this.ready && (said.k !== "pub" || said.n === this.lines);
    const stranger = this.followers.take(said, takes ? this.line : null, Date.now());
    if (said.k === "hi") this.#lead(stranger ? said.from : "");
    // Nothing to tell again, and so nothing of the gateway's that would say so.
    if (said.k === "sub" && this.hearing.even(said.channel, said.cursor)) this.tabs?.say("frame", { frame: { t: "subbed", ch: said.channel, cur: said.cursor, recovered: true } });
    // A hidden tab's timers may sleep for a minute, while somebody looks at another one.
    if (said.k === "look" && !said.hidden && !this.line) this.hurry();
    this.#look();
    this.#check();
  }

  /** Tell the tabs that follow how it is. @param {string} [stranger] who has to say again what it wants */
  #lead(stranger) {
    const { open, way, staleSince } = this.seen;
    this.tabs?.say("lead", { stranger, line: { open, way, n: this.lines, since: staleSince } });
  }

  /** This tab begins or ceases to lead. */
  #switch() {
    this.drop();
    this.failures = 0;
    this.away = false;
    clearTimeout(this.resend);
    this.behind.end();
    this.hearing = new Hearing(this.cursors);
    this.followers = new Followers(this.hearing);
    if (this.tabs?.leads) this.#lead();
    this.connect();
    this.tell();
  }

  /** Asked for once more; without a new one this person is signed out until one comes. @param {string} token */
  #tokenOver(token) {
    this.dispatchEvent(new CustomEvent("token-wanted"));
    if (this.where.token === token) this.#signOut("sign-in");
    else this.later(true);
  }

  async #renew() {
    if (this.where.token) return this.dispatchEvent(new CustomEvent("token-wanted"));
    try {
      await this.api.post("/api/auth/refresh", {});
      // An open socket keeps the cookie it came with: a new one comes with the new cookie, at our cursors.
      this.line?.close();
    } catch (error) {
      if (error instanceof Refusal && (error.status === 401 || error.status === 403)) this.#signOut("sign-in");
    }
    return true;
  }

  /** @param {string} why */
  #signOut(why) {
    if (this.seen.signedOut) return;
    this.seen.signedOut = true;
    if (why !== "superseded") void this.kept?.wipe();
    this.seen.lostAt = Date.now();
    // A cookie is all tabs' own; of tokens another tab may have a better one.
    if (!this.where.token && why !== "superseded") this.out(why);
    this.tabs?.leave();
    this.dispatchEvent(new CustomEvent("signed-out", { detail: why }));
    this.line?.close();
    this.tell();
  }

  #check() {
    this.line?.check(Date.now() - this.seen.heardAt);
    this.followers.sweep(Date.now());
    // The answer says whether all was told by now: sooner than the next beat would.
    if (this.hearing.waits) this.line?.look(this.away);
    if (!this.line && Date.now() > this.dueAt) this.connect();
    this.tell();
  }

  tell() {
    const link = judge(this.seen, Date.now());
    const same = link.state === this.link.state && link.way === this.link.way && link.asOf === this.link.asOf;
    this.link = link;
    const told = `${this.seen.open} ${this.seen.way} ${this.lines}`;
    if (this.tabs?.leads && told !== this.told) this.#lead();
    this.told = told;
    if (!same) this.dispatchEvent(new CustomEvent("link", { detail: link }));
  }
}
