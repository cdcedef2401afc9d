package main

import (
	"fmt"
	"iter"
	"math"
)

// load is how many people there are and what they do.
type load struct {
	users, rooms, each int
	near, tail         float64
	rate, limit        float64 // messages a second: of a person, and of a room at most
	seed               uint64
}

// evening is an assumption: when most people are there, each says something every 200
// seconds, and in a room so much is said as can be read.
var evening = load{users: 1_000_000, each: 3, near: 0.9, tail: 0.8, rate: 1.0 / 200, limit: 2, seed: 1}

// neighbourhood is how many rooms have mostly the same people: a company, a school.
const neighbourhood = 20

func (l *load) fillIn() {
	if l.rooms == 0 {
		l.rooms = max(l.users/10, 1)
	}
}

func (l load) check(nodes int) error {
	switch {
	case l.users < 1 || l.users > 20_000_000:
		return fmt.Errorf("-users is from 1 to 20000000: who is more is computed, not drawn")
	case nodes < 1 || nodes > l.users:
		return fmt.Errorf("-nodes is from 1 to the number of people")
	case l.each < 1 || l.each > l.rooms:
		return fmt.Errorf("-each is from 1 to the number of rooms")
	case l.near < 0 || l.near > 1 || l.tail < 0 || l.rate < 0 || l.limit < 0:
		return fmt.Errorf("-near is from 0 to 1; -tail, -rate and -cap are not below 0")
	}
	return nil
}

// said is how many messages a second are said in a room of so many members: everybody
// speaks in all of their rooms alike, and no more than can be read.
func (l load) said(members float64) float64 {
	return math.Min(members*l.rate/float64(l.each), l.limit)
}

// weight is how often a room is chosen; the largest has the rank 1.
func (l load) weight(rank float64) float64 { return math.Pow(rank, -l.tail) }

// ranks are those of all rooms, and how many rooms each stands for: far down so many
// are almost alike that one in a thousand says enough.
func (l load) ranks() iter.Seq2[float64, float64] {
	return func(yield func(rank, alike float64) bool) {
		for first := 1; first <= l.rooms; {
			alike := min(1+first/1000, l.rooms-first+1)
			if !yield(float64(first)+float64(alike-1)/2, float64(alike)) {
				return
			}
			first += alike
		}
	}
}
