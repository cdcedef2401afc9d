#!/usr/bin/env bash
# Expected: gobwas/ws accepts the close code 1013 (Try Again Later), which IANA has
#   registered for WebSockets, as it accepts 1011.
# What happens: CheckCloseFrameData takes 1012, 1013 and 1014 for protocol errors, because
#   they are newer than RFC 6455. ParseCloseFrameData returns them.
# Version: github.com/gobwas/ws v1.4.0, Go 1.26
# Output seen:
#   1011 <nil>
#   1012 status code is not defined in spec
#   1013 status code is not defined in spec
#   1014 status code is not defined in spec
# Source: https://www.iana.org/assignments/websocket/websocket.xhtml#close-code-number
# Ours: docs/protocol.md, "Clients that do not know 1013".
set -euo pipefail
folder=$(mktemp -d)
trap 'chmod -R u+w "$folder"; rm -rf "$folder"' EXIT
cd "$folder"
export GOFLAGS=-mod=mod GOWORK=off
cat > go.mod <<'MOD'
module finding
go 1.24
require github.com/gobwas/ws v1.4.0
MOD
cat > main.go <<'GO'
package main

import (
	"fmt"

	"github.com/gobwas/ws"
)

func main() {
	for code := ws.StatusCode(1011); code <= 1014; code++ {
		fmt.Println(code, ws.CheckCloseFrameData(code, "later"))
	}
}
GO
want='1011 <nil>
1012 status code is not defined in spec
1013 status code is not defined in spec
1014 status code is not defined in spec'
got=$(go run .)
printf '%s\n' "$got"
[ "$got" = "$want" ]
