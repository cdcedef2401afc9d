package chat

import (
	"context"
	"sync/atomic"
)

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
	toMove                   // move messages out of the room, and into it
	toRename                 // give the room another address
	toExport                 // write the whole room to a file
	toRemove                 // remove the room with all its messages
	actions
)

// String returns the action's name in the access table's golden file.
func (a action) String() string {
	return [...]string{
		toList: "list", toRead: "read", toVersions: "versions", toJoin: "join", toType: "type", toPost: "post",
		toEdit: "edit", toDelete: "delete", toPurge: "purge", toReact: "react", toPin: "pin", toMove: "move",
		toRename: "rename", toExport: "export", toRemove: "remove",
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
		toList:     {Stranger: all, Guest: all, Bot: all, Member: all, Admin: all, Owner: all, System: all},
		toRead:     {Stranger: all, Guest: all, Bot: all, Member: all, Admin: all, Owner: all, System: all},
		toVersions: {Stranger: all, Guest: all, Bot: all, Member: all, Admin: all, Owner: all, System: all},
		toJoin:     {Stranger: none, Guest: all, Bot: all, Member: all, Admin: all, Owner: all, System: none},
		toType:     {Stranger: none, Guest: all, Bot: all, Member: all, Admin: all, Owner: all, System: none},
		toPost:     {Stranger: none, Guest: all, Bot: all, Member: all, Admin: all, Owner: all, System: none},
		toEdit:     {Stranger: none, Guest: own, Bot: own, Member: own, Admin: own, Owner: own, System: none},
		toDelete:   {Stranger: none, Guest: own, Bot: own, Member: own, Admin: all, Owner: all, System: all},
		toPurge:    {Stranger: none, Guest: own, Bot: own, Member: own, Admin: all, Owner: all, System: all},
		toReact:    {Stranger: none, Guest: all, Bot: all, Member: all, Admin: all, Owner: all, System: none},
		toPin:      {Stranger: none, Guest: all, Bot: all, Member: all, Admin: all, Owner: all, System: all},
		toMove:     {Stranger: none, Guest: none, Bot: none, Member: none, Admin: all, Owner: all, System: all},
		toRename:   {Stranger: none, Guest: none, Bot: none, Member: none, Admin: all, Owner: all, System: all},
		toExport:   {Stranger: none, Guest: none, Bot: none, Member: none, Admin: all, Owner: all, System: all},
		toRemove:   {Stranger: none, Guest: none, Bot: none, Member: none, Admin: all, Owner: all, System: all},
	},
}

// scopesFor are the scopes that a token needs for each action.
var scopesFor = [actions]Scopes{
	toList: ScopeRead, toRead: ScopeRead, toVersions: ScopeRead, toJoin: ScopeRead, toType: ScopeWrite, toPost: ScopeWrite,
	toEdit: ScopeWrite, toDelete: ScopeWrite, toPurge: ScopeWrite, toReact: ScopeWrite, toPin: ScopeWrite,
	toMove: ScopeManage, toRename: ScopeManage, toExport: ScopeManage, toRemove: ScopeManage,
}

// GuestPolicy states which guests may use the chat. Strangers may read what guests may.
type GuestPolicy uint8

// The policies, in the order of their names.
const (
	GuestsEverywhere GuestPolicy = iota // in all rooms that are open to them
	GuestsByLink                        // only with a link that an account made
	GuestsNever                         // not at all
)

// GuestPolicies are the names of the policies.
var GuestPolicies = []string{"everywhere", "by-link", "never"}

// String returns the policy's name.
func (p GuestPolicy) String() string { return GuestPolicies[p] }

// gate decides who gets into a room. It lets guests in everywhere until SetGuests.
type gate struct {
	rooms  *Directory
	guests atomic.Uint32
}

// SetGuests sets which guests may use the chat. Connections that are open stay open.
func (g *gate) SetGuests(policy GuestPolicy) { g.guests.Store(uint32(policy)) }

// Guests returns which guests may use the chat.
func (g *gate) Guests() GuestPolicy { return GuestPolicy(g.guests.Load()) } //nolint:gosec // SetGuests stored it

// opened is a room that an actor may use for one action. Only gate.open returns one.
type opened struct {
	*RoomInfo
	scope scope
	actor Actor
}

// open returns the room at an address, which may be a former one or the room's id, for an
// actor's action if the access table, the server's policy and the actor's token permit it. The
// error is ErrForbidden or ErrScope, or ErrNoRoom if the actor may not even read the room and so
// must not learn that it exists, or the store's. For a room that the directory remembers, it
// allocates nothing.
func (g *gate) open(ctx context.Context, actor Actor, address string, do action) (opened, error) {
	room, err := g.rooms.Find(ctx, address)
	if err != nil {
		return opened{}, err
	}
	rights := &accessTable[PublicRoom]
	switch scope := rights[do][actor.Role]; {
	case !g.admits(actor.Role), !actor.Credential.Reaches(room), rights[toRead][actor.Role] == none:
		return opened{}, ErrNoRoom
	case scope == none:
		return opened{}, ErrForbidden
	case !actor.Credential.Permits(scopesFor[do]):
		return opened{}, ErrScope
	case scope == all && rights[do][Member] == own && !actor.Credential.Permits(ScopeManage):
		return opened{room, own, actor}, nil // what others wrote needs the scope as well
	default:
		return opened{room, scope, actor}, nil
	}
}

// admits reports whether the server's policy lets actors of a role use the chat.
func (g *gate) admits(role Role) bool {
	return role != Stranger && role != Guest || g.Guests() == GuestsEverywhere
}

// covers reports whether the right extends to a message of an author.
func (o opened) covers(authorID string) bool {
	return o.scope == all || o.scope == own && o.actor.User.Author().Wrote(authorID)
}
