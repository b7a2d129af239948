// Clients written in JavaScript, any number in one Node, driven by lines of JSON: the product's own core by each of its
// ways, and the real socket.io-client: `node script_clients.mjs PACKAGES`.
// Takes {n, open: {kind, way, url, token, user_id, property_id, channel, cursor}}, {n, say: {id, cmd, d}}, {n, close}.
// Says [n, name, ...]: listening [cursor], no code, heard frame, settled id code, over, closed [cursor].
import { createRequire } from "node:module";
import { createInterface } from "node:readline";
import { Api } from "../../gateway/web/js/core/api.js";
import { Client } from "../../gateway/web/js/core/client.js";
import { Outbox } from "../../gateway/web/js/core/outbox.js";

const { io } = createRequire(`${process.argv[2]}/`)("socket.io-client");
// All that the core asks of a page: this one is looked at, and nothing happens to it.
globalThis.document = Object.assign(new EventTarget(), { hidden: false });
globalThis.addEventListener = () => {};

/** A network that lets only some ways through. */
class Network extends Api {
  constructor(url, token, way) {
    super(url, token);
    this.way = way;
    // Where sockets are blocked something answers, but no socket.
    this.address = url.replace("http", "ws") + (way === "socket" ? "/api/websocket/connection" : "/healthz");
  }

  open(path, signal) {
    return this.way === "stream" ? super.open(path, signal) : Promise.reject(new TypeError("no streams here"));
  }
}

class Core {
  constructor({ url, token, way, channel, cursor, user_id, property_id }, say) {
    const api = new Network(url, token, way);
    Object.assign(this, { channel, said: new Map(), kept: new Map() });
    const keep = {
      all: async () => [...this.kept.values()],
      put: async (_, one) => this.kept.set(one.id, one),
      delete: async (_, id) => this.kept.delete(id),
      clear: async () => this.kept.clear(),
    };
    const client = (this.client = new Client(api, new Outbox(keep, user_id), { address: api.address, token, user_id, property_id }, null));
    const known = { live: false, place: way === "poll" && cursor };
    const listens = (what) => {
      Object.assign(known, what);
      if (!known.live || !known.place || known.told) return;
      known.told = true;
      say("listening", null);
    };
    client.addEventListener("link", ({ detail }) => listens({ live: detail.state === "live" && detail.way === way }));
    client.addEventListener("subbed", ({ detail }) => {
      if (detail.ch === channel) listens({ place: true });
      // As a page does: a thread comes on top, by itself.
      else client.subscribe(channel);
    });
    client.addEventListener("lost", () => say("no", "forbidden"));
    client.addEventListener("signed-out", () => say(...(known.told ? ["over"] : ["no", "signed_out"])));
    client.addEventListener("event", ({ detail }) => say("heard", detail));
    client.addEventListener("settled", ({ detail }) => say("settled", detail.id, detail.error?.code ?? null));
    client.subscribe(`staff:${property_id}`);
    // Who comes back has the channel and the place in it.
    client.cursors.saw(channel, cursor ?? undefined);
    if (cursor) client.channels.add(channel);
    client.start();
  }

  say({ id, cmd, d }) {
    const { client, said, kept } = this;
    const before = said.get(id);
    if (!before) {
      client.send(cmd, d, id);
      said.set(id, client.outbox.pending.find((one) => one.id === id));
      return;
    }
    // Once more, as who never heard the ack: the next line finds it kept.
    kept.set(id, { id, cmd, d: { ...before.d, ...d } });
    client.line?.close();
  }

  close() {
    this.client.stop();
    return this.client.cursors.of(this.channel);
  }
}

class Stock {
  constructor({ url, token, way, channel, cursor }, say) {
    const socket = (this.socket = io(url, { auth: { token }, transports: [way], forceNew: true }));
    this.tell = say;
    socket.on("disconnect", () => say("over"));
    socket.on("new_message", (frame) => say("heard", frame));
    socket.once("connect", async () => {
      const answer = await socket.emitWithAck("sub", channel, cursor);
      if (answer.t === "nack") say("no", answer.code);
      else say("listening", answer.cur);
    });
  }

  async say(pub) {
    const answer = await this.socket.emitWithAck("pub", pub);
    this.tell("settled", pub.id, answer.t === "nack" ? answer.code : null);
  }

  close() {
    this.socket.disconnect();
  }
}

const open = new Map();
for await (const line of createInterface({ input: process.stdin })) {
  const told = JSON.parse(line);
  const say = (...said) => process.stdout.write(JSON.stringify([told.n, ...said]) + "\n");
  if (told.open) open.set(told.n, new (told.open.kind === "core" ? Core : Stock)(told.open, say));
  else if (told.say) open.get(told.n).say(told.say);
  else {
    say("closed", open.get(told.n).close() ?? null);
    open.delete(told.n);
  }
}
process.exit(0);
