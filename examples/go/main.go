// Command go is a small client of chat.v1: it prints the messages of a room and sends
// the lines of its standard input. The package chatserver/client reconnects, resumes and
// retries, so that nothing is lost or doubled.
package main

import (
	"bufio"
	"context"
	"errors"
	"flag"
	"fmt"
	"log"
	"os"
	"strings"

	"chatserver/client"
)

func main() {
	server := flag.String("server", "ws://localhost:9090", "the server's URL")
	name := flag.String("name", "Gopher", "who you are")
	room := flag.String("room", "lobby", "where to talk")
	flag.Parse()
	c, err := client.New(*server, *name, client.Options{})
	if err != nil {
		log.Fatal(err)
	}
	ctx, leave := context.WithCancel(context.Background())
	ended := make(chan error, 1)
	go func() { ended <- c.Run(ctx) }()
	c.Join(*room)
	sent := make(chan int64, 1)
	go func() { sent <- sendLines(ctx, c, *room) }()
	show(c.Events(), sent, leave)
	if err := <-ended; !errors.Is(err, context.Canceled) {
		log.Fatal(err) // an invalid name or room stays invalid
	}
}

// sendLines sends the lines of standard input in order, and returns the seq of the last
// one.
func sendLines(ctx context.Context, c *client.Client, room string) (last int64) {
	for in := bufio.NewScanner(os.Stdin); in.Scan(); {
		line := strings.TrimSpace(in.Text())
		if line == "" {
			continue
		}
		seq, err := c.Send(ctx, room, line)
		if err != nil {
			log.Print("not sent: ", err)
			continue
		}
		last = max(last, seq)
	}
	return last
}

// show prints messages. It calls leave when the room was joined, all lines were sent and
// everything up to the last one was printed.
func show(events <-chan client.Event, sent <-chan int64, leave func()) {
	var read, last int64
	joined, all := false, false
	shown := map[string]string{} // the text of each printed message, by id
	for {
		select {
		case last = <-sent:
			all = true
		case event, more := <-events:
			if !more {
				return
			}
			switch e := event.(type) {
			case client.Joined:
				joined = true
			case client.Message:
				printMessage(e, shown)
			case client.Reached:
				read = e.Position.Rev
			case client.Disconnected:
				log.Printf("reconnecting in %v: %v", e.Wait, e.Err)
			case client.Failed:
				log.Print(e.Err)
			}
		}
		if joined && all && read >= last {
			leave()
		}
	}
}

// printMessage prints a message that is new, edited or deleted. Reactions, pins and threads
// are not shown.
func printMessage(m client.Message, shown map[string]string) {
	before, known := shown[m.ID]
	shown[m.ID] = m.Text
	switch {
	case m.Deleted != nil && before != "":
		fmt.Printf("%s deleted a message\n", m.Deleted.By.Name)
	case m.Deleted != nil:
	case !known:
		fmt.Printf("%s: %s\n", m.From, m.Text)
	case before != m.Text:
		fmt.Printf("%s edited: %s\n", m.From, m.Text)
	}
}
