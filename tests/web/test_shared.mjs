/** What a line is asked for by several tabs, without a browser: `node --test`. */
import assert from "node:assert/strict";
import { test } from "node:test";
import { Behind } from "../../gateway/web/js/core/behind.js";
import { Cursors } from "../../gateway/web/js/core/cursors.js";
import { Followers, GONE_MS, forAll } from "../../gateway/web/js/core/followers.js";
import { Hearing } from "../../gateway/web/js/core/hearing.js";
import { sharedBy } from "../../gateway/web/js/core/tabs.js";

/** A line that writes down what it was asked. */
function line() {
  const asked = [];
  return {
    asked,
    subscribe: (channel, cursor) => asked.push(cursor ? `${channel} from ${cursor}` : channel),
    unsubscribe: (channel) => asked.push(`not ${channel}`),
    publish: ({ id }) => asked.push(`pub ${id}`),
    whisper: (cmd) => asked.push(`whisper ${cmd}`),
  };
}

/** Who leads, with what it has been told. */
function leader() {
  const cursors = new Cursors();
  const hearing = new Hearing(cursors);
  const told = (frame) => {
    if (frame.t === "subbed") cursors.saw(frame.ch, frame.cur);
    if (frame.t === "beat") cursors.all(frame.cur);
    hearing.saw(frame);
  };
  return { cursors, hearing, told };
}

test("a second tab gets a snapshot of its own, once for all who ask meanwhile", () => {
  const { hearing, told } = leader();
  const one = line();
  hearing.begin(one, ["a"]);
  told({ t: "subbed", ch: "a", cur: "1", snapshot: {} });
  hearing.want("a", undefined);
  hearing.want("a", undefined);
  assert.deepEqual(one.asked, ["a", "a"]);
  told({ t: "subbed", ch: "a", cur: "2", snapshot: {} });
  hearing.want("a", undefined);
  assert.deepEqual(one.asked, ["a", "a", "a"]);
});

test("who waits for what is told again is pinged for, and a pong without a place ends no wait", () => {
  const { cursors, hearing, told } = leader();
  cursors.saw("a", "5");
  const one = line();
  hearing.begin(one, ["a"]);
  told({ t: "subbed", ch: "a", cur: "5", recovered: true });
  assert.equal(hearing.waits, false);
  hearing.want("a", "3");
  hearing.want("a", undefined);
  assert.equal(hearing.waits, true);
  told({ t: "pong" });
  assert.deepEqual(one.asked, ["a from 5"]);
  told({ t: "pong", cur: "9" });
  assert.deepEqual(one.asked, ["a from 5", "a from 3"]);
  told({ t: "pong", cur: "9" }); // was under way when the channel was asked for
  assert.deepEqual(one.asked, ["a from 5", "a from 3"]);
  told({ t: "subbed", ch: "a", cur: "3", recovered: true });
  told({ t: "pong", cur: "9" });
  assert.deepEqual(one.asked, ["a from 5", "a from 3", "a"]);
  assert.equal(hearing.waits, false);
  assert.equal(cursors.of("a"), "3", "of no channel more than it was told");
  hearing.end();
  assert.equal(hearing.waits, false);
});

test("what is told again is not cut off by a tab that wants a snapshot", () => {
  const { cursors, hearing, told } = leader();
  cursors.saw("a", "1");
  const one = line();
  hearing.begin(one, ["a"]);
  hearing.want("a", undefined);
  told({ t: "beat", cur: "7" }); // was under way when the channel was asked for
  assert.deepEqual(one.asked, ["a from 1"]);
  told({ t: "subbed", ch: "a", cur: "1", recovered: true });
  assert.deepEqual(one.asked, ["a from 1"]);
  told({ t: "beat", cur: "9" });
  assert.deepEqual(one.asked, ["a from 1", "a"]);
});

test("a line that broke goes on where it was, and who waited for a snapshot still gets it", () => {
  const { hearing, told } = leader();
  hearing.begin(line(), ["a"]);
  told({ t: "subbed", ch: "a", cur: "1", snapshot: {} });
  hearing.want("a", undefined);
  hearing.end();
  const next = line();
  hearing.begin(next, ["a"]);
  told({ t: "subbed", ch: "a", cur: "1", recovered: true });
  told({ t: "beat", cur: "4" });
  assert.deepEqual(next.asked, ["a from 1", "a"]);
});

test("a new leader takes over what others heard; who is elsewhere is told again from there", () => {
  const { cursors, hearing, told } = leader();
  cursors.saw("a", "5");
  hearing.want("a", "5");
  hearing.want("b", "3");
  const one = line();
  hearing.begin(one, ["a", "b"]);
  assert.deepEqual(one.asked, ["a from 5", "b from 3"]);
  hearing.want("a", "5");
  hearing.want("a", "2");
  assert.deepEqual(one.asked.length, 2, "not before it is all told");
  for (const ch of ["a", "b"]) told({ t: "subbed", ch, cur: "5", recovered: true });
  told({ t: "beat", cur: "8" });
  assert.deepEqual(one.asked.slice(2), ["a from 2"]);
  told({ t: "subbed", ch: "a", cur: "2", recovered: true });
  told({ t: "beat", cur: "9" });
  hearing.want("a", "5"); // where the line began: but this tab slept since
  assert.deepEqual(one.asked.slice(3), ["a from 5"]);
  hearing.leave("a");
  hearing.retry("a");
  assert.deepEqual(one.asked.slice(4), ["not a"]);
});

test("the leader knows its tabs by what they say, and forgets who is gone", () => {
  const { hearing } = leader();
  const followers = new Followers(hearing);
  const one = line();
  hearing.begin(one, []);
  assert.ok(followers.hidden);
  assert.ok(followers.take({ k: "hi", from: "x", hidden: false }, null, 0), "a stranger");
  assert.ok(!followers.take({ k: "hi", from: "x", hidden: false }, null, 0));
  assert.ok(!followers.hidden);
  followers.take({ k: "look", from: "x", hidden: true }, null, 0);
  assert.ok(followers.hidden);
  followers.take({ k: "sub", from: "x", channel: "a" }, null, 0);
  followers.take({ k: "sub", from: "y", channel: "b" }, null, GONE_MS);
  followers.take({ k: "pub", from: "x", one: { id: "1" } }, null, 1);
  followers.take({ k: "pub", from: "x", one: { id: "2" } }, one, 1);
  followers.take({ k: "whisper", from: "x", cmd: "c", d: {} }, one, 1);
  assert.deepEqual(one.asked, ["a", "b", "pub 2", "whisper c"]);
  assert.deepEqual([...followers.channels], ["a", "b"]);
  followers.sweep(GONE_MS + 2);
  assert.deepEqual([...followers.channels], ["b"]);
  followers.take({ k: "bye", from: "y" }, one, GONE_MS + 2);
  assert.equal(followers.tabs.size, 0);
});

test("all tabs hear the house; the end of a session only where each page has a token of its own", () => {
  assert.deepEqual(["ev", "subbed", "ack", "drain", "welcome", "shared"].map((t) => forAll({ t }, "")), [true, true, true, false, false, false]);
  assert.deepEqual([forAll({ t: "auth_expiring" }, ""), forAll({ t: "auth_expiring" }, "token")], [false, true]);
});

test("nobody shares a line with another person, gateway, kind of sign-in or with other rights", () => {
  const me = { property_id: "h", user_id: "u", role: "guest", room_id: "101", reservation_id: null, departments: [], group: false };
  const name = sharedBy("ws://a", me, "");
  assert.equal(sharedBy("ws://a", { ...me, name: "called anew" }, ""), name);
  const others = [["ws://b", me, ""], ["ws://a", me, "token"], ...Object.keys(me).map((key) => ["ws://a", { ...me, [key]: "other" }, ""])];
  assert.equal(new Set([name, ...others.map((one) => sharedBy(...one))]).size, others.length + 1);
});

test("tabs that are behind at different places are both told, also over a line that breaks meanwhile", () => {
  const { cursors, hearing, told } = leader();
  cursors.saw("a", "9");
  const one = line();
  hearing.begin(one, ["a"]);
  hearing.want("a", "3");
  hearing.want("a", "5");
  const all = (cur) => [{ t: "subbed", ch: "a", cur, recovered: true }, { t: "beat", cur: "9" }].forEach(told);
  all("9");
  all("3");
  assert.deepEqual(one.asked, ["a from 9", "a from 3", "a from 5"]);
  hearing.end(); // before the gateway had said a word of the last one
  const next = line();
  hearing.begin(next, ["a"]);
  all("9");
  all("5");
  assert.deepEqual(next.asked, ["a from 9", "a from 5"]);
});

test("who is where the line is misses nothing", () => {
  const { hearing, told } = leader();
  assert.ok(!hearing.even("a", "1"));
  hearing.begin(line(), ["a"]);
  told({ t: "subbed", ch: "a", cur: "1", snapshot: {} });
  assert.deepEqual([hearing.even("a", "1"), hearing.even("a", "0"), hearing.even("a", undefined), hearing.even("b", "1")], [true, false, false, false]);
  hearing.end();
  assert.ok(!hearing.even("a", "1"), "the next line says so itself");
});

test("who has to be told again what it missed keeps its place, whatever comes meanwhile", () => {
  const cursors = new Cursors();
  const behind = new Behind(cursors);
  for (const channel of ["a", "b"]) cursors.saw(channel, "3");
  behind.begin(["a", "c"]);
  behind.saw("a", "7");
  behind.saw("b", "7");
  behind.subbed({ t: "subbed", ch: "a", cur: "7", snapshot: {} });
  behind.all("8");
  assert.deepEqual([cursors.of("a"), cursors.of("b"), cursors.floor], ["3", "8", "3"]);
  behind.subbed({ t: "subbed", ch: "a", cur: "3", recovered: true });
  behind.saw("a", "5");
  assert.equal(cursors.of("a"), "5");
  behind.all("9");
  assert.deepEqual([cursors.of("a"), cursors.floor], ["9", "9"]);
  behind.begin(["a"]);
  behind.subbed({ t: "subbed", ch: "a", cur: "12", reset: true });
  behind.saw("a", "13");
  assert.equal(cursors.of("a"), "13");
  behind.begin(["a"]);
  behind.end();
  behind.saw("a", "14");
  assert.equal(cursors.of("a"), "14");
});
