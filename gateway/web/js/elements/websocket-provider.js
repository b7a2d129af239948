/** @import {Entity, Frame, Me, Pending} from "../core/types.js" */
import { Api, Refusal } from "../core/api.js";
import { delay } from "../core/backoff.js";
import { Client } from "../core/client.js";
import { newId } from "../core/ids.js";
import { Kept } from "../core/kept.js";
import { Outbox } from "../core/outbox.js";
import { unsubscribe } from "../core/push.js";
import { Store } from "../core/store.js";
import { Tabs, sharedBy } from "../core/tabs.js";
import { fetchAll, fetchFor, takeSnapshot } from "../core/loading.js";
import { Vault } from "../core/vault.js";
import { channelsOf } from "../core/channels.js";
import { ASK } from "./part.js";

/** Ten minutes of asking. */
const MOST_LOADS = 35;
/** Not answered for so long, the house is taken for out of reach by who has something to show already. */
const SLOW_MS = 1_500;

/**
 * `<websocket-provider>`: who is signed in, the connection and what is known, for all elements inside.
 * Attributes: `src` (the gateway's origin, if not this page's), `token` (then no cookie is used), `property` (the
 * hotel, for who is of the whole group; once there is one, another takes a new page).
 * Says `ready` (detail: Me; again when a name or the room changed), `renewed` (there is a new `token`), `signed-out`, `hotel-wanted` (detail: Me) where `property` has to say one first, and `token-wanted` when the token ends within a minute: set `token` anew.
 */
export class WebsocketProvider extends HTMLElement {
  static observedAttributes = ["token", "property"];

  constructor() {
    super();
    this.store = new Store();
    this.api = new Api();
    /** @type {Me|null} */
    this.me = null;
    /** @type {Client|null} */
    this.client = null;
    this.starting = false;
    /** Who is signed in for every hotel, until one is chosen. @type {Me|null} */
    this.choosing = null;
    /** @type {((provider: WebsocketProvider) => void)[]} */
    this.askers = [];
    /** Commands that somebody on this page waits for. @type {Set<string>} */
    this.awaited = new Set();
    this.addEventListener(ASK, (event) => {
      event.stopPropagation();
      const asker = /** @type {CustomEvent} */ (event).detail;
      if (this.me) asker(this);
      else this.askers.push(asker);
    });
  }

  connectedCallback() {
    if (!this.client && !this.starting) void this.#start();
  }

  /** A new token for the same person, or the hotel that was wanted. @param {string} name @param {string|null} before @param {string|null} token */
  attributeChangedCallback(name, before, token) {
    if (!token || token === before) return;
    if (name === "property") {
      if (this.choosing && this.isConnected && !this.starting) void this.#start();
      return;
    }
    this.api.token = token;
    if (this.client) {
      this.client.renewed(token);
      this.dispatchEvent(new CustomEvent("renewed"));
    } else if (before && this.isConnected && !this.starting) void this.#start();
  }

  disconnectedCallback() {
    this.client?.stop();
    this.client = null;
  }

  /** Who is signed in; elements inside may rely on it. @returns {Me} */
  get who() {
    if (!this.me) throw new Error("Nobody is signed in yet.");
    return this.me;
  }

  /** @param {string} userId @returns {string} how a person is called here */
  nameOf(userId) {
    if (userId === this.me?.user_id) return "You";
    const known = this.store.of("people").get(userId) ?? this.store.of("online").get(userId);
    return known?.["name"] ?? userId;
  }

  /**
   * Want something: it is kept until the log has it, and this settles when its outcome is known.
   * @param {string} cmd @param {Entity} d @param {string} [id] @returns {Promise<string>} the command's id; throws Refusal
   */
  command(cmd, d, id = newId()) {
    const { client } = this;
    if (!client) return Promise.reject(new Refusal(0, "signed_out", "You are signed out."));
    this.awaited.add(id);
    return new Promise((resolve, reject) => {
      const done = new AbortController();
      client.addEventListener(
        "settled",
        (event) => {
          const { detail } = /** @type {CustomEvent<{id: string, ok: boolean, error?: Refusal}>} */ (event);
          if (detail.id !== id) return;
          done.abort();
          this.awaited.delete(id);
          if (detail.ok) resolve(id);
          else reject(detail.error);
        },
        { signal: done.signal },
      );
      client.send(cmd, this.who.group ? { ...d, property_id: this.who.property_id } : d, id);
    });
  }

  /** What this person wants and the log does not have yet. @param {string} cmd @returns {Pending[]} oldest first */
  waiting(cmd) {
    return (this.client?.outbox.pending ?? []).filter((one) => one.cmd === cmd);
  }

  /** How it is with something that waits, in words. @returns {string} */
  get waitingWord() {
    return this.client?.link.state === "live" ? "Sending…" : "Not sent yet";
  }

  /** Bring something to the person's eyes. @param {string} link `request:id`, `alert:id`, `announcement:id` */
  lookAt(link) {
    this.dispatchEvent(new CustomEvent("look", { detail: link }));
  }

  /** Say to the person why something did not happen. @param {string} message */
  complain(message) {
    this.dispatchEvent(new CustomEvent("refused", { detail: { message } }));
  }

  /** Forget this person on this device. */
  async signOut() {
    this.client?.out("asked");
    this.client?.stop();
    await this.client?.kept?.wipe();
    await this.client?.outbox.clear();
    // Whoever has this device next must not read what is meant for this person.
    if (!this.api.origin) await unsubscribe(this.api).catch(() => {});
    await this.api.call("DELETE", "/api/auth/session").catch(() => {});
    this.dispatchEvent(new CustomEvent("signed-out", { detail: "asked" }));
  }

  async #start() {
    this.starting = true;
    const origin = this.getAttribute("src") ?? "";
    const token = this.getAttribute("token") ?? "";
    this.api = new Api(origin, token);
    this.api.property = this.getAttribute("property") ?? "";
    const address = (origin || location.origin).replace(/^http/, "ws") + "/api/websocket/connection";
    const place = `${address} ${token ? "token" : "cookie"}`;
    // A page that cannot ask begins as who was here last; whether that is still so, the first connection says.
    let asked = true;
    try {
      const known = await this.#soon(this.#whoami(), token ? null : Kept.last(place));
      if (known.property_id === "*") {
        this.choosing = known;
        this.starting = false;
        this.dispatchEvent(new CustomEvent("hotel-wanted", { detail: known, bubbles: true, composed: true }));
        return;
      }
      this.choosing = null;
      this.me = known;
    } catch (error) {
      const refused = error instanceof Refusal && (error.status === 401 || error.status === 403);
      // Whose a token is only the house knows.
      const last = refused || token ? null : await Kept.last(place);
      if (refused) {
        await Kept.wipe(place);
        this.starting = false;
        this.#out("sign-in");
        return;
      }
      if (!last?.text || (this.api.property && last.about.property_id !== this.api.property)) {
        setTimeout(() => void this.#start(), 2000);
        return;
      }
      this.me = last.about;
      asked = false;
    }
    this.starting = false;
    if (!this.isConnected) return;
    const me = this.who;
    const shared = sharedBy(address, me, this.api.token);
    const outbox = new Outbox(new Vault(), `${address} ${me.property_id} ${me.user_id}`);
    const client = new Client(this.api, outbox, { address, token: this.api.token, user_id: me.user_id, property_id: me.property_id }, Tabs.can() ? new Tabs(shared) : null, new Kept(this.store, place, shared, me));
    this.client = client;
    client.addEventListener("event", (event) => this.#event(/** @type {CustomEvent<Frame>} */ (event).detail));
    client.addEventListener("subbed", (event) => this.#subbed(/** @type {CustomEvent<Frame>} */ (event).detail));
    client.addEventListener("lost", (event) => this.#lost(/** @type {CustomEvent<string>} */ (event).detail));
    client.addEventListener("signed-out", (event) => this.#out(/** @type {CustomEvent<string>} */ (event).detail));
    client.addEventListener("token-wanted", () => this.dispatchEvent(new CustomEvent("token-wanted", { bubbles: true, composed: true })));
    client.addEventListener("settled", (event) => this.#settled(/** @type {CustomEvent} */ (event).detail));
    await client.recall();
    if (this.client !== client) return;
    for (const channel of channelsOf(me)) client.subscribe(channel);
    client.start();
    for (const asker of this.askers.splice(0)) asker(this);
    this.dispatchEvent(new CustomEvent("ready", { detail: me }));
    // A house that is just being furnished, or out of reach, is asked again.
    for (let n = 0; this.client === client && n < MOST_LOADS && !(await fetchAll(this.api, this.store, me)); n++) {
      await new Promise((go) => setTimeout(go, delay(n)));
    }
    if (!me.property || !asked) await this.#named();
    if (!me.group) for (const id of this.store.of("threads").keys()) client.subscribe(`thread:${id}`);
  }

  /** A hotel that is not there or not this person's is none to start with. @returns {Promise<Me>} */
  async #whoami() {
    try {
      return await this.api.get("/api/auth/me");
    } catch (error) {
      const none = error instanceof Refusal && (error.code === "forbidden" || error.code === "unknown_property");
      if (!none || !this.api.property) throw error;
      this.api.property = "";
      return this.api.get("/api/auth/me");
    }
  }

  /** What the house says; given up soon where an earlier page left something to show.
   * @template T @param {Promise<T>} asked @param {Promise<unknown>|null} kept @returns {Promise<T>} */
  async #soon(asked, kept) {
    asked.catch(() => {});
    if (!(await kept)) return asked;
    /** @type {Promise<never>} */
    const late = new Promise((_, fail) => setTimeout(() => fail(new Error("late")), SLOW_MS));
    return Promise.race([asked, late]);
  }

  /** The house had no name yet when the page came. */
  async #named() {
    this.me = /** @type {Me} */ (await this.api.get("/api/auth/me").catch(() => this.me));
    this.dispatchEvent(new CustomEvent("ready", { detail: this.me }));
  }

  /** A guest's stay is over, or in another room: what others asked for in this one is not theirs. @param {string} channel */
  #lost(channel) {
    const { me, store } = this;
    if (!me?.room_id || !channel.startsWith("room:")) return;
    this.me = { ...me, room_id: null };
    store.fill("requests", store.list("requests").filter((one) => one["guest_id"] === me.user_id));
    this.dispatchEvent(new CustomEvent("ready", { detail: this.me }));
  }

  /** What an earlier page wanted has nobody here to tell. @param {{id: string, error?: Refusal}} detail */
  #settled({ id, error }) {
    if (error && !this.awaited.has(id)) this.complain(error.message);
  }

  /** @param {Frame} frame */
  #event(frame) {
    const d = frame["d"] ?? {};
    if (frame["type"] === "command_rejected") {
      const id = d.causation_id ?? d.command_id ?? frame["id"];
      this.dispatchEvent(new CustomEvent("refused", { detail: { id, code: d.code, message: d.message ?? d.sentence } }));
      return;
    }
    if (frame["type"] === "typing") {
      this.dispatchEvent(new CustomEvent("typing", { detail: { ...d, at: frame["at"] } }));
      return;
    }
    this.store.apply(frame["type"], d);
    const threadId = d.thread_id;
    if (frame["type"] === "thread_updated" && threadId && !this.who.group) this.client?.subscribe(`thread:${threadId}`);
  }

  /** @param {Frame} frame */
  #subbed(frame) {
    if (frame["reset"]) {
      // What ended while we were away is in no snapshot.
      for (const kind of /** @type {const} */ (["requests", "alerts", "announcements", "shifts"])) this.store.fill(kind, []);
      void fetchFor(this.api, this.store, this.who, frame["ch"]).catch(() => {});
    }
    // Who came and went is said once: whoever comes back is told who is there now.
    if (frame["online"]) this.store.fill("online", frame["online"]);
    if (frame["system_alerts"]) this.store.fill("system", frame["system_alerts"], { keep: true });
    if (frame["snapshot"]) takeSnapshot(this.store, frame["snapshot"]);
  }

  /** @param {string} why */
  #out(why) {
    this.dispatchEvent(new CustomEvent("signed-out", { detail: why, bubbles: true, composed: true }));
  }
}
customElements.define("websocket-provider", WebsocketProvider);
