// Command naive is the chat that the guides of 2018 teach and that everybody writes
// first: a map of connections, one mutex, and a loop that writes to all of them under
// it. It uses the same Fiber as our chat, so that a measurement compares the chats and
// not their stacks.
//
// It is for comparison only. One stalled reader freezes everybody in every room, because
// the write to it holds the mutex, and no write has a deadline. Every message is framed
// and written separately for every connection. Nothing is stored. A connection that
// broke silently stays until somebody sends a message.
package main

import (
	"context"
	"flag"
	"log"
	"net"
	"os"
	"os/signal"
	"syscall"

	"github.com/gofiber/contrib/websocket"
	"github.com/gofiber/fiber/v2"
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
	c := chat{rooms: map[string]map[*websocket.Conn]bool{}}
	app := fiber.New(fiber.Config{DisableStartupMessage: true})
	app.Get("/healthz", func(c *fiber.Ctx) error { return c.SendStatus(fiber.StatusOK) })
	app.Get("/chat/:name", websocket.New(c.serve))
	context.AfterFunc(ctx, func() {
		_ = listener.Close() // it is closed either way, and app.Listener returns
	})
	if err := app.Listener(listener); ctx.Err() == nil {
		return err
	}
	return nil
}
