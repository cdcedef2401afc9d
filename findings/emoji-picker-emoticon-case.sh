#!/usr/bin/env bash
# Expected: emoji-picker-element finds an emoji by its emoticon in either case. A comment in
#   its source promises that ":P" and ":p" give the same result.
# What happens: ":P" finds the emoji, ":p" finds nothing. Emoticons with a letter are kept whole
#   only if they are on a list that is compared before letters are made small; of ":p" the colon
#   is taken away, and the "p" that is left is too short to search for.
# Versions: emoji-picker-element 1.29.1, emoji-picker-element-data 1.8.0, fake-indexeddb 6.0.0
# Output seen:
#   :P 😛
#   :p
#   :) 🙂
# Source: https://github.com/nolanlawson/emoji-picker-element/blob/master/src/database/utils/extractTokens.js
#   and normalizeTokens.js beside it
# Ours: from memory (static/js/lib/emoji-memory.js) both are found.
set -euo pipefail
folder=$(mktemp -d)
trap 'rm -rf "$folder"' EXIT
cd "$folder"
npm install --silent --no-save --prefix "$folder" emoji-picker-element@1.29.1 emoji-picker-element-data@1.8.0 fake-indexeddb@6.0.0 >/dev/null
cat > main.mjs <<'JS'
import 'fake-indexeddb/auto';
import { readFile } from 'node:fs/promises';
import { createServer } from 'node:http';
import Database from 'emoji-picker-element/database.js';

const data = await readFile('node_modules/emoji-picker-element-data/en/emojibase/data.json');
const server = createServer((_, response) => response.writeHead(200, { 'content-type': 'application/json', etag: '"1"' }).end(data));
await new Promise((listening) => server.listen(0, '127.0.0.1', listening));
const database = new Database({ dataSource: `http://127.0.0.1:${server.address().port}/data.json` });
for (const emoticon of [':P', ':p', ':)']) {
  const found = await database.getEmojiBySearchQuery(emoticon);
  console.log([emoticon, ...found.map(({ unicode }) => unicode)].join(' '));
}
server.close();
server.closeAllConnections();
JS
got="$(node main.mjs)"
want=':P 😛
:p
:) 🙂'
printf '%s\n' "$got"
[ "$got" = "$want" ] || { echo "changed: emoticons are searched for in another way now" >&2; exit 1; }
