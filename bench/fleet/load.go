package main

import (
	"fmt"
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

// weights are how often the rooms are chosen, the largest first.
func (l load) weights() []float64 {
	weights := make([]float64, l.rooms)
	for i := range weights {
		weights[i] = math.Pow(float64(i+1), -l.tail)
	}
	return weights
}
