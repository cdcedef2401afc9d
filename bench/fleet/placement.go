package main

import (
	"cmp"
	"container/heap"
	"math/rand/v2"
	"slices"
)

// placement is a way to choose the node of each person.
type placement struct {
	name  string
	nodes func(w *world, nodes int) []int32
}

var placements = []placement{
	{"at random", atRandom},
	{"by room, hashed", func(w *world, nodes int) []int32 {
		return hashed(w.users, nodes, func(user int) int32 { return w.home[user] })
	}},
	{"by room, spread", func(w *world, nodes int) []int32 {
		return spread(w.users, nodes, w.rooms, func(user int) int32 { return w.home[user] })
	}},
	{"by neighbourhood, spread", func(w *world, nodes int) []int32 {
		return spread(w.users, nodes, w.rooms/neighbourhood+1, func(user int) int32 { return w.home[user] / neighbourhood })
	}},
}

// atRandom places people as a load balancer does that knows nothing about rooms.
func atRandom(w *world, nodes int) []int32 {
	random := rand.New(rand.NewPCG(w.seed, 1)) //nolint:gosec // nothing here is a secret
	of := make([]int32, w.users)
	for user := range of {
		of[user] = int32(random.IntN(nodes))
	}
	return of
}

// hashed puts all of a group on one node, chosen by a hash of the group's number.
func hashed(users, nodes int, group func(user int) int32) []int32 {
	of := make([]int32, users)
	for user := range of {
		// The finalizer of splitmix64 mixes all bits.
		h := uint64(group(user)) + 0x9e3779b97f4a7c15
		h = (h ^ h>>30) * 0xbf58476d1ce4e5b9
		h = (h ^ h>>27) * 0x94d049bb133111eb
		of[user] = int32((h ^ h>>31) % uint64(nodes))
	}
	return of
}

// spread puts each group on the node with the fewest people, the largest group first. A
// group that is larger than a node's share is spread over as many nodes as it needs.
// This placement requires a directory of groups.
func spread(users, nodes, groups int, group func(user int) int32) []int32 {
	sizes := make([]int, groups)
	for user := range users {
		sizes[group(user)]++
	}
	order := make([]int32, groups)
	for g := range order {
		order[g] = int32(g)
	}
	slices.SortStableFunc(order, func(a, b int32) int { return cmp.Compare(sizes[b], sizes[a]) })
	share := (users + nodes - 1) / nodes
	free := make(fewest, nodes)
	for node := range free {
		free[node].node = int32(node)
	}
	parts := make([][]int32, groups)
	for _, g := range order {
		number := (sizes[g] + share - 1) / share
		for range number {
			parts[g] = append(parts[g], free[0].node)
			free[0].people += sizes[g] / number
			heap.Fix(&free, 0)
		}
	}
	of, next := make([]int32, users), make([]int, groups)
	for user := range of {
		g := group(user)
		of[user] = parts[g][next[g]%len(parts[g])]
		next[g]++
	}
	return of
}

// fewest is a heap of nodes, the one with the fewest people first.
type fewest []struct {
	node   int32
	people int
}

func (f fewest) Len() int { return len(f) }
func (f fewest) Less(a, b int) bool {
	return f[a].people < f[b].people || f[a].people == f[b].people && f[a].node < f[b].node
}
func (f fewest) Swap(a, b int) { f[a], f[b] = f[b], f[a] }
func (f fewest) Push(any)      { panic("no node is added") }
func (f fewest) Pop() any      { panic("no node is taken away") }
