#!/usr/bin/env bash
# Expected: if a template fails while a page is rendered inside a layout, Render of
#   gofiber/template/html returns the error, as it does without a layout; Fiber then calls its
#   ErrorHandler.
# What happens: the content is rendered by the layout's {{embed}}. That function has an error as its
#   only result, and html/template takes an only result for the value to print. So Render returns
#   nil, and the page has the beginning of the content, then the text of the error, then the rest of
#   the layout. Fiber answers 200.
# Version: github.com/gofiber/template/html/v2 v2.1.3
# Output seen:
#   without a layout: an error
#   in a layout: no error, <html><p>template: page:1:5: executing &#34;page&#34; at &lt;.Missing&gt;: map has no entry for key &#34;Missing&#34;</html>
# Source: https://pkg.go.dev/text/template#hdr-Functions (one result, or two of which the second is
#   an error), https://github.com/gofiber/template/blob/html/v2.1.3/html/html.go (Render)
# Ours: views.Engine renders the content first, and passes it to the layout as a value.
# Needs: go.
set -euo pipefail
folder=$(mktemp -d)
trap 'chmod -R u+w "$folder"; rm -rf "$folder"' EXIT
cd "$folder"
cat > go.mod <<'MOD'
module finding

go 1.24

require github.com/gofiber/template/html/v2 v2.1.3
MOD
cat > main.go <<'GO'
package main

import (
	"bytes"
	"fmt"
	"net/http"
	"testing/fstest"

	"github.com/gofiber/template/html/v2"
)

func main() {
	engine := html.NewFileSystem(http.FS(fstest.MapFS{
		"page.html":   {Data: []byte(`<p>{{.Missing}}</p>`)},
		"layout.html": {Data: []byte(`<html>{{embed}}</html>`)},
	}), ".html")
	if err := engine.Load(); err != nil {
		panic(err)
	}
	for _, t := range engine.Templates.Templates() {
		t.Option("missingkey=error")
	}
	var page bytes.Buffer
	if err := engine.Render(&page, "page", map[string]any{}); err != nil {
		fmt.Println("without a layout: an error")
	}
	page.Reset()
	if err := engine.Render(&page, "page", map[string]any{}, "layout"); err != nil {
		fmt.Println("in a layout: an error")
	} else {
		fmt.Println("in a layout: no error,", page.String())
	}
}
GO
export GOFLAGS=-mod=mod GOWORK=off
go mod tidy 2>/dev/null
got=$(go run .)
echo "$got"
[ "$got" = 'without a layout: an error
in a layout: no error, <html><p>template: page:1:5: executing &#34;page&#34; at &lt;.Missing&gt;: map has no entry for key &#34;Missing&#34;</html>' ]
