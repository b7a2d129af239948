import "./all.js";
import "../elements/announce-form.js";
import "../elements/room-board.js";
import "../elements/service-queue.js";
import "../elements/shift-card.js";
import { name, title } from "../elements/words.js";
import { frame } from "./frame.js";

frame((me) => `${me.name}, ${me.departments.map(name).join(", ") || title(me.role)}`);
