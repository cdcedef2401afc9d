#!/usr/bin/env bash
# Expected: linkify-it ends an address at the quotation mark behind it, as it does in
#   "https://example.com/a", and finds one wherever no letter of an address is before it.
# What happens: in JSON with a second field it takes the closing mark, the comma and the
#   next key into the address, so the link leads nowhere; with a single field it does not.
#   Behind a Japanese or Chinese letter it finds no address at all, and behind a host it
#   takes Japanese words into it, though it ends at a wide comma.
# Version: linkify-it 6.1.0 (npm), which markdown-it uses
# Output seen:
#   ["https://example.com/a"]
#   ["https://example.com/a\",\"n"]
#   []
#   ["https://example.comを見て"]
#   ["https://example.com/a"]
# Source: https://github.com/markdown-it/linkify-it ("Links recognition library with FULL
#   unicode support"); https://www.unicode.org/reports/tr58/
# Ours: markdown/bare.go and static/js/model/links.js; markdown/testdata/links.json has the cases.
set -euo pipefail
folder=$(mktemp -d)
trap 'rm -rf "$folder"' EXIT
cd "$folder"
npm install --silent --no-save --prefix "$folder" linkify-it@6.1.0 >/dev/null
cat > main.mjs <<'JS'
import * as module from 'linkify-it';
const Linkify = module.default ?? module.LinkifyIt;
const linkify = new Linkify();
const texts = ['{"url":"https://example.com/a"}', '{"url":"https://example.com/a","n":1}', '見てhttps://example.com/a', 'https://example.comを見て', 'https://example.com/a，谢谢'];
for (const text of texts) console.log(JSON.stringify((linkify.match(text) ?? []).map(({ raw }) => raw)));
JS
got=$(node main.mjs)
want='["https://example.com/a"]
["https://example.com/a\",\"n"]
[]
["https://example.comを見て"]
["https://example.com/a"]'
printf '%s\n' "$got"
[ "$got" = "$want" ] || { echo "changed: linkify-it finds other addresses now" >&2; exit 1; }
