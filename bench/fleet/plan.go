package main

import "math"

// step is a step of the plan: so many people on so many nodes, and together is whether
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

// fleet is what all nodes have and do together, as far as chance lets one expect.
type fleet struct {
	node         // of all nodes
	nodes        float64
	largest      float64 // members of the largest room
	reachedNodes float64 // on how many nodes a message is heard, on average
}

// each is what one of its nodes has to do.
func (f fleet) each() node {
	return node{f.connections / f.nodes, f.rooms / f.nodes, f.published / f.nodes, f.received / f.nodes, f.delivered / f.nodes}
}

// expect computes what measure adds up, without drawing anybody, so that there can be
// any number of them.
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
			// The nodes that its neighbourhood needs, of which strays find some as well.
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

// reached is on how many of the nodes so many people are who are anywhere, each with
// the chance of a rare event, so that a fraction of a person is there sometimes.
func reached(people, nodes float64) float64 {
	return nodes * (1 - math.Exp(-people/nodes))
}

// The assumptions behind the totals of a fleet.
const (
	usedCPU       = 0.5   // a node is half busy, so that the others can take over the connections of one that fails
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
