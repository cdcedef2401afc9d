package main

// The unit costs. The measured ones are documented in docs/performance.md and
// docs/scaling.md, on one core of the machine named there.
const (
	processBytes    = 55e6   // measured: the process, and messages in flight
	connectionBytes = 5.6e3  // measured: idle, in chat.v1
	roomBytes       = 1.7e3  // measured: an open room
	deliveryCPU     = 12e-6  // measured: 10 to 14 µs, when nothing shares a write
	messageCPU      = 40e-6  // measured: 35 to 45 µs to read and parse a message
	commitCPU       = 550e-6 // measured: a Postgres commit of one message, for the node
	publishCPU      = 5e-6   // assumed: to publish to NATS
	receiveCPU      = 20e-6  // assumed: to receive from NATS, measured at 8 to 13 µs, and wake a room
	restCPU         = 1e-6   // computed: a ping and its pong every 20 s
	subscribedBytes = 0.5e3  // assumed: a subscription, in a node
	commitSeconds   = 2e-3   // assumed: measured are 0.4 ms without a network, which is crossed five times
	askedCPU        = 1.5e-6 // measured: one rev, for Postgres, when a thousand are queried at once
	eventBytes      = 500.0  // assumed: 128 bytes of text as an event on NATS
	frameBytes      = 380.0  // computed: the same as a frame of chat.v1, with TLS and TCP overhead
	askEvery        = 2.0    // seconds: how often a node compares its rooms' revs with the store
)

// node is what one node holds, and what it does in a second.
type node struct {
	connections, rooms             float64
	published, received, delivered float64
}

// cpu returns the number of cores that it uses.
func (n node) cpu() float64 {
	return n.published*(messageCPU+publishCPU) + n.commits()*commitCPU + n.received*receiveCPU +
		n.delivered*deliveryCPU + n.connections*restCPU
}

// bytes returns its memory.
func (n node) bytes() float64 {
	return processBytes + n.connections*connectionBytes + n.rooms*(roomBytes+subscribedBytes)
}

// commits returns the commits a second: messages that arrive during a commit share the
// next one.
func (n node) commits() float64 { return n.published / (1 + n.published*commitSeconds) }

// asked returns the revs a second that it queries from the store.
func (n node) asked() float64 { return n.rooms / askEvery }

func (n *node) add(other node) {
	n.connections += other.connections
	n.rooms += other.rooms
	n.published += other.published
	n.received += other.received
	n.delivered += other.delivered
}

// measure adds up the load of each node for a placement of people.
func measure(w *world, of []int32, nodes int) []node {
	all := make([]node, nodes)
	for _, n := range of {
		all[n].connections++
	}
	here := make([]float64, nodes)
	for room := range w.rooms {
		members := w.members[w.from[room]:w.from[room+1]]
		size := float64(len(members))
		for _, user := range members {
			here[of[user]]++
		}
		said := w.said(size)
		for _, user := range members {
			n := of[user]
			if here[n] == 0 {
				continue
			}
			all[n].rooms++
			all[n].published += said * here[n] / size
			all[n].received += said * (1 - here[n]/size)
			all[n].delivered += said * here[n]
			here[n] = 0
		}
	}
	return all
}

// reach returns the number of nodes that have members of a room.
func (w *world) reach(room int, of []int32) int {
	seen := map[int32]bool{}
	for _, user := range w.members[w.from[room]:w.from[room+1]] {
		seen[of[user]] = true
	}
	return len(seen)
}
