/** @import {Me} from "../core/types.js" */
/** @import {WebsocketProvider} from "../elements/websocket-provider.js" */
import { write } from "../elements/dom.js";

/**
 * What both pages have around their elements: whose house, who is here, the way out.
 * @param {(me: Me) => string} describe the line below the house's name
 */
export function frame(describe) {
  const provider = /** @type {WebsocketProvider} */ (document.querySelector("websocket-provider"));
  const arrived = () => {
    const me = provider.who;
    write(document.querySelector("#house"), me.property?.name ?? me.property_id);
    write(document.querySelector("#person"), describe(me));
    write(document.querySelector("#hello"), `Welcome, ${me.name}`);
    if (me.role === "guest" && !me.room_id) write(document.querySelector("#lead"), "We are still here for you.");
    document.querySelector(".jump")?.removeAttribute("hidden");
    const dashboard = /** @type {HTMLAnchorElement|null} */ (document.querySelector("#dashboard"));
    if (dashboard && me.dashboard) {
      dashboard.href = me.dashboard;
      dashboard.hidden = false;
    }
    const look = new URLSearchParams(location.hash.slice(1)).get("look");
    if (look) provider.lookAt(look);
    document.title = `${me.property?.name ?? "Concierge"}, ${describe(me)}`;
  };
  if (provider.me) arrived();
  provider.addEventListener("ready", arrived);
  provider.addEventListener("signed-out", (event) => {
    const why = /** @type {CustomEvent<string>} */ (event).detail;
    const unsent = provider.client?.outbox.pending.length;
    location.replace(`/?${new URLSearchParams({ out: why, ...(unsent ? { unsent: String(unsent) } : {}) })}`);
  });
  navigator.serviceWorker?.addEventListener("message", (event) => provider.lookAt(String(event.data?.look ?? "")));
  document.querySelector("#out")?.addEventListener("click", () => void provider.signOut());
}
