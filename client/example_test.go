package client_test

import (
	"context"
	"fmt"
	"io"
	"log"
	"log/slog"
	"os"

	"chatserver/client"
	"chatserver/commands"
	"chatserver/config"
)

// startServer starts a chat on a free port. go run . starts one on port 9090.
func startServer() (address string, stop func()) {
	data, err := os.MkdirTemp("", "chat-example-")
	if err != nil {
		log.Fatal(err)
	}
	none := config.Size(0)
	server, err := commands.Start(
		config.Config{Listen: "127.0.0.1:0", Ops: "off", Data: data, MinFreeDisk: &none, MaxText: 8192, MaxPerAddress: 100, MaxRooms: 100, AnnounceLimit: 256},
		commands.Options{Log: slog.New(slog.NewTextHandler(io.Discard, nil))})
	if err != nil {
		log.Fatal(err)
	}
	return server.Addr().String(), func() {
		_ = server.Stop(context.Background())
		_ = os.RemoveAll(data)
	}
}

// A bot greets the room and prints what it reads until it sees its own greeting.
func ExampleClient() {
	address, stop := startServer()
	defer stop()

	bot, err := client.New("ws://"+address, "Bot", client.Options{})
	if err != nil {
		log.Fatal(err)
	}
	ctx, leave := context.WithCancel(context.Background())
	defer leave()
	go bot.Run(ctx) //nolint:errcheck // it ends with ctx
	bot.Join("lobby")
	go bot.Send(ctx, "lobby", "The build is green.") //nolint:errcheck // ends with ctx, or is stored
	for event := range bot.Events() {
		switch e := event.(type) {
		case client.Message:
			fmt.Printf("%s: %s\n", e.From, e.Text)
			leave()
		case client.Disconnected:
			log.Print(e.Err)
		}
	}
	// Output: Bot: The build is green.
}
