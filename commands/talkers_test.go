package commands_test

import (
	"fmt"
	"sync"
	"sync/atomic"
	"testing"

	"github.com/google/uuid"

	"chatserver/chattest"
)

// talkers are many members who write and read in chat.v1, ten per room, and reconnect
// whenever their connection ends.
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

// talk makes everyone send one message after another. After this many more have begun, it
// calls a function while the others are in the middle of sending; in the end all messages
// are acknowledged.
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

// talkWhile makes everyone send one message after another while a function runs, which
// begins after this many messages.
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

// acknowledged returns the number of acknowledged messages.
func (c *talkers) acknowledged() (n int) {
	for i, m := range c.all {
		n += len(m.Acknowledged(c.roomOf(i)))
	}
	return n
}

// settle waits until everyone has all stored messages.
func (c *talkers) settle() {
	c.t.Helper()
	for i, m := range c.all {
		stored := c.world.Stored(c.roomOf(i))
		if !m.Reaches(c.roomOf(i), stored[len(stored)-1].Rev) {
			return // one is enough
		}
	}
}

// check counts the acknowledged messages and those among them that are not stored. It
// fails unless everyone has all stored messages exactly once.
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
