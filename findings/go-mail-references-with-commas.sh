#!/usr/bin/env bash
# Expected: SetGenHeader(HeaderReferences, a, b) of go-mail writes the two ids with white space
#   between them. The header has a constant of its own, the method takes several values "adhering
#   to the necessary standards", and RFC 5322 has "References:" 1*msg-id.
# What happens: it puts a comma between them, as between addresses. Readers that follow the
#   grammar find no second id, so a thread falls apart. One value with both ids is right.
# Versions: github.com/wneessen/go-mail v0.8.1, github.com/emersion/go-message v0.18.2, Go 1.26
# Output seen:
#   two values: References: <1@example.com>, <2@example.com> | read: mail: missing '<' in msg-id
#   one value: References: <1@example.com> <2@example.com> | read: [1@example.com 2@example.com]
# Source: https://pkg.go.dev/github.com/wneessen/go-mail#Msg.SetGenHeader; RFC 5322 section 3.6.4
# Ours: no mail is sent yet; one that threads its mails gives all ids in one value.
set -euo pipefail
folder=$(mktemp -d)
trap 'chmod -R u+w "$folder"; rm -rf "$folder"' EXIT
cd "$folder"
export GOFLAGS=-mod=mod GOWORK=off
cat > go.mod <<'MOD'
module finding
go 1.25.0
require (
	github.com/emersion/go-message v0.18.2
	github.com/wneessen/go-mail v0.8.1
)
MOD
cat > main.go <<'GO'
package main

import (
	"bytes"
	"fmt"

	reader "github.com/emersion/go-message/mail"
	writer "github.com/wneessen/go-mail"
)

func show(how string, ids ...string) {
	message := writer.NewMsg()
	if err := message.From("ann@example.com"); err != nil {
		panic(err)
	}
	if err := message.To("ben@example.com"); err != nil {
		panic(err)
	}
	message.SetGenHeader(writer.HeaderReferences, ids...)
	message.SetBodyString(writer.TypeTextPlain, "Hello")
	var written bytes.Buffer
	if _, err := message.WriteTo(&written); err != nil {
		panic(err)
	}
	read, err := reader.CreateReader(&written)
	if err != nil {
		panic(err)
	}
	fmt.Printf("%s: References: %s | read: ", how, read.Header.Get("References"))
	if list, err := read.Header.MsgIDList("References"); err != nil {
		fmt.Println(err)
	} else {
		fmt.Println(list)
	}
}

func main() {
	show("two values", "<1@example.com>", "<2@example.com>")
	show("one value", "<1@example.com> <2@example.com>")
}
GO
got=$(go run .)
want="two values: References: <1@example.com>, <2@example.com> | read: mail: missing '<' in msg-id
one value: References: <1@example.com> <2@example.com> | read: [1@example.com 2@example.com]"
printf '%s\n' "$got"
[ "$got" = "$want" ] || { echo "changed: go-mail writes References in another way now" >&2; exit 1; }
