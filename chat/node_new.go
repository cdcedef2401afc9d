package chat

import "chatserver/fair"

// Others are the other processes of a chat: a cluster.Node, or a cluster.Solo.
type Others interface {
	Nodes
	Peers
	// Start connects the rooms and names of a hub with the other processes.
	Start(hub *Hub, store Store, html *Rendering, options Options)
}

// Start starts a chat on a store. frames holds the encoder of each Kind, in the order of the
// Kind constants. Call Chat.Stop to end the chat; the caller closes the store.
func Start(store Store, frames [Kinds]Frames, others Others, options Options) *Chat {
	options = options.WithDefaults()
	yielder := fair.NewYielder(fair.Interval)
	html := NewRendering(options.Renderer)
	pages := NewPages(store, yielder, html, options)
	hub := NewHub(Parts{Frames: frames, Store: store, Pages: pages, Nodes: others, Rendering: html, Yielder: yielder}, options)
	others.Start(hub, store, html, options)
	recorder := StartRecorder(store, hub, html, options)
	return New(Ports{Store: store, Live: hub, Journal: recorder, Pages: pages, Peers: others, Rendering: html}, options)
}
