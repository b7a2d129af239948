/** What a line without a socket makes of the answers to what it says, at a real server: `node --test`. */
import assert from "node:assert/strict";
import { once } from "node:events";
import { createServer } from "node:http";
import { test } from "node:test";
import { Api } from "../../gateway/web/js/core/api.js";
import { Cursors } from "../../gateway/web/js/core/cursors.js";
import { HttpLine } from "../../gateway/web/js/core/http-line.js";

/** What the line says of three commands, of which the second gets this answer.
 * @param {number} status @param {string} body @returns {Promise<{said: string[], asked: string[]}>} */
async function second(status, body) {
  const asked = [];
  const server = createServer(async (request, response) => {
    let text = "";
    for await (const chunk of request) text += chunk;
    const { id } = JSON.parse(text);
    asked.push(id);
    if (status === 0 && id === "2") return void request.socket.destroy();
    response.writeHead(id === "2" ? status : 200, { "content-type": "application/json" });
    response.end(id === "2" ? body : JSON.stringify({ t: "ack", id, cur: "c" }));
  });
  server.listen(0, "127.0.0.1");
  await once(server, "listening");
  const line = new HttpLine(new Api(`http://127.0.0.1:${server.address().port}`, "t"), new Cursors());
  const said = [];
  const over = new Promise((go) => {
    line.addEventListener("frame", ({ detail: { t, id, code, message, retry_after } }) => {
      said.push(t === "ack" ? `ack ${id}` : [t, id, code, message, retry_after].join(" ").trim());
      if (id === "3") go();
    });
    line.addEventListener("closed", ({ detail }) => go(said.push(`closed ${detail}`)));
  });
  for (const id of ["1", "2", "3"]) line.publish({ id, cmd: "chat.send", d: {} });
  await over;
  const heard = { said: [...said], asked };
  line.close();
  server.closeAllConnections();
  server.close();
  return heard;
}

const no = (/** @type {string} */ code, more = {}) => JSON.stringify({ error: { code, message: "No.", ...more } });

test("what the same words always get is refused once, and what waits behind it goes out", async () => {
  for (const status of [400, 403, 404, 409, 413, 422]) {
    const { said, asked } = await second(status, no("c"));
    assert.deepEqual(said, ["ack 1", "nack 2 c No.", "ack 3"], String(status));
    assert.deepEqual(asked, ["1", "2", "3"], String(status));
  }
  const { said } = await second(413, "<html>too large, says a proxy</html>");
  assert.equal(said[1], "nack 2 unreadable The gateway's answer could not be read.");
});

test("not now is said with when to try again, whoever says it", async () => {
  for (const [status, body, after] of /** @type {const} */ ([
    [429, no("rate_limited", { retry_after: 0.5 }), 0.5],
    [503, no("unknown", { retry_after: 1 }), 1],
    [429, "<html>slower</html>", 2],
    [502, "<html>bad gateway</html>", 2],
    [408, "", 2],
    [200, "<html>Welcome to our network: sign in</html>", 2],
  ])) {
    const { said } = await second(status, body);
    assert.match(said[1], new RegExp(`^nack 2 .* ${after}$`), `${status} ${body}`);
    assert.equal(said[2], "ack 3");
  }
});

test("over is the token, the right or the line: the words wait and are not called refused", async () => {
  assert.deepEqual((await second(401, no("token_expired"))).said, ["ack 1", "closed 4101"]);
  assert.deepEqual((await second(403, no("revoked"))).said, ["ack 1", "closed 4403"]);
  assert.deepEqual((await second(0, "")).said, ["ack 1", "closed 1006"]);
});
