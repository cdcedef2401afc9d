package main

import (
	"fmt"
	"iter"
	"math"
)

// load is the number of people and their activity.
type load struct {
	users, rooms, each int
	near, tail         float64
	rate, limit        float64 // messages a second: of a person, and the maximum in a room
	seed               uint64
}

// evening is an assumption about the busiest hours: each person sends a message every
// 200 seconds, and a room has as many messages as people can read, at most.
var evening = load{users: 1_000_000, each: 3, near: 0.9, tail: 0.8, rate: 1.0 / 200, limit: 2, seed: 1}

// neighbourhood is the number of rooms that have mostly the same people: a company, a
// school.
const neighbourhood = 20

func (l *load) fillIn() {
	if l.rooms == 0 {
		l.rooms = max(l.users/10, 1)
	}
}

func (l load) check(nodes int) error {
	switch {
	case l.users < 1 || l.users > 20_000_000:
		return fmt.Errorf("-users must be from 1 to 20000000: larger numbers are computed, not drawn")
	case nodes < 1 || nodes > l.users:
		return fmt.Errorf("-nodes must be from 1 to the number of people")
	case l.each < 1 || l.each > l.rooms:
		return fmt.Errorf("-each must be from 1 to the number of rooms")
	case l.near < 0 || l.near > 1 || l.tail < 0 || l.rate < 0 || l.limit < 0:
		return fmt.Errorf("-near must be from 0 to 1; -tail, -rate and -cap must not be negative")
	}
	return nil
}

// said returns the messages a second in a room of a size: people are equally active in
// all of their rooms, and a room has no more messages than can be read.
func (l load) said(members float64) float64 {
	return math.Min(members*l.rate/float64(l.each), l.limit)
}

// weight returns how often a room is chosen; the largest has rank 1.
func (l load) weight(rank float64) float64 { return math.Pow(rank, -l.tail) }

// ranks yields room ranks, and the number of rooms that each stands for: small rooms are
// so similar that one in a thousand is enough.
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
