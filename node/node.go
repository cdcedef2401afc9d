// Package node puts a chat together: the rules of package chat, the journal, the delivery and
// the other processes. It is the one place that knows all of them.
package node

import (
	"chatserver/chat"
	"chatserver/fair"
	"chatserver/journal"
	"chatserver/live"
)

// Others are the other processes of a chat: a cluster.Node, or a cluster.Solo.
type Others interface {
	live.Nodes
	chat.Peers
	// Start connects the rooms and names of a hub with the other processes.
	Start(hub *live.Hub, store chat.Store, html *chat.Rendering, options chat.Options)
}

// Start starts a chat on a store. frames holds the encoder of each Kind, in the order of the
// Kind constants. Call Chat.Stop to end the chat; the caller closes the store.
func Start(store chat.Store, frames [chat.Kinds]chat.Frames, others Others, options chat.Options) *chat.Chat {
	options = options.WithDefaults()
	yielder := fair.NewYielder(fair.Interval)
	html, rooms := chat.NewRendering(options.Renderer), chat.NewDirectory(store)
	pages := journal.NewPages(store, yielder, html, options)
	hub := live.NewHub(live.Parts{Frames: frames, Store: store, Rooms: rooms, Pages: pages, Nodes: others, Rendering: html, Yielder: yielder}, options)
	others.Start(hub, store, html, options)
	recorder := journal.StartRecorder(store, hub, html, options)
	return chat.New(chat.Ports{Store: store, Rooms: rooms, Live: hub, Journal: recorder, Pages: pages, Peers: others, Rendering: html}, options)
}
