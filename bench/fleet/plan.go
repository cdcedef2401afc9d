package main

import "math"

// step is a step of the plan: a number of people and of nodes. together means that
// people of one neighbourhood are on one node.
type step struct {
	name     string
	users    int
	nodes    int
	together bool
}

var steps = []step{
	{"1 million, at random", 1e6, 40, false},
	{"1 million, together", 1e6, 40, true},
	{"10 million, at random", 1e7, 200, false},
	{"10 million, together", 1e7, 200, true},
}

// fleet is the load of all nodes together, as expected values.
type fleet struct {
	node         // sum of all nodes
	nodes        float64
	largest      float64 // members of the largest room
	reachedNodes float64 // nodes that receive a message, on average
}

// each returns the load of one node.
func (f fleet) each() node {
	return node{f.connections / f.nodes, f.rooms / f.nodes, f.published / f.nodes, f.received / f.nodes, f.delivered / f.nodes}
}

// expect computes what measure adds up, without drawing people, so that any number of
// them is possible.
func expect(l load, s step) fleet {
	l.users, l.rooms = s.users, 0
	l.fillIn()
	sum := 0.0
	for rank, alike := range l.ranks() {
		sum += alike * l.weight(rank)
	}
	f := fleet{node: node{connections: float64(l.users)}, nodes: float64(s.nodes)}
	// A person who is not on the node of their neighbourhood is in a room of another.
	astray := 1.0
	if s.together {
		astray = (1 - l.near) * float64(l.each-1) / float64(l.each)
	}
	for rank, alike := range l.ranks() {
		members := float64(l.users*l.each) * l.weight(rank) / sum
		f.largest = math.Max(f.largest, members)
		said, on := l.said(members), reached(members*astray, f.nodes)
		if s.together {
			// home is the number of nodes that a neighbourhood needs. Strays land on some of them
			// as well.
			home := math.Min(math.Max(1, members*(1-astray)/(float64(l.users)/f.nodes)), f.nodes)
			if members*(1-astray) < 1 {
				home = members * (1 - astray)
			}
			on = home + (f.nodes-home)*on/f.nodes
		}
		f.rooms += alike * on
		f.published += alike * said
		f.received += alike * said * math.Max(on-1, 0)
		f.delivered += alike * said * members
	}
	f.reachedNodes = 1 + f.received/f.published
	return f
}

// reached returns the expected number of nodes that have at least one of the people, who
// are placed at random. It uses the probability of rare events, so a fraction of a
// person is possible.
func reached(people, nodes float64) float64 {
	return nodes * (1 - math.Exp(-people/nodes))
}

// The assumptions behind the totals of a fleet.
const (
	usedCPU       = 0.5   // a node is half busy, so that others can take over the connections of one that fails
	memoryToSpare = 1.5   // for the garbage collector and for slow consumers
	storedBytes   = 600.0 // measured: a message of 128 bytes in Postgres, indexes included
	dayOfEvenings = 3.0   // a day has as many messages as a third of it at its busiest
)

// rented returns the whole number of vCPUs that such a node needs.
func (n node) rented() float64 { return math.Max(1, math.Ceil(n.cpu()/usedCPU)) }

// traffic returns the bytes that clients receive in a month.
func (f fleet) traffic() float64 {
	return f.delivered * frameBytes * 30 * 86400 / dayOfEvenings
}
