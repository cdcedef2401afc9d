// Command unstored is the server with a store that keeps its messages in memory:
// what a message costs beyond its commit. It takes the server's flags, and is for
// comparison only: what it was told is gone when it ends.
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

// stopTimeout is more than a server takes to say goodbye to ten thousand.
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
		Log:  log,
		Wrap: func(stored chat.Store) chat.Store { return newMemory(stored.Epoch()) },
	})
	if err != nil {
		return err
	}
	<-ctx.Done()
	ctx, cancel := context.WithTimeout(context.Background(), stopTimeout)
	defer cancel()
	return server.Stop(ctx)
}
