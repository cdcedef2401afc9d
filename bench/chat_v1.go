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

// textBytes is the size of the messages that are sent.
const textBytes = 128

var text = strings.Repeat("x", textBytes)

// event has the fields of an event that the modes read.
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
	found []heard // messages of an unrequested page, not returned by hear yet
}

// enter opens a connection in chat.v1 and waits for the welcome.
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

// await reads until an event with a name, and returns it. An error event is an error.
func (u *user) await(name string) (event, error) {
	frame, err := u.awaitFrame(name)
	if err != nil {
		return event{}, err
	}
	return parse(frame)
}

// awaitFrame returns the event undecoded, for callers that have no time to parse it now.
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

// parse decodes an event.
func parse(frame []byte) (e event, err error) {
	if err = json.Unmarshal(frame, &e); err != nil {
		return e, fmt.Errorf("decode the event %.80q: %w", frame, err)
	}
	if e.Event == "error" {
		return e, errors.New(e.Code + ": " + e.Message)
	}
	return e, nil
}

// join joins a room and returns the answer.
func (u *user) join(room string) (event, error) {
	return u.ask("room", `{"cmd":"join","room":%q}`, room)
}

// resume requests what changed after a rev.
func (u *user) resume(room string, since int64, epoch string) (event, error) {
	return u.ask("room", resumeCommand, room, since, epoch)
}

// history requests the page before a seq, and returns it undecoded.
func (u *user) history(room string, before int64) ([]byte, error) {
	if err := u.say(fmt.Appendf(nil, `{"cmd":"history","room":%q,"before":%d}`, room, before)); err != nil {
		return nil, err
	}
	return u.awaitFrame("history")
}

const resumeCommand = `{"cmd":"join","room":%q,"since":%d,"epoch":%q}`

// leaveRoom leaves a room, and waits for a pong, which shows that the server has
// processed it.
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

// sendCommand returns the command that sends a text of plain letters.
func sendCommand(room, id, text string) string {
	return `{"cmd":"send","room":"` + room + `","id":"` + id + `","text":"` + text + `"}`
}

// heard has the fields of a message event that matter here.
type heard struct {
	id  string
	rev int64
}

// hear returns the next message. It decodes only two fields, because a mode may read a
// hundred thousand messages a second on the server's machine.
func (u *user) hear() (next heard, err error) {
	for {
		if len(u.found) > 0 {
			next, u.found = u.found[0], u.found[1:]
			return next, nil
		}
		frame, err := u.next()
		if err != nil {
			return heard{}, fmt.Errorf("%s reads: %w", u.name, err)
		}
		if !bytes.HasPrefix(frame, []byte(`{"event":"message"`)) {
			e, err := parse(frame)
			if err != nil {
				return heard{}, err
			}
			if e.Event == "changes" { // in a fleet: messages that were lost between nodes, or late
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

// field returns the value after a field's name. The name cannot occur in a text, where
// quotes are escaped.
func field(frame []byte, name string) []byte {
	_, rest, _ := bytes.Cut(frame, []byte(name))
	value, _, _ := bytes.Cut(rest, []byte(","))
	return bytes.TrimRight(value, "}")
}

// order checks that the revs of a room are consecutive: nothing is lost, doubled or out
// of order.
type order struct{ last int64 }

func (o *order) check(rev int64) error {
	if rev != o.last+1 {
		return fmt.Errorf("rev %d came after %d", rev, o.last)
	}
	o.last = rev
	return nil
}
