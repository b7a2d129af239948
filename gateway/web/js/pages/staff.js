/** @import {WebsocketProvider} from "../elements/websocket-provider.js" */
// First: it says to the provider which hotel the address names.
import { hotels } from "./hotels.js";
import "./all.js";
import "../elements/announce-form.js";
import "../elements/room-board.js";
import "../elements/service-queue.js";
import "../elements/shift-card.js";
import "../elements/system-banner.js";
import { name, title } from "../elements/words.js";
import { frame } from "./frame.js";

frame((me) => `${me.name}, ${me.departments.map(name).join(", ") || title(me.role)}`);
hotels(/** @type {WebsocketProvider} */ (document.querySelector("websocket-provider")));
