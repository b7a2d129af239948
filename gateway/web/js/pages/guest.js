import "./all.js";
import "../elements/request-list.js";
import { frame } from "./frame.js";

frame((me) => (me.room_id ? `Room ${me.room_id}` : me.name));
