package commands_test

import (
	"fmt"
	"sync"
	"sync/atomic"
	"testing"

	"github.com/google/uuid"

	"chatserver/chattest"
)

// talkers are many who write and read in chat.v1, ten to a room, and come back
// after whatever ends their connection.
type talkers struct {
	t     *testing.T
	world *chattest.World
	all   []*chattest.Member
	rooms []string
	said  atomic.Int64
}

const talkersOfARoom = 10

func newTalkers(t *testing.T, w *chattest.World, people int, options ...chattest.MemberOption) *talkers {
	t.Helper()
	c := &talkers{t: t, world: w}
	for i := range people {
		if i%talkersOfARoom == 0 {
			c.rooms = append(c.rooms, fmt.Sprint("room-", i/talkersOfARoom))
		}
		c.all = append(c.all, w.Join(fmt.Sprint("talker", i), c.roomOf(i),
			append(options, chattest.ComesBack(), chattest.Relaxed(), chattest.ReadsEverything())...))
	}
	return c
}

func (c *talkers) roomOf(i int) string { return c.rooms[i/talkersOfARoom] }

// talk has everybody say one thing after the other, until so many more were begun.
// Then one of them does something, while the others are in the middle of saying
// theirs; all of it is acknowledged in the end.
func (c *talkers) talk(more int, then func()) {
	c.t.Helper()
	until := c.said.Load() + int64(more)
	var once sync.Once
	var talking sync.WaitGroup
	for i, m := range c.all {
		talking.Go(func() {
			for c.said.Load() < until && !c.t.Failed() {
				n := c.said.Add(1)
				if seq, code := m.SaysUntilAcknowledged(c.roomOf(i), uuid.NewString(), fmt.Sprint(n)); seq == 0 {
					c.t.Errorf("%s is refused: %s", m.Name, code)
				}
			}
			once.Do(then)
		})
	}
	talking.Wait()
}

// talkWhile has everybody say one thing after the other while something is done, which
// begins when so many were said.
func (c *talkers) talkWhile(first int, do func()) {
	c.t.Helper()
	var over atomic.Bool
	begins, until := make(chan struct{}), c.said.Load()+int64(first)
	var talking sync.WaitGroup
	for i, m := range c.all {
		talking.Go(func() {
			for !over.Load() && !c.t.Failed() {
				n := c.said.Add(1)
				if n == until {
					close(begins)
				}
				if seq, code := m.SaysUntilAcknowledged(c.roomOf(i), uuid.NewString(), fmt.Sprint(n)); seq == 0 {
					c.t.Errorf("%s is refused: %s", m.Name, code)
				}
			}
		})
	}
	<-begins
	do()
	over.Store(true)
	talking.Wait()
}

// acknowledged is how much was.
func (c *talkers) acknowledged() (n int) {
	for i, m := range c.all {
		n += len(m.Acknowledged(c.roomOf(i)))
	}
	return n
}

// settle waits until everybody has all that is stored.
func (c *talkers) settle() {
	c.t.Helper()
	for i, m := range c.all {
		stored := c.world.Stored(c.roomOf(i))
		if !m.Reaches(c.roomOf(i), stored[len(stored)-1].Rev) {
			return // one is enough to know
		}
	}
}

// check counts what was acknowledged, and of that what is not stored; everybody
// has what is stored, and was shown it once.
func (c *talkers) check() (acknowledged, missing int) {
	c.t.Helper()
	stored := map[string]map[string]int64{}
	for _, room := range c.rooms {
		stored[room] = map[string]int64{}
		for _, m := range c.world.Stored(room) {
			stored[room][m.ID] = m.Seq
		}
	}
	for i, m := range c.all {
		seqs := stored[c.roomOf(i)]
		for id, seq := range m.Acknowledged(c.roomOf(i)) {
			acknowledged++
			if seqs[id] != seq {
				missing++
				c.t.Errorf("%s was acknowledged %s with seq %d, stored is %d", m.Name, id, seq, seqs[id])
			}
		}
		shown := m.Shown(c.roomOf(i))
		for id := range seqs {
			if shown[id] != 1 {
				c.t.Errorf("%s was shown %s %d times", m.Name, id, shown[id])
			}
		}
		if len(shown) != len(seqs) {
			c.t.Errorf("%s was shown %d messages, %d are stored", m.Name, len(shown), len(seqs))
		}
		for _, wrong := range append(m.Jumps(), m.Wrongs()...) {
			c.t.Errorf("%s: %s", m.Name, wrong)
		}
	}
	return acknowledged, missing
}
