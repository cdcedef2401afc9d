// Command unstored is the server with an in-memory store: it shows what a message costs
// beyond its commit. It takes the server's flags, and is for comparison only: its
// messages are gone when it ends.
package main

import (
	"context"
	"fmt"
	"log/slog"
	"os"
	"os/signal"
	"syscall"
	"time"

	"github.com/alecthomas/kong"

	"chatserver/chat"
	"chatserver/commands"
	"chatserver/config"
)

// stopTimeout is more than a server needs to close ten thousand connections.
const stopTimeout = 15 * time.Second

func main() {
	if err := run(); err != nil {
		fmt.Fprintln(os.Stderr, "unstored:", err)
		os.Exit(1)
	}
}

func run() error {
	var c config.Config
	kong.Parse(&c)
	ctx, stop := signal.NotifyContext(context.Background(), os.Interrupt, syscall.SIGTERM)
	defer stop()
	log := slog.New(slog.NewTextHandler(os.Stderr, nil))
	commands.BoundMemory(log)
	server, err := commands.Start(c, commands.Options{
		Log:       log,
		WrapStore: func(stored chat.Store) chat.Store { return newMemory(stored.Epoch()) },
	})
	if err != nil {
		return err
	}
	<-ctx.Done()
	ctx, cancel := context.WithTimeout(context.Background(), stopTimeout)
	defer cancel()
	return server.Stop(ctx)
}
