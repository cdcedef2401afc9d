package handlers

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"net"
	"strings"

	"chatserver/chat"
	"chatserver/chatv1"
)

// commandEnvelope bounds the bytes of a command besides its text.
const commandEnvelope = 1 << 10

// maxCommand returns the largest frame that a text of the given size needs: JSON may escape
// each byte as six.
func maxCommand(text int) int { return 6*text + commandEnvelope }

// command is a command of chat.v1, with the fields of all commands.
type command struct {
	Cmd    string `json:"cmd"`
	Room   string `json:"room"`
	ID     string `json:"id"`
	Text   string `json:"text"`
	Since  *int64 `json:"since"`
	Epoch  string `json:"epoch"`
	Before int64  `json:"before"`
	After  string `json:"after"`
	Prefix string `json:"prefix"`
	Trace  string `json:"traceparent"` // of W3C Trace Context
}

// commandError is the error of a command that is malformed or unknown.
type commandError struct{ code, message string }

func (e *commandError) Error() string { return e.message }

// The events that answer commands, as they are encoded.
type (
	jsonUser struct {
		Name string `json:"name"`
		Age  int    `json:"age,omitempty"`
		ID   string `json:"id"`
	}
	jsonMe struct {
		jsonUser
		Former string `json:"former,omitempty"` // the id of this user in messages that an earlier version stored
	}
	jsonRoom struct {
		Room   string `json:"room"`
		Title  string `json:"title"`
		Rev    int64  `json:"rev"`
		Online int    `json:"online"`
	}
	jsonLimits struct {
		TextBytes  int `json:"text_bytes"`
		Page       int `json:"page"`
		Rate       int `json:"rate"`
		FrameBytes int `json:"frame_bytes"`
	}

	welcomeEvent struct {
		Event  string     `json:"event"`
		User   jsonMe     `json:"user"`
		Epoch  string     `json:"epoch"`
		Limits jsonLimits `json:"limits"`
	}
	ackEvent struct {
		Event string `json:"event"`
		Room  string `json:"room"`
		ID    string `json:"id"`
		Seq   int64  `json:"seq"`
		Rev   int64  `json:"rev"`
	}
	roomsEvent struct {
		Event string     `json:"event"`
		Rooms []jsonRoom `json:"rooms"`
		More  bool       `json:"more"`
	}
	pongEvent struct {
		Event string           `json:"event"`
		Revs  map[string]int64 `json:"revs"`
	}
	errorEvent struct {
		Event   string `json:"event"`
		Cmd     string `json:"cmd,omitempty"`
		Room    string `json:"room,omitempty"`
		ID      string `json:"id,omitempty"`
		Code    string `json:"code"`
		Detail  string `json:"detail,omitempty"` // see detailFor
		Message string `json:"message"`
		After   int    `json:"retry_after,omitempty"` // seconds, of slow_down
	}
)

// jsonFrames speaks chat.v1.
type jsonFrames struct{ chatv1.Frames }

var _ frames = jsonFrames{}

// onOpen implements frames.
func (f jsonFrames) onOpen(s *sockets, conn *connection) error {
	conn.sendEvent(welcomeEvent{
		"welcome",
		jsonMe{jsonUser{conn.User.Name, conn.User.Age, f.ShortIDs.Of(conn.User.ID)}, f.ShortIDs.Of(conn.User.FormerID)},
		s.chat.Epoch(),
		jsonLimits{s.options.MaxText, chat.PageLimit.Messages, s.options.Rate, f.Size},
	})
	return nil
}

// onTextMessage implements frames: it executes a command. An error of the command is sent to
// the client, and the connection stays open. While the queue is long, no further command is
// read, so that a client that requests pages gets them as fast as it reads them.
func (f jsonFrames) onTextMessage(s *sockets, conn *connection, text []byte) error {
	c, err := parseCommand(text)
	conn.releaseIfEmpty()
	if err == nil {
		err = f.execute(s, conn, c)
	}
	if err != nil {
		if isFatal(err) {
			return err
		}
		f.refuse(s, conn, c, err)
	}
	return conn.Calm()
}

// isFatal reports whether an error ends the connection, either because it is broken or because
// the close frame carries the error.
func isFatal(err error) bool {
	var reason chat.Close
	return errors.As(err, &reason) || errors.Is(err, chat.ErrStopping) || errors.Is(err, net.ErrClosed)
}

// parseCommand parses a command. With an error, it returns the fields that it could read.
func parseCommand(text []byte) (c command, err error) {
	err = json.Unmarshal(text, &c)
	var wrongType *json.UnmarshalTypeError
	switch {
	case errors.As(err, &wrongType) && wrongType.Field != "":
		kind, _, _ := strings.Cut(wrongType.Value, " ") // of a number, the number itself follows
		return c, &commandError{"bad_command", fmt.Sprintf("The field %s of a command cannot be a JSON %s.", wrongType.Field, kind)}
	case err != nil, c.Cmd == "":
		return c, &commandError{"bad_command", `A command is one JSON object with a cmd, like {"cmd":"join","room":"lobby"}.`}
	}
	return c, nil
}

func (f jsonFrames) execute(s *sockets, conn *connection, c command) error {
	switch c.Cmd {
	case "ping":
		conn.frameLimit.wait()
		conn.sendEvent(pongEvent{"pong", s.chat.Revs(&conn.Connection)})
		return nil
	case "rooms":
		s.throttleReads(conn)
		return f.rooms(s, conn, c)
	case "join", "history", "send", "typing", "leave":
	default:
		return &commandError{"unknown_command", "The commands are join, history, send, typing, leave, rooms and ping."}
	}
	if c.Room == "" {
		return &chat.Invalid{Field: "room", Format: "This command needs a room."}
	}
	room, err := chat.ParseRoom(c.Room)
	if err != nil {
		return err
	}
	switch c.Cmd {
	case "join":
		s.throttleReads(conn)
		return f.join(s, conn, room, c)
	case "history":
		s.throttleReads(conn)
		return f.history(s, conn, room, c)
	case "send":
		if c.ID == "" {
			return &chat.Invalid{Field: "id", Format: "A message needs an id: a UUID that you generate, so that a retry is not stored twice."}
		}
		s.throttleMessages(conn)
		return s.send(conn, c.Trace, room, c.ID, c.Text)
	case "typing":
		s.throttleMessages(conn)
		if !s.mayHint(conn) {
			return nil
		}
		return s.chat.Type(context.Background(), &conn.Connection, room)
	default:
		s.throttleMessages(conn) // a leave causes presence events for the whole room
		s.chat.Leave(&conn.Connection, room)
		return nil
	}
}

func (jsonFrames) join(s *sockets, conn *connection, room string, c command) error {
	var at *chat.Position
	if c.Since != nil {
		if *c.Since < 0 {
			return &chat.Invalid{Field: "since", Format: "The field since must be the latest rev of the room that you have, 0 or more."}
		}
		at = &chat.Position{Rev: *c.Since, Epoch: c.Epoch, ID: strings.ToLower(c.ID)}
	}
	return s.chat.Join(context.Background(), &conn.Connection, room, at)
}

func (f jsonFrames) history(s *sockets, conn *connection, room string, c command) error {
	page, err := s.chat.History(context.Background(), &conn.Connection, room, c.Before)
	if err == nil {
		conn.Send(func(dst []byte) []byte { return f.AppendHistory(dst, room, c.Before, page) })
	}
	return err
}

func (jsonFrames) rooms(s *sockets, conn *connection, c command) error {
	rooms, more, err := s.chat.Rooms(context.Background(), conn.Actor, c.After, c.Prefix)
	if err != nil {
		return err
	}
	event := roomsEvent{"rooms", make([]jsonRoom, len(rooms)), more}
	for i, r := range rooms {
		event.Rooms[i] = jsonRoom{r.Slug, r.Title, r.Rev, r.Online}
	}
	conn.sendEvent(event)
	return nil
}

// answer implements frames. A message that was delivered needs no other answer.
func (jsonFrames) answer(conn *connection, draft chat.Draft, outcome chat.Outcome) {
	switch {
	case outcome.Err != nil:
		code, message := codeFor(outcome.Err)
		conn.reporter.Denied(code)
		conn.sendEvent(errorEvent{Event: "error", Cmd: "send", Room: draft.Room, ID: draft.ID, Code: code, Detail: detailFor(outcome.Err), Message: message})
	case outcome.Known:
		conn.sendEvent(ackEvent{"ack", draft.Room, draft.ID, outcome.Message.Seq, outcome.Message.Rev})
	}
}

// maxEcho is the longest field in bytes that an error event repeats: an invalid field may be
// of any size.
const maxEcho = 64

// refuse sends the error of a command.
func (jsonFrames) refuse(s *sockets, conn *connection, c command, err error) {
	conn.frameLimit.wait()
	code, message := codeFor(err)
	if code == codeInternal {
		s.log.Error("command failed", "conn", conn.number, "cmd", c.Cmd, "room", c.Room, "error", err)
	}
	s.Denied(code)
	conn.sendEvent(errorEvent{"error", echo(c.Cmd), echo(c.Room), echo(c.ID), code, "", message, retryAfterOf(err)})
}

// retryAfterOf returns after how many seconds a refused command may be retried, or 0 if the
// error does not specify it.
func retryAfterOf(err error) int {
	if slow := (*overBudget)(nil); errors.As(err, &slow) {
		return slow.seconds()
	}
	return 0
}

func echo(text string) string {
	if len(text) > maxEcho {
		return ""
	}
	return text
}

// sendEvent sends a value as a JSON frame.
func (c *connection) sendEvent(event any) {
	c.Send(func(dst []byte) []byte { return chatv1.AppendEvent(dst, event) })
}
