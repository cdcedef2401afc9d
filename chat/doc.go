// Package chat holds the rules of the chat. Read this page first, then
// handlers/socket/socket.go: together they show the whole way of a message.
//
// # The idea
//
// A room is an ordered, durable log of messages. Everything else is a way to append to
// that log or to receive what was appended. So there is one API (Chat), one source of
// truth (the Store), and one fan-out (the hub). Live delivery is a hint and history is the
// truth: a live event may get lost on the way, a message never.
//
// # The way of a message
//
//	a connection's reader     handlers/socket/socket.go  onTextMessage
//	  → a command or a text   chatv1/commands.go, handlers/socket/frames_text.go
//	  → Chat.Compose, Send    chat/messages.go           validation, admission by the room
//	  → the gate              chat/access.go             may this actor do that in this room?
//	  → the recorder          journal/recorder.go        group commit: all pending changes are one batch
//	  → Store.Commit          store/commit.go            one transaction numbers and stores them
//	  → the room              live/room.go               after the commit, in the room's order
//	  → the room's pump       live/pump.go               the batch to every connection
//	  → the socket            ws/writer.go               or the connection's queue, ws/backlog.go
//
// This package has the rules: the types, the use cases (the methods of Chat) and the
// interfaces of the parts that do the work. These parts are packages of their own: journal,
// live and cluster. Package node puts them together.
//
// # Order
//
// rev is a room's revision counter: it grows by exactly one with each change of a message
// in the room. seq is the rev at which a message was first stored, and its place in the
// room. A message is stored first and delivered afterwards, in rev order, so nobody
// receives what could still be lost. Every message event and every page of changes covers an
// interval of revs. A client that remembers the last rev of a room therefore knows whether it has everything,
// and if not, what to request: a lost event, a dropped connection and a restarted server
// are one case with one mechanism (Chat.Join).
//
// A subscription becomes live at one moment, under the room's lock. What was stored before
// that moment comes with a page, and what is delivered after it comes live, so there is
// neither an overlap nor a gap.
//
// The hub notices in the same way when it is behind the store. The store can be ahead of a
// room's members because the result of a commit was lost, or because another node stored
// something. Then whatever comes after the gap waits (live/order.go), and the backfiller reads
// what is missing and delivers it as a page (live/backfiller.go).
//
// # Several nodes
//
// In a fleet other nodes store messages, too, and announce them by hints (cluster/hints.go). A hint
// may get lost, so it is treated like any event that may be: in order it is delivered,
// ahead of order it waits. At intervals each node compares its rooms with the store,
// because the lost hint may have been the last one (cluster/reconciler.go). Only hints that a node
// of this fleet signed are trusted; any other merely triggers a comparison. Ids are
// compared as well as revs, so a false message never hides the true one (live/order.go).
//
// The registry has the presence and the name holders of all nodes. Each node publishes its
// local presence and reads that of the others (cluster/presence_sync.go, live/presence.go). A
// heartbeat shows that a node is alive, because a crashed node cannot sign off. A name is
// acquired in the registry before its user is let in (live/name_holders.go).
//
// # Sending is idempotent
//
// The author generates the id of a message, which is unique in its room forever. A post
// with a known id is not stored again; its author is answered with the message that was
// stored first.
//
// # Slow consumers
//
// Delivery never blocks. What a connection's socket does not accept goes to the
// connection's own bounded queue. A connection whose queue overflows is closed
// (ws.CloseTooSlow); the client finds what it missed in the history. Presence events are
// dropped while the queue is filling, and the complete list of members follows when the
// queue is empty (live/announce.go). Messages are never dropped.
//
// To spare ordinary slow lines, a room admits messages no faster than its members take them
// (live/flow.go). Senders wait before their message is stored; nobody else waits.
//
// # Fair scheduling
//
// Goroutines with much work yield: a pump after a few members, and a reader of pages before
// it begins. They yield in a way that also lets in input that is still in the kernel
// (fair/yielder.go). So neither a busy room nor a thousand reconnecting clients delay a user
// who sends a message (journal/pages.go).
//
// # Terms
//
// docs/glossary.md defines all terms. A user sends messages, a connection is one open
// WebSocket, a subscription attaches a connection to a room, a member is a user who is
// present in a room, and an event is what connections receive.
package chat
