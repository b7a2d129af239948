import { sentence } from "../core/link.js";
import { set, write } from "./dom.js";
import { Part } from "./part.js";
import { sheet } from "./sheets.js";
import { clock } from "./words.js";

const LOOK = sheet(`
:host { display: inline-block; }
p { display: inline-flex; align-items: center; gap: .45rem; font-size: .84rem; color: var(--c-soft); line-height: 1.25; }
i { flex: none; width: .6rem; height: .6rem; border-radius: 50%; background: var(--c-warm); }
p[data-state=live] i { background: var(--c-good); }
p[data-state=offline], p[data-state=stale], p[data-state=signed-out] { color: var(--c-alarm); font-weight: 600; }
p[data-state=offline] i, p[data-state=signed-out] i { background: none; border: 2px solid var(--c-alarm); }
p[data-state=stale] i { background: var(--c-alarm); }
`);

/** @type {Record<import("../core/types.js").Way, string|null>} */
const WHY = {
  socket: null,
  stream: "This network breaks WebSockets: news comes as a stream of server-sent events.",
  poll: "This network breaks WebSockets and streams: news comes when this page asks for it.",
};

/** `<live-status-indicator>`: whether what is shown is live, in words. */
export class LiveStatusIndicator extends Part {
  static sheets = [LOOK];

  build() {
    this.root.innerHTML = `<p role="status"><i aria-hidden="true"></i><span></span></p>`;
    const { signal } = this.away;
    this.live.client?.addEventListener("link", () => this.show(), { signal });
    this.live.client?.outbox.addEventListener("change", () => this.show(), { signal });
  }

  show() {
    const { client } = this.live;
    if (!client) return;
    set(this.part$("p"), "data-state", client.link.state);
    const waits = client.link.state === "live" ? 0 : client.outbox.pending.length;
    write(this.part$("span"), sentence(client.link, clock) + (waits ? ` · ${waits} not sent yet` : ""));
    set(this.part$("p"), "title", WHY[client.link.way]);
  }
}
customElements.define("live-status-indicator", LiveStatusIndicator);
