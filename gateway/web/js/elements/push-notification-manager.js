import { unsubscribe } from "../core/push.js";
import { write } from "./dom.js";
import { Part } from "./part.js";

/** `<push-notification-manager>`: let this browser be told while no page is open. Attribute `worker`. */
export class PushNotificationManager extends Part {
  static personal = true;
  build() {
    const guest = this.live.who.role === "guest";
    this.root.innerHTML = `<section class="card" aria-labelledby="title"><div class="head" style="margin-bottom:.3rem"><h2 id="title">Keep me posted</h2></div><p class="soft small" style="margin-bottom:.8rem">Get news of ${guest ? "your requests" : "your tasks and of emergencies"} on this device, even while this page is closed.</p><div class="row"><button class="switch" aria-pressed="false">Turn on</button></div><p class="said" role="status"></p></section>`;
    this.part$(".switch").onclick = () => void this.#switch();
    this.hidden = !("serviceWorker" in navigator && "PushManager" in window);
    if (this.hidden) return;
    void this.#again();
    // A subscription ends with the token that made it.
    this.live.addEventListener("renewed", () => void this.#again(), { signal: this.away.signal });
  }

  get #worker() {
    return navigator.serviceWorker.register(this.getAttribute("worker") ?? "/sw.js", { scope: "/" });
  }

  /** Browsers change subscriptions without telling: say it anew at every load, and with every new token. */
  async #again() {
    try {
      const now = await (await this.#worker).pushManager.getSubscription();
      if (now) await this.#tell(now);
      this.#look(Boolean(now));
    } catch {
      this.#look(false);
    }
  }

  /** @param {boolean} on */
  #look(on) {
    const button = this.part$(".switch");
    button.setAttribute("aria-pressed", String(on));
    write(button, on ? "Turn off" : "Turn on");
  }

  async #switch() {
    const on = this.part$(".switch").getAttribute("aria-pressed") === "true";
    write(this.part$(".said"), "");
    try {
      if (on) await unsubscribe(this.live.api);
      else await this.#on();
      this.#look(!on);
    } catch (error) {
      write(this.part$(".said"), error instanceof Error ? error.message : "This browser did not allow it.");
    }
  }

  async #on() {
    const { permission } = Notification;
    const allowed = permission === "default" ? await Notification.requestPermission() : permission;
    if (allowed !== "granted") throw new Error("Notifications are blocked for this page; allow them in the browser's settings.");
    const { vapid_key: key } = await this.live.api.get("/api/notifications/push");
    const worker = await this.#worker;
    await navigator.serviceWorker.ready;
    const subscription = await worker.pushManager.subscribe({ userVisibleOnly: true, applicationServerKey: key });
    await this.#tell(subscription);
  }

  /** @param {PushSubscription} subscription */
  async #tell(subscription) {
    const { endpoint, keys } = subscription.toJSON();
    await this.live.api.post("/api/notifications/push", { endpoint, keys });
  }
}
customElements.define("push-notification-manager", PushNotificationManager);
