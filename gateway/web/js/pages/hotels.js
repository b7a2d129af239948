/** @import {Entity, Me} from "../core/types.js" */
/** @import {WebsocketProvider} from "../elements/websocket-provider.js" */
import { el, write } from "../elements/dom.js";

/** The hotel that the address names. Read before the provider is made: it starts with that. */
const WANTED = new URLSearchParams(location.search).get("hotel");
if (WANTED) document.querySelector("websocket-provider")?.setAttribute("property", WANTED);

/**
 * Who is of the whole group says which hotel is meant: a select and a button, as a form that leads to its address.
 * @param {WebsocketProvider} provider
 */
export function hotels(provider) {
  const form = /** @type {HTMLFormElement} */ (document.querySelector("#hotels"));
  const select = /** @type {HTMLSelectElement} */ (form.querySelector("select"));
  const said = form.querySelector("[role=status]");

  /** @param {Me} me */
  async function offer(me) {
    if (!me.group || !form.hidden) return;
    form.hidden = false;
    const chosen = me.property_id === "*" ? "" : me.property_id;
    try {
      const found = await all();
      const none = chosen ? [] : [el("option", { value: "" }, "Choose a hotel")];
      select.replaceChildren(...none, ...found.map((one) => el("option", { value: one["property_id"] }, one["name"])));
      select.value = chosen;
      if (!chosen) write(said, WANTED ? "There is no such hotel. Choose one of these." : "You may look at every hotel of the group. Choose one.");
    } catch {
      write(said, "The hotels could not be read. Reload this page to try again.");
    }
  }

  /** @returns {Promise<Entity[]>} by their names */
  async function all() {
    const found = [];
    for (let after = "", more = true; more; more = Boolean(after)) {
      const page = await provider.api.get(`/api/properties?${new URLSearchParams({ after })}`);
      found.push(...page.properties);
      after = page.next ?? "";
    }
    return found.sort((a, b) => a.name.localeCompare(b.name));
  }

  const wanted = (/** @type {Me} */ me) => {
    write(document.querySelector("#house"), "All hotels");
    write(document.querySelector("#person"), me.name);
    document.title = "Choose a hotel";
    void offer(me);
  };
  if (provider.choosing) wanted(provider.choosing);
  provider.addEventListener("hotel-wanted", (event) => wanted(/** @type {CustomEvent<Me>} */ (event).detail));
  if (provider.me) void offer(provider.me);
  provider.addEventListener("ready", () => void offer(provider.who));
}
