package chatv1

import (
	"context"
	"strings"

	"chatserver/chat"
)

// Session is the connection that a command came from.
type Session interface {
	// Conn returns the connection in the chat.
	Conn() *chat.Connection
	// Admit waits until the connection may execute a command of a rate class. It returns
	// false for a RateEphemeral that is over budget, which is then dropped.
	Admit(rate Rate) bool
	// SendMessage sends a message to a room. traceparent is that of the command.
	SendMessage(traceparent, room string, out chat.Outgoing) error
	// Submit submits the change of a stored message that build returns. It does not call
	// build while the sender is over budget.
	Submit(build func() (chat.Request, error)) error
}

// Rate is the class in which a command is rate-limited.
type Rate int

// The rate classes.
const (
	RatePing      Rate = iota // limited like frames without a message
	RateRead                  // reads the store
	RateMessage               // causes events for a whole room
	RateEphemeral             // a RateMessage that may be dropped
)

// row is one command.
type row struct {
	name string
	rate Rate
	room bool // whether it needs a room
	id   bool // whether it needs an id
	do   func(call) error
}

// commands is the table of all commands. docs/architecture.md shows how to add one: a row here,
// a function, and an example in docs/protocol.md.
var commands = []row{
	{name: "join", rate: RateRead, room: true, do: join},
	{name: "history", rate: RateRead, room: true, do: history},
	{name: "send", rate: RateMessage, room: true, id: true, do: send},
	{name: "edit", rate: RateMessage, room: true, do: edit},
	{name: "delete", rate: RateMessage, room: true, do: remove},
	{name: "purge", rate: RateMessage, room: true, do: purge},
	{name: "react", rate: RateMessage, room: true, do: react},
	{name: "pin", rate: RateMessage, room: true, do: pin},
	{name: "move", rate: RateMessage, do: move},
	{name: "versions", rate: RateRead, room: true, do: versions},
	{name: "thread", rate: RateRead, room: true, do: thread},
	{name: "pins", rate: RateRead, room: true, do: pins},
	{name: "typing", rate: RateEphemeral, room: true, do: typing},
	{name: "leave", rate: RateMessage, room: true, do: leave},
	{name: "rooms", rate: RateRead, do: rooms},
	{name: "ping", rate: RatePing, do: ping},
}

// call is one execution of a command.
type call struct {
	Command
	room    string // the slug of Command.Room, if the command needs one
	chat    *chat.Chat
	frames  Frames
	session Session
}

// answer sends an event to the connection.
func (c call) answer(event any) { Send(c.session.Conn(), event) }

// Execute executes a command of a session: it looks up the row, checks what the row needs, and
// waits until the command is admitted. The answer to an error is a Refusal.
func (f Frames) Execute(c *chat.Chat, session Session, command Command) error {
	row, err := rowOf(command.Cmd)
	if err != nil {
		return err
	}
	room, err := row.check(command)
	if err != nil {
		return err
	}
	if !session.Admit(row.rate) {
		return nil
	}
	return row.do(call{command, room, c, f, session})
}

func rowOf(name string) (*row, error) {
	for i := range commands {
		if commands[i].name == name {
			return &commands[i], nil
		}
	}
	return nil, &commandError{codeUnknownCommand, "The commands are " + commandNames() + "."}
}

// commandNames returns the names of all commands as a list in a sentence.
func commandNames() string {
	var all []string
	for i := range commands {
		all = append(all, commands[i].name)
	}
	last := len(all) - 1
	return strings.Join(all[:last], ", ") + " and " + all[last]
}

// check returns the slug of the room that a command names, or an error if the command lacks
// what its row needs.
func (r *row) check(c Command) (room string, err error) {
	if r.room {
		if c.Room == "" {
			return "", &chat.Invalid{Field: "room", Format: "This command needs a room."}
		}
		if room, err = chat.ParseRoom(c.Room); err != nil {
			return "", err
		}
	}
	if r.id && c.ID == "" {
		return "", &chat.Invalid{Field: "id", Format: "A message needs an id: a UUID that you generate, so that a retry is not stored twice."}
	}
	return room, nil
}

func join(c call) error {
	var at *chat.Position
	if c.Since != nil {
		if *c.Since < 0 {
			return &chat.Invalid{Field: "since", Format: "The field since must be the latest rev of the room that you have, 0 or more."}
		}
		at = &chat.Position{Rev: *c.Since, Epoch: c.Epoch, ID: strings.ToLower(c.ID)}
	}
	return c.chat.Join(context.Background(), c.session.Conn(), c.room, at)
}

func history(c call) error {
	page, err := c.chat.History(context.Background(), c.session.Conn(), c.room, c.Before)
	if err == nil {
		c.session.Conn().Send(func(dst []byte) []byte { return c.frames.appendHistory(dst, c.room, c.Before, page) })
	}
	return err
}

func send(c call) error {
	return c.session.SendMessage(c.Trace, c.room, chat.Outgoing{ID: c.ID, Text: c.Text, Thread: c.Thread, ReplyTo: c.ReplyTo})
}

func typing(c call) error { return c.chat.Type(context.Background(), c.session.Conn(), c.room) }

func leave(c call) error {
	return c.chat.Leave(context.Background(), c.session.Conn(), c.room)
}

func rooms(c call) error {
	list, more, err := c.chat.Rooms(context.Background(), c.session.Conn().Actor, c.After, c.Prefix)
	if err == nil {
		c.answer(newRoomList(list, more))
	}
	return err
}

func ping(c call) error {
	c.answer(Pong{"pong", c.chat.Revs(c.session.Conn())})
	return nil
}
