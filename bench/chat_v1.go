package main

import (
	"bytes"
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"strconv"
	"strings"

	"github.com/google/uuid"
)

// textBytes is how long the messages are that are sent.
const textBytes = 128

var text = strings.Repeat("x", textBytes)

// event is what a mode looks at of an event.
type event struct {
	Event    string    `json:"event"`
	Room     string    `json:"room"`
	Epoch    string    `json:"epoch"`
	Since    int64     `json:"since"`
	Rev      int64     `json:"rev"`
	Online   int       `json:"online"`
	Messages []message `json:"messages"`
	More     bool      `json:"more"`
	Reset    bool      `json:"reset"`
	Code     string    `json:"code"`
	Message  string    `json:"message"`
}

type message struct {
	ID   string `json:"id"`
	Seq  int64  `json:"seq"`
	Rev  int64  `json:"rev"`
	Text string `json:"text"`
}

// user is a connection in chat.v1.
type user struct {
	*connection
	name  string
	epoch string
	found []heard // of a page that the server sent by itself, not handed out yet
}

// enter opens a connection in chat.v1 and hears the welcome.
func enter(ctx context.Context, address, name, from string, options ...dialOption) (*user, error) {
	conn, err := dial(ctx, address, "/chat/"+name+"?frame_bytes=256000", "chat.v1", from, options...)
	if err != nil {
		return nil, err
	}
	u := &user{connection: conn, name: name}
	welcome, err := u.await("welcome")
	if err != nil {
		conn.cut()
		return nil, err
	}
	u.epoch = welcome.Epoch
	return u, nil
}

// await reads until an event of a name, and returns it. An error event is an
// error.
func (u *user) await(name string) (event, error) {
	frame, err := u.awaitFrame(name)
	if err != nil {
		return event{}, err
	}
	return parse(frame)
}

// awaitFrame returns the event as it came, for those who have no time to parse
// it now.
func (u *user) awaitFrame(name string) ([]byte, error) {
	for {
		frame, err := u.next()
		if err != nil {
			return nil, fmt.Errorf("%s waits for %s: %w", u.name, name, err)
		}
		if bytes.HasPrefix(frame, []byte(`{"event":"`+name+`"`)) {
			return frame, nil
		}
		if bytes.HasPrefix(frame, []byte(`{"event":"error"`)) {
			_, err := parse(frame)
			return nil, err
		}
	}
}

// parse reads an event.
func parse(frame []byte) (e event, err error) {
	if err = json.Unmarshal(frame, &e); err != nil {
		return e, fmt.Errorf("an event that is none, %.80q: %w", frame, err)
	}
	if e.Event == "error" {
		return e, errors.New(e.Code + ": " + e.Message)
	}
	return e, nil
}

// join enters a room and returns the answer.
func (u *user) join(room string) (event, error) {
	return u.ask("room", `{"cmd":"join","room":%q}`, room)
}

// resume asks for what changed after a rev.
func (u *user) resume(room string, since int64, epoch string) (event, error) {
	return u.ask("room", resumeCommand, room, since, epoch)
}

// history asks for the page before a seq, and returns it as it came.
func (u *user) history(room string, before int64) ([]byte, error) {
	if err := u.say(fmt.Appendf(nil, `{"cmd":"history","room":%q,"before":%d}`, room, before)); err != nil {
		return nil, err
	}
	return u.awaitFrame("history")
}

const resumeCommand = `{"cmd":"join","room":%q,"since":%d,"epoch":%q}`

// leaveRoom leaves a room, and asks for a pong to know that it is done.
func (u *user) leaveRoom(room string) error {
	if err := u.say(fmt.Appendf(nil, `{"cmd":"leave","room":%q}`, room)); err != nil {
		return err
	}
	_, err := u.ask("pong", `{"cmd":"ping"}`)
	return err
}

func (u *user) ask(answer, command string, args ...any) (event, error) {
	if err := u.say(fmt.Appendf(nil, command, args...)); err != nil {
		return event{}, err
	}
	return u.await(answer)
}

// sendTo sends a message and returns its id.
func (u *user) sendTo(room string) (id string, err error) {
	id = uuid.NewString()
	return id, u.say([]byte(sendCommand(room, id, text)))
}

// sendCommand is the command that sends a text of plain letters.
func sendCommand(room, id, text string) string {
	return `{"cmd":"send","room":"` + room + `","id":"` + id + `","text":"` + text + `"}`
}

// heard is what matters of a message event.
type heard struct {
	id  string
	rev int64
}

// hear returns the next message. It looks for two fields only, because a mode
// may read a hundred thousand of them a second on the machine of the server.
func (u *user) hear() (next heard, err error) {
	for {
		if len(u.found) > 0 {
			next, u.found = u.found[0], u.found[1:]
			return next, nil
		}
		frame, err := u.next()
		if err != nil {
			return heard{}, fmt.Errorf("%s listens: %w", u.name, err)
		}
		if !bytes.HasPrefix(frame, []byte(`{"event":"message"`)) {
			e, err := parse(frame)
			if err != nil {
				return heard{}, err
			}
			if e.Event == "changes" { // on a fleet what was lost on the way, or late
				for _, m := range e.Messages {
					u.found = append(u.found, heard{m.ID, m.Rev})
				}
			}
			continue
		}
		rev, err := strconv.ParseInt(string(field(frame, `"rev":`)), 10, 64)
		if err != nil {
			return heard{}, fmt.Errorf("a message without a rev: %.200q", frame)
		}
		return heard{string(bytes.Trim(field(frame, `"id":`), `"`)), rev}, nil
	}
}

// field is the value after a field's name, which can't be part of a text: there
// a quote has a backslash before it.
func field(frame []byte, name string) []byte {
	_, rest, _ := bytes.Cut(frame, []byte(name))
	value, _, _ := bytes.Cut(rest, []byte(","))
	return bytes.TrimRight(value, "}")
}

// order checks that the revs of a room come one by one: nothing is lost, doubled
// or out of order.
type order struct{ last int64 }

func (o *order) check(rev int64) error {
	if rev != o.last+1 {
		return fmt.Errorf("rev %d came after %d", rev, o.last)
	}
	o.last = rev
	return nil
}
