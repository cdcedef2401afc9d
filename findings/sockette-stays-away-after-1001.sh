#!/usr/bin/env bash
# Expected: sockette reconnects after close code 1001, which RFC 6455 gives to "a server going
#   down". Its README names 1000 and 1005 as the codes after which it does not.
# What happens: after 1001 it does not reconnect either, so a server that restarts with 1001
#   loses these clients for good. After 1012, 1013 and a cut connection (1006) it does.
# Versions: sockette 2.0.6, ws 8.23.0 (npm)
# Output seen (close code, connections that the server got):
#   1000 1
#   1001 1
#   1012 2
#   1013 2
#   1006 2
# Source: https://github.com/lukeed/sockette/issues/57, RFC 6455 section 7.4.1
# Ours: the server stops with 1001; docs/protocol.md, "Libraries that reconnect".
set -euo pipefail
folder=$(mktemp -d)
trap 'rm -rf "$folder"' EXIT
cd "$folder"
npm install --silent --no-save --prefix "$folder" sockette@2.0.6 ws@8.23.0 >/dev/null
cat > main.mjs <<'JS'
import { once } from 'node:events';
import Sockette from 'sockette';
import { WebSocket, WebSocketServer } from 'ws';

globalThis.WebSocket = WebSocket;
const server = new WebSocketServer({ port: 0, host: '127.0.0.1' });
await once(server, 'listening');
for (const code of [1000, 1001, 1012, 1013, 1006]) {
  let connections = 0;
  let returned;
  const back = new Promise((resolve) => (returned = resolve));
  const accept = (socket) => {
    if (++connections > 1) return returned();
    if (code === 1006) socket.terminate();
    else socket.close(code);
  };
  server.on('connection', accept);
  let saw;
  const closed = new Promise((resolve) => (saw = resolve));
  const client = new Sockette(`ws://127.0.0.1:${server.address().port}`, { timeout: 10, onclose: ({ code }) => saw(code) });
  const seen = await closed;
  await Promise.race([back, new Promise((resolve) => setTimeout(resolve, 3000))]); // 300 times the delay it was given
  console.log(seen, connections);
  server.off('connection', accept);
  if (connections > 1) client.close();
}
process.exit();
JS
got=$(node main.mjs)
want='1000 1
1001 1
1012 2
1013 2
1006 2'
printf '%s\n' "$got"
[ "$got" = "$want" ] || { echo "changed: sockette reconnects after other codes now" >&2; exit 1; }
