package chat

import "context"

// Access is one table: what each role may do in each kind of room. It is data, so that
// testdata/access.golden can print all of it. Only this file knows roles.
//
// gate.open applies the table and is the only way to a room: every exported use case with an
// actor reaches it, which TestEveryUseCasePassesTheGate holds.

// action is something that an actor does in a room.
type action uint8

// The actions. actions is their number.
const (
	toList     action = iota // find the room in the list of rooms, with the number of users online
	toRead                   // read messages, with their reactions and threads
	toVersions               // read the earlier texts of a message
	toJoin                   // subscribe, and be present
	toType                   // show that one is typing
	toPost                   // send messages and replies
	toEdit                   // change the text of a message
	toDelete                 // delete a message
	toPurge                  // remove one earlier text of a message
	toReact                  // react to a message
	toPin                    // pin and unpin a message
	toExport                 // write the whole room to a file
	toRemove                 // remove the room with all its messages
	actions
)

// String returns the action's name in the access table's golden file.
func (a action) String() string {
	return [...]string{
		toList: "list", toRead: "read", toVersions: "versions", toJoin: "join", toType: "type", toPost: "post",
		toEdit: "edit", toDelete: "delete", toPurge: "purge", toReact: "react", toPin: "pin",
		toExport: "export", toRemove: "remove",
	}[a]
}

// RoomKind is the kind of a room, which decides who may find and join it.
type RoomKind uint8

// The kinds of rooms. roomKinds is their number.
const (
	// PublicRoom is listed, and everyone may join it.
	PublicRoom RoomKind = iota
	roomKinds
)

// String returns the kind's name in the access table's golden file.
func (k RoomKind) String() string { return [...]string{PublicRoom: "public"}[k] }

// scope is how far a right extends.
type scope uint8

const (
	none scope = iota // not permitted
	own               // permitted for messages that the actor wrote
	all               // permitted
)

// String returns the scope's name in the access table's golden file.
func (s scope) String() string { return [...]string{none: "-", own: "own", all: "yes"}[s] }

// accessTable is the access table.
//
// Nobody edits another's message, the system included: that would put words into a person's
// mouth. Everyone in a public room may pin: see docs/adr/0036-one-gate.md.
var accessTable = [roomKinds][actions][roles]scope{
	PublicRoom: {
		toList:     {Stranger: all, Guest: all, System: all},
		toRead:     {Stranger: all, Guest: all, System: all},
		toVersions: {Stranger: all, Guest: all, System: all},
		toJoin:     {Stranger: none, Guest: all, System: none},
		toType:     {Stranger: none, Guest: all, System: none},
		toPost:     {Stranger: none, Guest: all, System: none},
		toEdit:     {Stranger: none, Guest: own, System: none},
		toDelete:   {Stranger: none, Guest: own, System: all},
		toPurge:    {Stranger: none, Guest: own, System: all},
		toReact:    {Stranger: none, Guest: all, System: none},
		toPin:      {Stranger: none, Guest: all, System: all},
		toExport:   {Stranger: none, Guest: none, System: all},
		toRemove:   {Stranger: none, Guest: none, System: all},
	},
}

// gate decides who gets into a room.
type gate struct{}

// opened is a room that an actor may use for one action. Only gate.open returns one.
type opened struct {
	slug  string
	scope scope
	actor Actor
}

// open returns a room for an actor's action if the access table permits it. The error is
// ErrForbidden, or ErrNoRoom if the actor may not even read the room and so must not learn
// that it exists. It allocates nothing.
//
// The context bounds the lookup of the room's kind. Today every room is public, so there is
// nothing to look up.
func (gate) open(_ context.Context, actor Actor, slug string, do action) (opened, error) {
	rights := &accessTable[PublicRoom]
	if scope := rights[do][actor.Role]; scope != none {
		return opened{slug, scope, actor}, nil
	}
	if rights[toRead][actor.Role] == none {
		return opened{}, ErrNoRoom
	}
	return opened{}, ErrForbidden
}

// covers reports whether the right extends to a message of an author.
func (o opened) covers(authorID string) bool {
	return o.scope == all || o.scope == own && o.actor.User.Author().Wrote(authorID)
}
