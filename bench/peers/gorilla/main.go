// Command gorilla is a chat in the style of the example of gorilla/websocket, from which
// most chats in Go descend: a hub goroutine owns all rooms, and each connection has a
// reading goroutine, a writing goroutine, and a channel between the hub and them.
//
// It differs from the example where the measurement requires it: there are rooms, people
// have names, and every message is a WebSocket message of its own, while the example
// joins queued messages with newlines.
//
// It is for comparison only. One goroutine delivers every message of every room. Each
// connection costs two goroutines, two buffers and a ticker. Every message is framed and
// written separately for every connection. A connection that is 256 messages behind is
// closed, and its client never learns what it missed. Nothing is stored.
package main

import (
	"context"
	"errors"
	"flag"
	"log"
	"net"
	"net/http"
	"os"
	"os/signal"
	"syscall"
	"time"
)

func main() {
	listen := flag.String("listen", "127.0.0.1:9090", "the address to listen on")
	flag.Parse()
	if err := run(*listen); err != nil {
		log.Fatal(err)
	}
}

func run(address string) error {
	ctx, stop := signal.NotifyContext(context.Background(), os.Interrupt, syscall.SIGTERM)
	defer stop()
	listener, err := net.Listen("tcp", address)
	if err != nil {
		return err
	}
	return serve(ctx, listener)
}

// serve serves until the context ends; it waits for no connection.
func serve(ctx context.Context, listener net.Listener) error {
	h := newHub()
	go h.run() // until the program ends
	mux := http.NewServeMux()
	mux.HandleFunc("GET /healthz", func(http.ResponseWriter, *http.Request) {}) // returns 200
	mux.HandleFunc("GET /chat/{name}", h.serve)
	server := http.Server{Handler: mux, ReadHeaderTimeout: 3 * time.Second}
	context.AfterFunc(ctx, func() {
		_ = server.Close() // the program ends anyway
	})
	if err := server.Serve(listener); !errors.Is(err, http.ErrServerClosed) {
		return err
	}
	return nil
}
