// Command gorilla is a chat in the style of the chat example that comes with
// gorilla/websocket, and that most chats in Go descend from: a hub goroutine that
// alone knows who is there, and for each connection a goroutine that reads, one
// that writes, and a channel between the hub and it.
//
// It differs from the example where the measurement asks for it: there are rooms,
// people have names, and every message is a WebSocket message of its own, where
// the example joins what has gathered with newlines.
//
// It is for comparison only. One goroutine hands out every message of every room;
// each connection costs two goroutines, two buffers and a ticker; every message is
// framed and written anew for every connection; who is 256 messages behind is cut
// off and not told what it missed; and nothing is stored.
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

// serve serves until the end of the context; it waits for no connection.
func serve(ctx context.Context, listener net.Listener) error {
	h := newHub()
	go h.run() // as long as the program
	mux := http.NewServeMux()
	mux.HandleFunc("GET /healthz", func(http.ResponseWriter, *http.Request) {}) // answers 200
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
