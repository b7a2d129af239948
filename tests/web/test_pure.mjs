/** The parts of the web client that decide, without a browser: `node --test`. */
import assert from "node:assert/strict";
import { test } from "node:test";
import { FIRST_MS, MOST_MS, delay } from "../../gateway/web/js/core/backoff.js";
import { allOf, newest } from "../../gateway/web/js/core/bell.js";
import { channelsOf } from "../../gateway/web/js/core/channels.js";
import { afterClose } from "../../gateway/web/js/core/closing.js";
import { Cursors } from "../../gateway/web/js/core/cursors.js";
import { madeAt, newId } from "../../gateway/web/js/core/ids.js";
import { WAYS, after, tryAfter } from "../../gateway/web/js/core/ladder.js";
import { ANSWER_MS, OFFLINE_AFTER_MS, STALE_AFTER_MS, judge, sentence } from "../../gateway/web/js/core/link.js";
import { MOST_PENDING, Outbox } from "../../gateway/web/js/core/outbox.js";
import { Recent } from "../../gateway/web/js/core/recent.js";
import { Store } from "../../gateway/web/js/core/store.js";
import { share, since, span, state, tables } from "../../gateway/web/js/core/slo.js";
import { MOST_CHARS, textOf } from "../../gateway/web/js/core/kept.js";
import { LASTS_MS, standing } from "../../gateway/web/js/core/system.js";
import { Vault } from "../../gateway/web/js/core/vault.js";
import { reached, roomLook } from "../../gateway/web/js/elements/words.js";

/** A vault whose things are gone with the test. */
function keep() {
  const by = new Map();
  return {
    all: async (owner) => [...by.values()].filter((one) => one.owner === owner).map((one) => one.one),
    put: async (owner, one) => by.set(`${owner}/${one.id}`, { owner, one }),
    delete: async (owner, id) => by.delete(`${owner}/${id}`),
    clear: async (owner) => by.forEach((one, key) => one.owner === owner && by.delete(key)),
  };
}

/** The outbox of a page that has just come. */
async function outboxOf(disk, owner) {
  const outbox = new Outbox(disk, owner);
  await outbox.load();
  return outbox;
}

test("ids are version 7 and ordered by time", () => {
  const [a, b] = [newId(1_700_000_000_000), newId(1_700_000_000_001)];
  assert.match(a, /^[0-9a-f]{8}-[0-9a-f]{4}-7[0-9a-f]{3}-[89ab][0-9a-f]{3}-[0-9a-f]{12}$/);
  assert.ok(a < b);
  assert.equal(madeAt(b), 1_700_000_000_001);
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
  const seen = { open: true, everOpen: true, signedOut: false, way: "socket", lostAt: 0, heardAt: 1000, staleSince: null, askedAt: null, asOf: null };
  assert.equal(judge(seen, 2000).state, "live");
  const stale = judge(seen, 1000 + STALE_AFTER_MS + 1);
  assert.deepEqual([stale.state, stale.since], ["stale", 1000]);
  assert.match(sentence(stale, () => "14:05"), /14:05/);
  assert.equal(judge({ ...seen, askedAt: 1500 }, 1500 + ANSWER_MS).state, "live");
  const unanswered = judge({ ...seen, askedAt: 1500 }, 1501 + ANSWER_MS);
  assert.deepEqual([unanswered.state, unanswered.since], ["stale", 1000]);
  assert.deepEqual(WAYS.map((way) => sentence(judge({ ...seen, way }, 2000), () => "")), ["Live", "Live, by stream", "Live, by asking"]);
  assert.equal(judge({ ...seen, staleSince: 900 }, 2000).since, 900);
  assert.equal(judge({ ...seen, open: false }, 1000).state, "reconnecting");
  assert.equal(judge({ ...seen, open: false, everOpen: false }, 1000).state, "connecting");
  assert.equal(judge({ ...seen, open: false }, OFFLINE_AFTER_MS + 1).state, "offline");
  assert.equal(sentence(judge({ ...seen, open: false, asOf: 7 }, 1000), (ms) => `${ms}`), "Reconnecting… · as of 7");
});

test("what brought no welcome makes room for the next way, and only a whole round waits", () => {
  assert.deepEqual(after("socket", false), { way: "stream", wait: false });
  assert.deepEqual(after("stream", false), { way: "poll", wait: false });
  assert.deepEqual(after("poll", false), { way: "socket", wait: true });
  for (const way of WAYS) assert.deepEqual(after(way, true), { way, wait: true });
  assert.ok(tryAfter(0) < tryAfter(1));
  assert.equal(tryAfter(99), tryAfter(100));
});

test("one place for all channels is never past that of one of them", () => {
  const cursors = new Cursors();
  cursors.saw("a", "first");
  cursors.saw("b", "later");
  cursors.saw("b", undefined);
  assert.equal(cursors.floor, "first");
  cursors.all("beat");
  assert.deepEqual([cursors.of("a"), cursors.of("b"), cursors.floor], ["beat", "beat", "beat"]);
  cursors.forget("a");
  assert.equal(cursors.of("a"), undefined);
});

test("what is kept is the content and the cursors of it, without who is there now", () => {
  const store = new Store();
  store.fill("requests", [{ request_id: "r", status: "created", version: 3 }]);
  store.fill("online", [{ user_id: "u" }]);
  const cursors = new Cursors();
  for (const channel of ["a", "b"]) cursors.saw(channel, `${channel}1`);
  const { known, places } = JSON.parse(textOf(store.dump(), cursors.places(new Set(["b", "c"]))));
  assert.deepEqual(places, { by: [["b", "b1"]], floor: "a1" });
  const next = new Store();
  next.restore(known);
  assert.deepEqual([next.knows("requests"), next.knows("online"), next.list("online")], [true, false, []]);
  next.apply("service_request_updated", { version: 2, request: { request_id: "r", status: "older" } });
  assert.equal(next.of("requests").get("r").status, "created");
  next.clear();
  assert.deepEqual([next.knows("requests"), next.list("requests")], [false, []]);
});

test("of a thread with anything sensitive in it neither words nor cursor are kept, and of too much no words", () => {
  const store = new Store();
  store.fill("threads", [{ thread_id: "open" }, { thread_id: "sealed" }, { thread_id: "half" }].map((one) => ({ ...one, sensitive: one.thread_id === "sealed" })));
  store.fill("messages", ["open", "sealed", "half"].map((thread_id) => ({ message_id: thread_id, thread_id, text: `in ${thread_id}`, sensitive: thread_id === "half" })));
  const places = { by: [["property:h", "1"], ["thread:open", "2"], ["thread:sealed", "3"], ["thread:half", "4"]], floor: "1" };
  const kept = textOf(store.dump(), places);
  assert.ok(kept.includes("in open") && !kept.includes("in sealed") && !kept.includes("in half"));
  assert.deepEqual(JSON.parse(kept).places.by, [["property:h", "1"], ["thread:open", "2"]]);
  store.put("messages", { message_id: "long", thread_id: "open", text: "x".repeat(MOST_CHARS) });
  const less = JSON.parse(textOf(store.dump(), places));
  assert.deepEqual([less.known.kinds.messages, less.places.by], [[], [["property:h", "1"]]]);
  store.put("requests", { request_id: "long", note: "x".repeat(MOST_CHARS) });
  assert.equal(textOf(store.dump(), places), "");
});

test("an event is news once; a signal always", () => {
  const recent = new Recent();
  const frame = { t: "ev", ch: "c", type: "new_message", id: "1", cur: "x" };
  assert.deepEqual([frame, frame, { ...frame, ch: "d" }].map((one) => recent.isNew(one)), [true, false, true]);
  const signal = { ...frame, cur: undefined };
  assert.deepEqual([signal, signal].map((one) => recent.isNew(one)), [true, true]);
});

test("the outbox survives a reload in its order, and belongs to one person", async () => {
  const disk = keep();
  const first = new Outbox(disk, "h guest-101");
  const sent = first.add("chat.send", { text: "hello" }, newId(1000));
  first.add("services.request", { item: "towels" }, newId(2000));
  const again = await outboxOf(disk, "h guest-101");
  assert.deepEqual(again.pending, first.pending);
  assert.deepEqual(again.pending[0].d, { text: "hello", device: first.device, seq: 1 });
  assert.deepEqual(again.pending[1].d, { item: "towels" });
  assert.equal((await outboxOf(disk, "h guest-10")).pending.length, 0);
  assert.ok(again.done(sent.id));
  assert.ok(!again.done(sent.id));
  assert.equal((await outboxOf(disk, "h guest-101")).pending.length, 1);
  await again.clear();
  assert.equal((await outboxOf(disk, "h guest-101")).pending.length, 0);
});

test("what is over while it is read is not taken up again, and what is written meanwhile comes last", async () => {
  const disk = keep();
  const left = new Outbox(disk, "x");
  const [one, two] = [left.add("chat.send", {}, newId(1000)), left.add("chat.send", {}, newId(2000))];
  const page = new Outbox(disk, "x");
  const reading = page.load();
  page.done(one.id);
  const three = page.add("chat.send", {});
  await reading;
  assert.deepEqual(page.pending.map(({ id }) => id), [two.id, three.id]);
});

test("two tabs neither count on under one name nor overwrite each other", async () => {
  const disk = keep();
  const [one, two] = [new Outbox(disk, "x"), new Outbox(disk, "x")];
  const said = [one.add("chat.send", {}), two.add("chat.send", {})];
  assert.notEqual(`${said[0].d.device} ${said[0].d.seq}`, `${said[1].d.device} ${said[1].d.seq}`);
  assert.equal((await outboxOf(disk, "x")).pending.length, 2);
});

test("an emergency waits behind nothing, and not for ever", async () => {
  const disk = keep();
  const outbox = new Outbox(disk, "x");
  outbox.add("chat.send", {});
  outbox.add("alerts.raise_emergency", {});
  assert.deepEqual(outbox.pending.map((one) => one.cmd), ["alerts.raise_emergency", "chat.send"]);
  outbox.add("alerts.raise_emergency", {}, newId(Date.now() - 3_600_000));
  assert.equal((await outboxOf(disk, "x")).pending.length, 2);
  assert.equal((await disk.all("x")).length, 2);
});

test("one goes at a time, and nothing before the one that was refused for now; emergencies wait for none", async () => {
  const outbox = await outboxOf(keep(), "x");
  const [one, two] = [outbox.add("chat.send", {}), outbox.add("chat.send", {})];
  assert.deepEqual(outbox.due(false), []);
  assert.deepEqual(outbox.due(true), [one]);
  const help = outbox.add("alerts.raise_emergency", {});
  assert.deepEqual(outbox.due(false), [help]);
  assert.deepEqual(outbox.due(true), [], "both are under way");
  outbox.done(help.id);
  assert.deepEqual(outbox.due(true), []);
  outbox.again();
  assert.deepEqual(outbox.due(true), [one], "refused for now: the same again");
  outbox.done(one.id);
  assert.deepEqual(outbox.due(true), [two]);
});

test("the outbox is bounded, and goes on where nothing may be kept", async () => {
  const outbox = await outboxOf(new Vault(() => undefined), "x");
  for (let n = 0; n < MOST_PENDING; n++) outbox.add("chat.send", {});
  assert.throws(() => outbox.add("chat.send", {}));
  assert.equal(outbox.add("alerts.raise_emergency", {}).cmd, outbox.pending[0].cmd, "help is asked for all the same");
  await outbox.clear();
  assert.equal(outbox.pending.length, 0);
});

test("of an emergency the bell shows the last word, and to read it is to read all of it", () => {
  const note = (notification_id, notified_at, link, status = "seen") => ({ notification_id, notified_at, link, status });
  const mine = [note("b", 3, "alert:1"), note("a", 1, "alert:1"), note("c", 2, "request:1"), note("d", 4, "request:1"), note("e", 0, "alert:1", "read"), note("f", 5, "")];
  assert.deepEqual(newest(mine).map((one) => one.notification_id), ["f", "d", "b", "c"]);
  assert.deepEqual(allOf(mine, mine[0]), ["b", "a"]);
  assert.deepEqual(allOf(mine, mine[5]), ["f"]);
});

test("a mark that is told again sets no newer one back", () => {
  const store = new Store();
  store.fill("messages", [{ message_id: "m1", at: 1 }, { message_id: "m2", at: 2 }]);
  const read = (/** @type {string} */ id) => store.apply("message_read", { thread_id: "t", actor_id: "ann", fact: { message_id: id } });
  const mark = () => store.of("threads").get("t")?.reads.ann;
  for (const [id, then] of [["m1", "m1"], ["m2", "m2"], ["m1", "m2"], ["m9", "m9"]]) {
    read(id);
    assert.equal(mark(), then);
  }
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
  assert.ok(!store.knows("rooms"));
  store.fill("rooms", [{ room_id: "101" }, { room_id: "102" }]);
  store.fill("rooms", [{ room_id: "101", block: "none" }], { keep: true });
  assert.equal(store.of("rooms").size, 2);
  store.fill("rooms", [{ room_id: "103" }]);
  assert.deepEqual([...store.of("rooms").keys()], ["103"]);
});

test("an answer never takes back what was heard while it was under way", () => {
  const store = new Store();
  store.apply("service_request_updated", { request: { request_id: "r", status: "open" }, version: 1 });
  const since = store.heard;
  store.apply("service_request_updated", { request: { request_id: "r", status: "started" }, version: 2 });
  store.fill("requests", [{ request_id: "r", status: "open", note: "n" }, { request_id: "s", status: "open" }], { keep: true, since });
  assert.deepEqual(store.of("requests").get("r"), { request_id: "r", status: "started", note: "n", version: 2 });
  store.fill("requests", [{ request_id: "r", status: "completed" }], { keep: true, since: store.heard });
  assert.equal(store.of("requests").get("r").status, "completed");
  assert.equal(store.of("requests").get("s").status, "open");
});

test("channels by role", () => {
  const me = { property_id: "h", user_id: "u", room_id: "101", departments: ["security"], role: "guest" };
  assert.deepEqual(channelsOf(me), ["property:h", "user:u", "room:h:101"]);
  assert.ok(channelsOf({ ...me, role: "staff" }).includes("department:h:security"));
  assert.ok(!channelsOf({ ...me, role: "staff" }).includes("ops:h"));
  assert.ok(channelsOf({ ...me, role: "admin" }).includes("ops:h"));
  const group = channelsOf({ ...me, role: "admin", group: true });
  assert.ok(group.includes("ops:h") && !group.includes("user:u"), "ids of people are a hotel's own");
});

test("of what watchdogs said the newest word of each kind and part stands, until it is over", () => {
  const word = (event_id, at, more = {}) => ({ event_id, at, kind: "lag", part: "sink", over: false, ...more });
  const ids = (words, now = 10) => standing(words, now).map((one) => one.event_id);
  const words = [word("b", 2), word("a", 1), word("c", 1, { part: "push" }), word("d", 3, { kind: "part_died" })];
  assert.deepEqual(ids(words), ["d", "b", "c"]);
  assert.deepEqual(ids([...words, word("e", 4, { over: true })]), ["d", "c"]);
  assert.deepEqual(ids([word("e", 4, { over: true }), word("f", 4), ...words]), ["d", "c"]);
  assert.deepEqual(ids([...words, word("e", 4, { over: true }), word("g", 5)]), ["g", "d", "c"]);
  assert.deepEqual(ids(words, LASTS_MS + 2), ["d"]);
});

test("a room has one look, the most urgent first, and a glyph for each", () => {
  assert.equal(roomLook({ block: "out_of_order", front_office: "occupied" }).word, "Out of order");
  assert.equal(roomLook({ front_office: "occupied", guest_service: "do_not_disturb" }).glyph, "☾");
  assert.equal(roomLook({ front_office: "vacant", housekeeping: "dirty" }).tone, "dirty");
  const stays = roomLook({ front_office: "occupied", housekeeping: "dirty" });
  assert.deepEqual([stays.tone, stays.glyph, stays.word], ["occupied", "●◌", "Occupied, to clean"]);
  assert.deepEqual(["open", "assigned", "accepted", "started", "completed", "cancelled"].map(reached), [1, 1, 2, 3, 4, 0]);
});

test("the page of the house's promises says what it knows, since when, and when it knows nothing new", () => {
  const report = { at: 0, since: 86_400_000, hotels: 4, of: 9, latencies: [], uptimes: [], findings: [] };
  const said = (more, silent_since = null) => state({ now: 0, report: more && { ...report, ...more }, silent_since });
  assert.match(said(null), /Nothing was measured yet/);
  assert.match(said({}), /in 4 of 9 hotels/);
  assert.match(said({}, 86_400_000), /silent since 1970-01-02 00:00 UTC/);
  assert.match(said({ hotels: 0, of: 0 }), /no hotel/);
  assert.equal(since(report), "Looking since 1970-01-02 00:00 UTC");
  assert.equal(share({ client: "c", window: "1h", up_s: 3_599, looked_s: 3_600 }), "99.97 % of 60 min");
  assert.equal(share({ client: "c", window: "1h", up_s: 0, looked_s: 0 }), "not looked");
  assert.deepEqual([119, 7_199, 172_799, 172_800].map(span), ["119 s", "119 min", "47 h", "2 d"]);
  const one = { window: "1h", heard: 9, lost: 1, doubled: 2, reordered: 3, foreign: 4, reset: 5, unjudged: 6 };
  const rows = tables({ ...report, findings: [one], uptimes: [{ client: "c", window: "24h", up_s: 1, looked_s: 2 }] });
  assert.deepEqual(rows.findings, [["1h", "9", "1", "2", "3", "4", "11"]]);
  assert.deepEqual(rows.uptimes, [["c", "not looked", "50 % of 2 s", "not looked"]]);
});
