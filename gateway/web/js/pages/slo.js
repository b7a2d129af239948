/** @import {Slo} from "../core/slo.js" */
import { lost, since, state, tables } from "../core/slo.js";
import { el, write } from "../elements/dom.js";
import { dress } from "../elements/sheets.js";

const AGAIN_MS = 15_000;

async function show() {
  /** @type {Slo} */
  let slo;
  try {
    const answer = await fetch("/api/slo");
    if (!answer.ok) throw new Error(String(answer.status));
    slo = await answer.json();
  } catch {
    write(document.querySelector("#state"), "The gateway does not answer: what stands here is what it said last.");
    return;
  }
  write(document.querySelector("#state"), state(slo));
  if (!slo.report) return;
  write(document.querySelector("#since"), since(slo.report));
  write(document.querySelector("#lost"), lost(slo.report));
  for (const [name, rows] of Object.entries(tables(slo.report))) {
    const cells = rows.map(([first, ...rest]) => el("tr", {}, el("th", { scope: "row" }, first), ...rest.map((one) => el("td", {}, one))));
    document.querySelector(`#${name}`)?.replaceChildren(...cells);
  }
}

dress();
void show();
setInterval(() => void show(), AGAIN_MS);
