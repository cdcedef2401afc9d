package main

import (
	"math/rand/v2"
	"slices"
)

// world holds the members of all rooms. Rooms are numbered by size, the largest being 0.
type world struct {
	load
	home []int32 // each person's first room

	// The members of room r are members[from[r]:from[r+1]].
	members []int32
	from    []int32
}

// populate draws people and their rooms.
func populate(l load) *world {
	w := &world{load: l, home: make([]int32, l.users)}
	upTo := make([]float64, l.rooms+1)
	for room := range l.rooms {
		upTo[room+1] = upTo[room] + l.weight(float64(room+1))
	}
	random := rand.New(rand.NewPCG(l.seed, 0)) //nolint:gosec // nothing here is a secret
	draw := func(low, high int) int32 {
		at := upTo[low] + random.Float64()*(upTo[high]-upTo[low])
		for high--; low < high; { // binary search for the first room that reaches at
			if half := (low + high) / 2; upTo[half+1] > at {
				high = half
			} else {
				low = half + 1
			}
		}
		return int32(low)
	}
	rooms := make([]int32, 0, l.users*l.each)
	for user := range l.users {
		mine := rooms[len(rooms):]
		for len(mine) < l.each {
			room := int32(0)
			if len(mine) == 0 {
				room = draw(0, l.rooms)
				w.home[user] = room
			} else if low, high := w.around(mine[0]); random.Float64() < l.near && high-low > len(mine) {
				room = draw(low, high)
			} else {
				room = draw(0, l.rooms)
			}
			if !slices.Contains(mine, room) {
				mine = append(mine, room)
			}
		}
		rooms = rooms[:len(rooms)+l.each]
	}
	w.sortMembers(rooms)
	return w
}

// around returns the range of rooms in a room's neighbourhood: from low to before high.
// Large rooms are neighbours of each other, because members of one are in others.
func (w *world) around(room int32) (low, high int) {
	low = int(room) / neighbourhood * neighbourhood
	return low, min(low+neighbourhood, w.rooms)
}

// sortMembers turns the rooms of each person into the members of each room.
func (w *world) sortMembers(rooms []int32) {
	w.from = make([]int32, w.rooms+1)
	for _, room := range rooms {
		w.from[room+1]++
	}
	for room := range w.rooms {
		w.from[room+1] += w.from[room]
	}
	next := slices.Clone(w.from)
	w.members = make([]int32, len(rooms))
	for at, room := range rooms {
		w.members[next[room]] = int32(at / w.each)
		next[room]++
	}
}
