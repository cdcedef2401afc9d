package main

// The unit costs. Those that are measured stand in docs/performance.md and
// docs/scaling.md, on one core of the machine named there.
const (
	processBytes    = 55e6   // measured: the process, and what is under way
	connectionBytes = 5.6e3  // measured: at rest, in chat.v1
	roomBytes       = 1.7e3  // measured: a room that is open
	deliveryCPU     = 12e-6  // measured: 10 to 14 µs, when nothing shares a write
	messageCPU      = 40e-6  // measured: 35 to 45 µs to read and understand a message
	commitCPU       = 550e-6 // measured: a commit to Postgres, of one message, for the node
	publishCPU      = 5e-6   // assumed: to tell NATS
	receiveCPU      = 20e-6  // assumed: to hear from NATS, which is 8 to 13 µs by measurement, and wake a room
	restCPU         = 1e-6   // computed: a ping and its pong every 20 s
	subscribedBytes = 0.5e3  // assumed: a subscription, in a node
	commitSeconds   = 2e-3   // assumed: measured are 0.4 ms without a network, which is crossed five times
	askedCPU        = 1.5e-6 // measured: a rev, for Postgres, when a thousand are asked for at once
	eventBytes      = 500.0  // assumed: 128 bytes of text as an event on NATS
	frameBytes      = 380.0  // computed: the same as a frame of chat.v1, with TLS and TCP around it
	askEvery        = 2.0    // seconds: how often a node compares its rooms' revs with the store
)

// node is what one node holds, and what it does in a second.
type node struct {
	connections, rooms             float64
	published, received, delivered float64
}

// cpu is how many cores it uses.
func (n node) cpu() float64 {
	return n.published*(messageCPU+publishCPU) + n.commits()*commitCPU + n.received*receiveCPU +
		n.delivered*deliveryCPU + n.connections*restCPU
}

// bytes is its memory.
func (n node) bytes() float64 {
	return processBytes + n.connections*connectionBytes + n.rooms*(roomBytes+subscribedBytes)
}

// commits: what is said while a commit is under way shares the next one.
func (n node) commits() float64 { return n.published / (1 + n.published*commitSeconds) }

// asked are the revs that it asks the store for.
func (n node) asked() float64 { return n.rooms / askEvery }

func (n *node) add(other node) {
	n.connections += other.connections
	n.rooms += other.rooms
	n.published += other.published
	n.received += other.received
	n.delivered += other.delivered
}

// measure adds up what each node has to do when people are on the nodes of.
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

// reach is on how many nodes the members of a room are.
func (w *world) reach(room int, of []int32) int {
	seen := map[int32]bool{}
	for _, user := range w.members[w.from[room]:w.from[room+1]] {
		seen[of[user]] = true
	}
	return len(seen)
}
