/** The parts of the web client that decide, without a browser: `node --test`. */
import assert from "node:assert/strict";
import { test } from "node:test";
import { FIRST_MS, MOST_MS, delay } from "../../gateway/web/js/core/backoff.js";
import { channelsOf } from "../../gateway/web/js/core/channels.js";
import { afterClose } from "../../gateway/web/js/core/closing.js";
import { newId } from "../../gateway/web/js/core/ids.js";
import { OFFLINE_AFTER_MS, STALE_AFTER_MS, judge, sentence } from "../../gateway/web/js/core/link.js";
import { MOST_PENDING, Outbox } from "../../gateway/web/js/core/outbox.js";
import { Store } from "../../gateway/web/js/core/store.js";
import { reached, roomLook } from "../../gateway/web/js/elements/words.js";

function keep() {
  const by = new Map();
  return { getItem: (k) => by.get(k) ?? null, setItem: (k, v) => by.set(k, v), removeItem: (k) => by.delete(k) };
}

test("ids are version 7 and ordered by time", () => {
  const [a, b] = [newId(1_700_000_000_000), newId(1_700_000_000_001)];
  assert.match(a, /^[0-9a-f]{8}-[0-9a-f]{4}-7[0-9a-f]{3}-[89ab][0-9a-f]{3}-[0-9a-f]{12}$/);
  assert.ok(a < b);
});

test("back-off doubles up to a most, half of it by chance", () => {
  assert.equal(delay(0, () => 0), FIRST_MS / 2);
  assert.equal(delay(2, () => 0.999999), FIRST_MS * 4);
  assert.equal(delay(500, () => 0), MOST_MS / 2);
});

test("close codes: come back, renew, or stay away", () => {
  for (const code of [1000, 1006, 1012, 4000, 4008, 4029]) assert.equal(afterClose(code), "again");
  assert.equal(afterClose(4101), "renew");
  for (const code of [4401, 4403]) assert.equal(afterClose(code), "sign-in");
  assert.equal(afterClose(4409), "superseded");
  for (const code of [4400, 4413]) assert.equal(afterClose(code), "refused");
});

test("the indicator never calls silence live", () => {
  const seen = { open: true, everOpen: true, signedOut: false, polling: false, lostAt: 0, heardAt: 1000 };
  assert.equal(judge(seen, 2000).state, "live");
  const stale = judge(seen, 1000 + STALE_AFTER_MS + 1);
  assert.deepEqual([stale.state, stale.since], ["stale", 1000]);
  assert.match(sentence(stale, () => "14:05"), /14:05/);
  assert.equal(judge({ ...seen, open: false }, 1000).state, "reconnecting");
  assert.equal(judge({ ...seen, open: false, everOpen: false }, 1000).state, "connecting");
  assert.equal(judge({ ...seen, open: false }, OFFLINE_AFTER_MS + 1).state, "offline");
});

test("the outbox survives a reload and belongs to one person", () => {
  const disk = keep();
  const first = new Outbox(disk, "h.guest-101");
  const sent = first.add("chat.send", { text: "hello" });
  first.add("services.request", { item: "towels" });
  const again = new Outbox(disk, "h.guest-101");
  assert.deepEqual(again.pending.map((one) => one.id), first.pending.map((one) => one.id));
  assert.equal(again.pending[0].d.device, sent.d.device);
  assert.equal(again.pending[0].d.seq, 1);
  assert.deepEqual(again.pending[1].d, { item: "towels" });
  assert.equal(new Outbox(disk, "h.guest-102").pending.length, 0);
  assert.ok(again.done(sent.id));
  assert.ok(!again.done(sent.id));
  assert.equal(new Outbox(disk, "h.guest-101").pending.length, 1);
});

test("the outbox is bounded, and unreadable storage is no crash", () => {
  const disk = keep();
  disk.setItem("concierge.outbox.x", "{nonsense");
  const outbox = new Outbox(disk, "x");
  for (let n = 0; n < MOST_PENDING; n++) outbox.add("chat.send", {});
  assert.throws(() => outbox.add("chat.send", {}));
});

test("an older version changes nothing", () => {
  const store = new Store();
  store.apply("service_request_updated", { request: { request_id: "r", status: "started" }, version: 9 });
  store.apply("service_request_updated", { request: { request_id: "r", status: "open" }, version: 4 });
  assert.equal(store.of("requests").get("r").status, "started");
});

test("staff_online may be a shift or a connection; an expired notification goes", () => {
  const store = new Store();
  store.apply("staff_online", { user_id: "s", shift: { staff_id: "s", shift_id: "1" } });
  store.apply("staff_online", { user_id: "s", state: "connected" });
  assert.equal(store.of("shifts").size, 1);
  assert.equal(store.of("online").get("s").state, "connected");
  store.apply("notification", { notification: { notification_id: "n", status: "unseen" } });
  store.apply("notification_updated", { notification_id: "n", notification: null, change: "expired" });
  assert.equal(store.of("notifications").size, 0);
});

test("a fresh list replaces, a page of a history adds", () => {
  const store = new Store();
  store.fill("rooms", [{ room_id: "101" }, { room_id: "102" }]);
  store.fill("rooms", [{ room_id: "101", block: "none" }], { keep: true });
  assert.equal(store.of("rooms").size, 2);
  store.fill("rooms", [{ room_id: "103" }]);
  assert.deepEqual([...store.of("rooms").keys()], ["103"]);
});

test("channels by role", () => {
  const me = { property_id: "h", user_id: "u", room_id: "101", departments: ["security"], role: "guest" };
  assert.deepEqual(channelsOf(me), ["property:h", "user:u", "room:h:101"]);
  assert.ok(channelsOf({ ...me, role: "staff" }).includes("department:h:security"));
  assert.ok(!channelsOf({ ...me, role: "staff" }).includes("ops:h"));
  assert.ok(channelsOf({ ...me, role: "admin" }).includes("ops:h"));
});

test("a room has one look, the most urgent first, and a glyph for each", () => {
  assert.equal(roomLook({ block: "out_of_order", front_office: "occupied" }).word, "Out of order");
  assert.equal(roomLook({ front_office: "occupied", guest_service: "do_not_disturb" }).glyph, "☾");
  assert.equal(roomLook({ front_office: "vacant", housekeeping: "dirty" }).tone, "dirty");
  assert.deepEqual(["open", "assigned", "accepted", "started", "completed", "cancelled"].map(reached), [1, 1, 2, 3, 4, 0]);
});
