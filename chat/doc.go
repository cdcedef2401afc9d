// Package chat holds the rules of the chat. Read this page first, then
// handlers/socket.go: together they are the whole way of a message.
//
// # The idea
//
// A room is an ordered, durable record of messages. Everything else is a way
// to append to that record or to hear of what was appended. So there is one
// way in (Chat), one truth (the Store), and one fan-out (the hub). The socket
// is a hint, the history is the truth: a live event may get lost on the way,
// a message never.
//
// # The way of a message
//
//	a connection's reader        handlers/socket.go    onTextMessage
//	  → a command or a text      handlers/commands_json.go, frames_text.go
//	  → Chat.Send                chat/messages.go      may they, is it valid
//	  → the recorder             chat/recorder.go      whatever is pending is one batch
//	  → Store.Append             store/messages.go     one transaction numbers and keeps it
//	  → the hub                  chat/deliver.go       after the commit, in the room's order
//	  → the room's pump          chat/pump.go          the batch to every connection
//	  → a connection's queue     handlers/socket_writer.go
//
// # The order law
//
// rev is a room's counter: it grows by exactly one with each change of a
// message of the room. seq is the rev at which a message was said, and its
// place in the room. A message is stored first, delivered after, and delivered
// in rev order; nobody hears what could still be lost. So whatever is sent covers
// an interval of revs, and who keeps the last rev of a room knows whether it has
// all of it, and if not what to ask for: a lost event, a cut connection and a
// server that was restarted are one case with one mechanism (Chat.Join).
//
// A member starts to hear a room at one moment, taken under the room's lock:
// what was stored before it comes with a page, what is delivered after it comes
// live. So the two neither overlap nor leave a hole.
//
// The hub follows the same law towards the store. When the store turns out to be
// ahead of a room's members, because the answer to a commit was lost or another node
// stored something, what comes after the hole waits (deliver.go), and the filler reads
// what is missing and delivers it as a page (filler.go).
//
// # Several nodes
//
// On a fleet other nodes store messages, too, and tell of them by hints (fleet.go). A
// hint may get lost, so it is treated like an event that may have been: in its place it
// is delivered, before its place it waits, and now and then each node compares its
// rooms with the store, because the last hint of all may be the one that got lost
// (reconcile.go). Only hints that a node of this chat signed are believed; any other just
// has the room compared. Ids are compared as well as revs, so a wrong message never hides
// the true one (recent.go).
//
// Who is in a room on other nodes, and who bears which name there, is in the register:
// each node says it of its own people (registrar.go), reads it of the others
// (elsewhere.go), and says now and then that it lives, because one that died cannot say
// so. A name is claimed there before somebody is let in (bearers.go).
//
// # Sending twice is sending once
//
// The author makes the id of a message, and it is unique in its room for ever.
// A draft whose id is known is not stored again; its author is told what was
// stored first.
//
// # Nobody waits for a slow reader
//
// Delivering never blocks. What a connection's socket does not take goes to
// the connection's own bounded queue; whoever lets that queue run over is
// closed (CloseTooSlow) and finds what it missed in the history. Coming and
// going is dropped for a filling queue, a message never; a whole list of the
// members follows when the queue is empty (presence.go).
//
// So that this does not happen to somebody on an ordinary slow line, a room admits
// messages no faster than its members take them (flow.go): the senders wait, before
// their message is stored, and nobody else does.
//
// # Who has much to do takes turns
//
// A pump yields after a few members, and whoever reads a page before it begins, in
// a way that lets in what has arrived meanwhile (turns.go). So neither a busy room
// nor a thousand who come back hold up whoever says something (pages.go).
//
// # Words
//
// docs/glossary.md has them all. A user speaks, a connection is one open
// WebSocket, a member is a user in a room, an event is what connections hear.
package chat
