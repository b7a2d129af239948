/** @import {Frame} from "./types.js" */
import { EVENTS, HttpLine, question } from "./http-line.js";
import { WELCOME_MS } from "./ladder.js";

/** The feed as server-sent events, read by fetch: an EventSource can carry no token. */
export class StreamLine extends HttpLine {
  /** @param {string[]} channels @param {string} cursor @param {AbortSignal} signal */
  async listen(channels, cursor, signal) {
    // A proxy that gathers answers until they end would keep the news for itself.
    const gathered = setTimeout(() => this.close(), WELCOME_MS);
    try {
      const response = await this.api.open(`${EVENTS}?${question(channels, cursor)}`, signal);
      const reader = response.body?.pipeThrough(new TextDecoderStream()).getReader();
      let rest = "";
      for (let read = await reader?.read(); read && !read.done; read = await reader?.read()) {
        signal.throwIfAborted();
        clearTimeout(gathered);
        const blocks = (rest + read.value).split("\n\n");
        rest = blocks.pop() ?? "";
        for (const block of blocks) this.#take(block);
      }
    } finally {
      clearTimeout(gathered);
    }
    if (!signal.aborted) this.close();
  }

  /** @param {string} block lines `id: ...`, `data: ...`, or a comment that only says that the line holds */
  #take(block) {
    let place = "";
    for (const line of block.split("\n")) {
      if (line.startsWith("id: ")) place = line.slice(4);
      else if (line.startsWith("data: ")) this.say(/** @type {Frame} */ (JSON.parse(line.slice(6))));
    }
    this.say({ t: "beat", cur: place });
  }
}
