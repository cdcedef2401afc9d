#!/usr/bin/env bash
# Expected: a client built on gws.BuiltinEventHandler answers a ping with the ping's payload, as
#   RFC 6455 demands, and as gorilla/websocket does.
# What happens: the pong is empty. A server that measures the round trip, or matches its pings,
#   by the payload, considers such a client dead.
# Versions: github.com/lxzan/gws v1.8.9, github.com/gorilla/websocket v1.5.3, Go 1.26
# Output seen:
#   gorilla: ping "42" -> pong "42"
#   gws: ping "42" -> pong ""
# Source: https://github.com/lxzan/gws/issues/157 (fixed after this version); RFC 6455 section 5.5.3
# Ours: the server counts every frame as a sign of life and reads no pong's payload.
set -euo pipefail
folder=$(mktemp -d)
trap 'chmod -R u+w "$folder"; rm -rf "$folder"' EXIT
cd "$folder"
export GOFLAGS=-mod=mod GOWORK=off
cat > go.mod <<'MOD'
module finding
go 1.24
require (
	github.com/gorilla/websocket v1.5.3
	github.com/lxzan/gws v1.8.9
)
MOD
cat > main.go <<'GO'
package main

import (
	"fmt"
	"net/http"
	"net/http/httptest"
	"strings"
	"time"

	"github.com/gorilla/websocket"
	"github.com/lxzan/gws"
)

func main() {
	pongs := make(chan string)
	server := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		upgrader := websocket.Upgrader{}
		conn, err := upgrader.Upgrade(w, r, nil)
		if err != nil {
			panic(err)
		}
		defer conn.Close()
		conn.SetPongHandler(func(payload string) error { pongs <- payload; return nil })
		if err := conn.WriteControl(websocket.PingMessage, []byte("42"), time.Now().Add(time.Minute)); err != nil {
			panic(err)
		}
		_, _, _ = conn.ReadMessage()
	}))
	defer server.Close()
	address := "ws" + strings.TrimPrefix(server.URL, "http")

	conn, _, err := websocket.DefaultDialer.Dial(address, nil)
	if err != nil {
		panic(err)
	}
	go conn.ReadMessage()
	fmt.Printf("gorilla: ping %q -> pong %q\n", "42", <-pongs)
	conn.Close()

	socket, _, err := gws.NewClient(gws.BuiltinEventHandler{}, &gws.ClientOption{Addr: address})
	if err != nil {
		panic(err)
	}
	go socket.ReadLoop()
	fmt.Printf("gws: ping %q -> pong %q\n", "42", <-pongs)
	socket.NetConn().Close()
}
GO
got=$(timeout 120 go run .)
want='gorilla: ping "42" -> pong "42"
gws: ping "42" -> pong ""'
printf '%s\n' "$got"
[ "$got" = "$want" ] || { echo "changed: gws answers pings in another way now" >&2; exit 1; }
