// The real socket.io-client, driven by lines of JSON: `node stock_client.mjs PACKAGES URL OPTIONS`.
// Says each event as [name, ...arguments]; takes {emit: [...], ack}, {drop}, {auth}, {connect}, {disconnect}.
import { createRequire } from "node:module";
import { createInterface } from "node:readline";

const [packages, url, options] = process.argv.slice(2);
const { io } = createRequire(`${packages}/`)("socket.io-client");
const say = (...said) => process.stdout.write(JSON.stringify(said) + "\n");

const socket = io(url, { reconnectionDelay: 50, reconnectionDelayMax: 50, forceNew: true, ...JSON.parse(options) });
socket.on("connect", () => say("connect", socket.recovered, socket.io.engine.transport.name));
socket.on("connect_error", (error) => say("connect_error", error.message, error.data ?? null, socket.active));
socket.on("disconnect", (reason) => say("disconnect", reason, socket.active));
socket.onAny((name, ...said) => say(`on ${name}`, ...said));
socket.io.on("open", () => socket.io.engine.on("upgrade", (transport) => say("upgrade", transport.name)));

for await (const line of createInterface({ input: process.stdin })) {
  const told = JSON.parse(line);
  if (told.emit && told.ack) socket.emit(...told.emit, (...said) => say("ack", ...said));
  else if (told.emit) socket.emit(...told.emit);
  else if (told.auth) socket.auth = told.auth;
  else if (told.drop) socket.io.engine.close();
  else if (told.connect) socket.connect();
  else if (told.disconnect) socket.disconnect();
}
process.exit(0);
