#!/usr/bin/env bash
# Expected: needle parses a body of type application/problem+json (RFC 9457), as it parses
#   application/vnd.api+json and application/hal+json: "+json" says that it is JSON (RFC 6839).
# What happens: it knows a list of types, and this one is not in it, so the body of an error stays
#   a string and "body.title" is undefined, while that of a success is an object.
# Version: needle 3.5.0 (npm)
# Output seen:
#   200 application/json object
#   200 application/vnd.api+json object
#   200 application/hal+json object
#   422 application/problem+json string
#   422 application/vnd.chat.error+json string
# Source: https://github.com/tomas/needle/blob/master/lib/parsers.js; RFC 9457 section 3,
#   RFC 6839 section 3.1
# Ours: no response has this type yet; an API that returns it has to document this.
set -euo pipefail
folder=$(mktemp -d)
trap 'rm -rf "$folder"' EXIT
cd "$folder"
npm install --silent --no-save --prefix "$folder" needle@3.5.0 >/dev/null
cat > main.mjs <<'JS'
import { once } from 'node:events';
import { createServer } from 'node:http';
import needle from 'needle';

const server = createServer(({ url }, response) => {
  const [, status, type] = url.match(/^\/(\d+)\/(.+)$/);
  response.writeHead(Number(status), { 'content-type': type }).end('{"title":"The name is taken"}');
}).listen(0, '127.0.0.1');
await once(server, 'listening');
for (const path of ['200/application/json', '200/application/vnd.api+json', '200/application/hal+json', '422/application/problem+json', '422/application/vnd.chat.error+json']) {
  const { body } = await needle('get', `http://127.0.0.1:${server.address().port}/${path}`);
  console.log(path.replace('/', ' '), typeof body);
}
server.close();
JS
got=$(node main.mjs)
want='200 application/json object
200 application/vnd.api+json object
200 application/hal+json object
422 application/problem+json string
422 application/vnd.chat.error+json string'
printf '%s\n' "$got"
[ "$got" = "$want" ] || { echo "changed: needle parses other types now" >&2; exit 1; }
