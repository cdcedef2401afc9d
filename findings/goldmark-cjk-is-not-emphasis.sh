#!/usr/bin/env bash
# Expected: goldmark's extension "CJK", which is there for Chinese, Japanese and Korean,
#   makes **「太字」**です bold.
# What happens: it is about line breaks and escaped blanks only; the asterisks stay. The
#   npm plugin markdown-it-cjk-friendly, which follows the amendment proposed for
#   CommonMark, makes it bold. So the same message looks different by Go and by npm.
# Versions: github.com/yuin/goldmark v1.8.7; markdown-it 14.1.0, markdown-it-cjk-friendly 3.0.0
# Output seen:
#   <p>**「太字」**です</p>
#   <p><strong>「太字」</strong>です</p>
# Source: https://github.com/commonmark/commonmark-spec/issues/650 and pull/839;
#   https://github.com/tats-u/markdown-cjk-friendly/blob/main/specification.md
# Ours: markdown/emphasis.go has the amendment; TestWhatIsMeantIsShown.
set -euo pipefail
folder=$(mktemp -d)
trap 'chmod -R u+w "$folder"; rm -rf "$folder"' EXIT
cd "$folder"
export GOFLAGS=-mod=mod GOWORK=off
cat > go.mod <<'MOD'
module finding
go 1.24
require github.com/yuin/goldmark v1.8.7
MOD
cat > main.go <<'GO'
package main

import (
	"os"

	"github.com/yuin/goldmark"
	"github.com/yuin/goldmark/extension"
)

func main() {
	if err := goldmark.New(goldmark.WithExtensions(extension.CJK)).Convert([]byte("**「太字」**です"), os.Stdout); err != nil {
		panic(err)
	}
}
GO
npm install --silent --no-save --prefix "$folder" markdown-it@14.1.0 markdown-it-cjk-friendly@3.0.0 >/dev/null
cat > main.mjs <<'JS'
import MarkdownIt from 'markdown-it';
import cjkFriendly from 'markdown-it-cjk-friendly';
process.stdout.write(MarkdownIt().use(cjkFriendly).render('**「太字」**です'));
JS
got="$(go run . 2>/dev/null; node main.mjs)"
want='<p>**「太字」**です</p>
<p><strong>「太字」</strong>です</p>'
printf '%s\n' "$got"
[ "$got" = "$want" ] || { echo "changed: goldmark or the plugin treats emphasis in another way now" >&2; exit 1; }
