// Command go is a small client of chat.v1: it prints what is said in a room, says
// the lines of its standard input, and comes back after any cut with nothing lost
// and nothing doubled. docs/protocol.md has the reasons.
package main

import (
	"bufio"
	"context"
	"errors"
	"flag"
	"fmt"
	"log"
	"math/rand/v2"
	"net/url"
	"os"
	"strings"
	"time"

	"github.com/coder/websocket"
	"github.com/coder/websocket/wsjson"
	"github.com/google/uuid"
)

// client is what outlives a connection.
type client struct {
	room   string
	epoch  string      // the past of the server's store in which last counts
	last   int64       // everything up to this rev was printed; -1 if nothing was yet
	lines  chan string // of standard input; nil when that has ended
	outbox []draft     // what is not acknowledged, in order

	welcomed string // the epoch that this connection was welcomed with
	live     bool   // the room was joined in this connection, to the last page
	asked    bool   // the first of the outbox was sent in this connection
}

type (
	fields  map[string]any
	draft   struct{ id, text string }
	message struct {
		ID, From, Text string
		Rev            int64
	}
	event struct { // has what matters here of every event
		Event, Epoch, Code, Message string
		message
		Since       int64
		Messages    []message
		More, Reset bool
	}
)

var errDone = errors.New("all is said")

func main() {
	server := flag.String("server", "ws://localhost:9090", "the server's URL")
	name := flag.String("name", "Gopher", "who you are")
	room := flag.String("room", "lobby", "where to talk")
	flag.Parse()
	c := &client{room: *room, last: -1, lines: make(chan string)}
	go c.readLines()
	const least, most = 500 * time.Millisecond, 30 * time.Second
	for wait := least; ; wait = min(2*wait, most) {
		err := c.talk(*server + "/chat/" + url.PathEscape(*name) + "?frame_bytes=256000")
		if errors.Is(err, errDone) {
			return
		}
		if c.live { // the server was there: begin anew
			wait = least
		}
		log.Print("coming back: ", err)
		time.Sleep(wait/2 + rand.N(wait)) // at random, or everybody comes back at once
	}
}

func (c *client) readLines() {
	defer close(c.lines)
	for in := bufio.NewScanner(os.Stdin); in.Scan(); {
		if line := strings.TrimSpace(in.Text()); line != "" {
			c.lines <- line
		}
	}
}

// talk is the life of one connection. It returns why that ended, or errDone.
func (c *client) talk(url string) error {
	ctx, cancel := context.WithCancel(context.Background())
	defer cancel()
	c.live, c.asked = false, false
	conn, response, err := websocket.Dial(ctx, url, &websocket.DialOptions{Subprotocols: []string{"chat.v1"}})
	if response != nil && response.StatusCode >= 400 && response.StatusCode < 429 {
		log.Fatal(err) // a wrong name or room stays wrong
	}
	if err != nil {
		return err
	}
	defer conn.Close(websocket.StatusNormalClosure, "") //nolint:errcheck // it may be closed
	conn.SetReadLimit(256_000)                          // what frame_bytes asks for; the library's default is 32,768
	events, ended := make(chan event), make(chan error, 1)
	go func() { ended <- read(ctx, conn, events) }()
	say := func(command fields) error { return wsjson.Write(ctx, conn, command) }
	for alive := time.Tick(20 * time.Second); err == nil; {
		select {
		case line, more := <-c.lines:
			if more {
				c.outbox = append(c.outbox, draft{uuid.NewString(), line})
			} else {
				c.lines = nil
			}
		case e := <-events:
			err = c.hear(e, say)
		case <-alive:
			err = say(fields{"cmd": "ping"})
		case err = <-ended:
		}
		if err == nil && c.live {
			err = c.send(say)
		}
	}
	return err
}

// read hands over events. If nothing comes for a minute, not even the answer to a
// ping, the connection is dead.
func read(ctx context.Context, conn *websocket.Conn, events chan<- event) error {
	for {
		var e event
		minute, cancel := context.WithTimeout(ctx, time.Minute)
		err := wsjson.Read(minute, conn, &e)
		cancel()
		if err != nil {
			return err
		}
		select {
		case events <- e:
		case <-ctx.Done():
			return ctx.Err()
		}
	}
}

// send sends what is first in the outbox, one at a time: so all is said in order,
// whatever is cut meanwhile. The id makes that sending twice is saying once.
func (c *client) send(say func(fields) error) error {
	switch {
	case c.asked:
		return nil
	case len(c.outbox) > 0:
		c.asked = true
		return say(fields{"cmd": "send", "room": c.room, "id": c.outbox[0].id, "text": c.outbox[0].text})
	case c.lines == nil:
		return errDone
	}
	return nil
}

// answered takes a draft out of the outbox: it is stored, or never will be.
func (c *client) answered(id string) {
	if len(c.outbox) > 0 && c.outbox[0].id == id {
		c.outbox, c.asked = c.outbox[1:], false
	}
}

// hear does what an event asks for.
func (c *client) hear(e event, say func(fields) error) error {
	switch e.Event {
	case "welcome":
		c.welcomed = e.Epoch
		return c.join(say)
	case "message": // is a page of one
		e.Since, e.Messages = e.Rev-1, []message{e.message}
		return c.read(e, say)
	case "room", "changes":
		return c.read(e, say)
	case "ack":
		c.answered(e.ID)
	case "error":
		log.Print("not said: ", e.Message)
		switch e.Code {
		case "not_stored", "busy", "internal":
			return errors.New(e.Code) // come back, and send it again
		}
		c.answered(e.ID)
	}
	return nil
}

// join enters the room, or asks for what was missed.
func (c *client) join(say func(fields) error) error {
	if c.last < 0 {
		return say(fields{"cmd": "join", "room": c.room})
	}
	return say(fields{"cmd": "join", "room": c.room, "since": c.last, "epoch": c.epoch})
}

// read prints what is new of a page, by the order law.
func (c *client) read(page event, say func(fields) error) error {
	if c.last < 0 || page.Reset { // the newest page: what was before it is not ours
		c.last = page.Since
	}
	if page.Since > c.last { // something was missed
		return c.join(say)
	}
	for _, m := range page.Messages {
		if c.answered(m.ID); m.Rev > c.last {
			fmt.Printf("%s: %s\n", m.From, m.Text)
		}
	}
	c.last = max(c.last, page.Rev)
	if page.Event == "room" {
		c.epoch = c.welcomed
		c.live = !page.More
	}
	if page.More {
		return c.join(say)
	}
	return nil
}
