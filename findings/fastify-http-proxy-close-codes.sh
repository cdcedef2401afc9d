#!/usr/bin/env bash
# Expected: a proxy passes on how a WebSocket ended: a close frame without a code stays one
#   (1005), and a cut connection is cut on the other side, too (1006).
# What happens: @fastify/http-proxy sends a close frame with 4005 or 4006 instead, in both
#   directions. These codes belong to the application, which may have given them a meaning, and
#   the client's close event has wasClean true though the server's connection broke.
# Versions: @fastify/http-proxy 11.6.3, fastify 5.12.8, ws 8.23.0 (npm)
# Output seen:
#   client close() -> server 4005
#   client close(1000) -> server 1000
#   client terminate() -> server 4006
#   server close() -> client 4005 clean true
#   server close(1013) -> client 1013 clean true
#   server terminate() -> client 4006 clean true
# Source: https://github.com/fastify/fastify-http-proxy/blob/v11.6.3/index.js (liftErrorCode);
#   RFC 6455 section 7.4.2 (4000 to 4999 are for private use between applications)
# Ours: the page comes back after 4005 and 4006; docs/protocol.md, "Libraries that reconnect".
set -euo pipefail
folder=$(mktemp -d)
trap 'rm -rf "$folder"' EXIT
cd "$folder"
npm install --silent --no-save --prefix "$folder" @fastify/http-proxy@11.6.3 fastify@5.12.8 ws@8.23.0 >/dev/null
cat > main.mjs <<'JS'
import { once } from 'node:events';
import proxy from '@fastify/http-proxy';
import Fastify from 'fastify';
import { WebSocket, WebSocketServer } from 'ws';

const server = new WebSocketServer({ port: 0, host: '127.0.0.1' });
await once(server, 'listening');
const app = Fastify();
app.register(proxy, { upstream: `http://127.0.0.1:${server.address().port}`, websocket: true });
await app.listen({ port: 0, host: '127.0.0.1' });

/** Returns both ends of a connection through the proxy, after a message went each way. */
async function connect() {
  const accepted = once(server, 'connection');
  const client = new WebSocket(`ws://127.0.0.1:${app.server.address().port}`);
  client.on('error', () => {});
  const [[backend]] = await Promise.all([accepted, once(client, 'open')]);
  const there = once(backend, 'message');
  client.send('hello');
  await there;
  const back = once(client, 'message');
  backend.send('hello');
  await back;
  return { client, backend };
}

for (const [how, ...args] of [['close'], ['close', 1000], ['terminate']]) {
  const { client, backend } = await connect();
  const closed = once(backend, 'close');
  client[how](...args);
  console.log(`client ${how}(${args}) -> server ${(await closed)[0]}`);
}
for (const [how, ...args] of [['close'], ['close', 1013], ['terminate']]) {
  const { client, backend } = await connect();
  const closed = new Promise((resolve) => (client.onclose = resolve));
  backend[how](...args);
  const { code, wasClean } = await closed;
  console.log(`server ${how}(${args}) -> client ${code} clean ${wasClean}`);
}
process.exit();
JS
got=$(timeout 60 node main.mjs)
want='client close() -> server 4005
client close(1000) -> server 1000
client terminate() -> server 4006
server close() -> client 4005 clean true
server close(1013) -> client 1013 clean true
server terminate() -> client 4006 clean true'
printf '%s\n' "$got"
[ "$got" = "$want" ] || { echo "changed: the proxy passes close codes on in another way now" >&2; exit 1; }
