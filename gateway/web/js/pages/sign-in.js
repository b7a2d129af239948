/** @import {Me} from "../core/types.js" */
import { Api, Refusal } from "../core/api.js";
import { write } from "../elements/dom.js";
import { dress } from "../elements/sheets.js";

/** Why somebody is here again. @type {Record<string, string>} */
const OUT = {
  asked: "You are signed out on this device.",
  superseded: "This page was opened anew elsewhere.",
};
const ASK = "Please open the link you were given; it signs you in.";

/** What was written and did not go out. @param {number} unsent @returns {string} */
function waits(unsent) {
  if (!(unsent > 0)) return "";
  return `${unsent === 1 ? "One thing that you wrote was" : `${unsent} things that you wrote were`} not sent: kept in this browser, sent once you sign in here again. `;
}

/** @param {string} head @param {string} said */
function say(head, said) {
  write(document.querySelector("#head"), head);
  write(document.querySelector("#said"), said);
}

/** Only a path of this site: never somewhere else. @param {Me} me @param {string|null} wanted */
function next(me, wanted) {
  if (wanted && /^\/[a-z]/.test(wanted)) return wanted;
  return me.role === "guest" ? "/guest/" : "/staff/";
}

async function enter() {
  const api = new Api();
  const fragment = new URLSearchParams(location.hash.slice(1));
  const code = fragment.get("code");
  // The code must not stay in the address bar, nor in the history.
  history.replaceState(null, "", location.pathname + location.search);
  const asked = new URLSearchParams(location.search);
  const out = asked.get("out");
  try {
    const me = code ? await api.post("/api/auth/session", { code }) : out ? null : await api.get("/api/auth/me");
    const look = fragment.get("look");
    if (me) return location.replace(next(me, fragment.get("next")) + (look ? `#${new URLSearchParams({ look })}` : ""));
    say("Goodbye", `${OUT[out ?? ""] ?? "Your session has ended."} ${waits(Number(asked.get("unsent")))}${ASK}`);
  } catch (error) {
    if (error instanceof Refusal && code) say("This link no longer works", error.message);
    else if (error instanceof Refusal && error.status === 401) say("Concierge", ASK);
    else say("Not reachable", "The house cannot be reached. This page tries again when you reload it.");
  }
}

dress();
void enter();
