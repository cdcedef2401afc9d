// Command naive is the chat that the guides of 2018 teach and that everybody
// writes first: a map of connections, one mutex, and a loop that writes to all of
// them under it. It stands on the same Fiber as our chat, so that what differs in
// a measurement is the chat and not the stack.
//
// It is for comparison only. One reader that stalls freezes everybody in every
// room, for whoever writes to it holds the mutex, and no write has a deadline;
// every message is framed and written anew for every connection; nothing is
// stored; and a connection that broke without a word stays until somebody speaks.
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

// serve serves until the end of the context; it waits for no connection.
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
