/** @import {Me} from "./types.js" */

/** What this person may listen to from the start; threads come on top. @param {Me} me @returns {string[]} */
export function channelsOf(me) {
  const house = me.property_id;
  // Ids of people are a hotel's own, so who is of the whole group has no channel of their own there.
  const mine = me.group ? [`property:${house}`] : [`property:${house}`, `user:${me.user_id}`];
  if (me.role === "guest") return me.room_id ? [...mine, `room:${house}:${me.room_id}`] : mine;
  const above = me.role === "manager" || me.role === "admin";
  const departments = above ? (me.property?.departments ?? me.departments) : me.departments;
  mine.push(`staff:${house}`, ...departments.map((one) => `department:${house}:${one}`));
  return above ? [...mine, `ops:${house}`] : mine;
}
