import { sentence } from "../core/link.js";
import { set, write } from "./dom.js";
import { Part } from "./part.js";
import { sheet } from "./sheets.js";
import { clock } from "./words.js";

const LOOK = sheet(`
:host { display: inline-block; }
p { display: inline-flex; align-items: center; gap: .45rem; font-size: .84rem; color: var(--c-soft); white-space: nowrap; }
i { width: .6rem; height: .6rem; border-radius: 50%; background: var(--c-warm); }
p[data-state=live] i { background: var(--c-good); }
p[data-state=offline], p[data-state=stale], p[data-state=signed-out] { color: var(--c-alarm); font-weight: 600; }
p[data-state=offline] i, p[data-state=signed-out] i { background: none; border: 2px solid var(--c-alarm); }
p[data-state=stale] i { background: var(--c-alarm); }
`);

/** `<live-status-indicator>`: whether what is shown is live, in words. */
export class LiveStatusIndicator extends Part {
  static sheets = [LOOK];

  build() {
    this.root.innerHTML = `<p role="status"><i aria-hidden="true"></i><span></span></p>`;
    this.live.client?.addEventListener("link", () => this.show());
  }

  show() {
    const { client } = this.live;
    if (!client) return;
    set(this.part$("p"), "data-state", client.link.state);
    write(this.part$("span"), sentence(client.link, clock));
  }
}
customElements.define("live-status-indicator", LiveStatusIndicator);
