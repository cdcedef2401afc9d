#!/usr/bin/env bash
# Expected: partysocket passes on the close event of the WebSocket inside it, as
#   reconnecting-websocket does, of which it is a fork: a cut connection has code 1006, no reason
#   and wasClean false.
# What happens: in Node.js it makes a new event, always with wasClean true. An empty reason
#   becomes "unknown reason", and the code is right. So a client that shows the reason of a clean
#   close shows words that no server sent.
# Versions: partysocket 1.3.0, reconnecting-websocket 4.4.0, ws 8.23.0 (npm); Node.js 20
# Output seen:
#   reconnecting-websocket 1006 "" clean false
#   reconnecting-websocket 1001 "" clean true
#   partysocket 1006 "unknown reason" clean true
#   partysocket 1001 "unknown reason" clean true
# Source: https://github.com/cloudflare/partykit/blob/main/packages/partysocket/src/ws.ts
#   (cloneEventNode); https://websockets.spec.whatwg.org/#dom-closeevent-wasclean
# Ours: docs/protocol.md, "Libraries that reconnect".
set -euo pipefail
folder=$(mktemp -d)
trap 'rm -rf "$folder"' EXIT
cd "$folder"
npm install --silent --no-save --prefix "$folder" partysocket@1.3.0 reconnecting-websocket@4.4.0 ws@8.23.0 >/dev/null
cat > main.mjs <<'JS'
import { once } from 'node:events';
import { WebSocket as PartySocket } from 'partysocket';
import Reconnecting from 'reconnecting-websocket';
import { WebSocket, WebSocketServer } from 'ws';

const server = new WebSocketServer({ port: 0, host: '127.0.0.1' });
await once(server, 'listening');
server.on('connection', (socket, { url }) => (url === '/cut' ? socket.terminate() : socket.close(1001)));
for (const [name, Client] of [['reconnecting-websocket', Reconnecting], ['partysocket', PartySocket]]) {
  for (const path of ['/cut', '/1001']) {
    const client = new Client(`ws://127.0.0.1:${server.address().port}${path}`, [], { WebSocket, maxRetries: 0 });
    const { code, reason, wasClean } = await new Promise((resolve) => client.addEventListener('close', resolve));
    console.log(`${name} ${code} ${JSON.stringify(reason)} clean ${wasClean}`);
    client.close();
  }
}
process.exit();
JS
got=$(timeout 60 node main.mjs)
want='reconnecting-websocket 1006 "" clean false
reconnecting-websocket 1001 "" clean true
partysocket 1006 "unknown reason" clean true
partysocket 1001 "unknown reason" clean true'
printf '%s\n' "$got"
[ "$got" = "$want" ] || { echo "changed: partysocket passes close events on in another way now" >&2; exit 1; }
