package chattest

import (
	"cmp"
	"fmt"
	"maps"
	"slices"
)

const (
	// pageMessages and pageBytes are the most that a page may hold.
	pageMessages = 100
	pageBytes    = 64 << 10
)

// view is what a member has of a room, kept by the client's rules of
// docs/protocol.md to the letter, and what the server did that these forbid.
type view struct {
	room  string
	epoch string // of the store that last is of
	known bool   // a page was taken: last means something
	last  int64
	// oldest is the window's edge: there is more before it. 0 if there is not.
	oldest   int64
	messages map[string]Message // the window, by id
	below    map[string]Message // changed, and not shown until the history reaches them
	places   map[int64]string   // ids by seq
	shown    map[string]int     // how often an id was shown as new
	members  []Who
	online   int

	// Of this connection.
	answered bool // a page came
	live     bool // one without more came, and nothing was missing since
	asked    []bool
	rejoined bool // it asked once more while it was live: what is under way may come twice
	reading  bool // history was asked for
	unsaid   bool // something was said before the room was joined
	left     bool

	resets int
	jumps  []string // live messages whose rev was not the next
	wrongs []string // whatever else must not be
}

func newView(room string) *view {
	v := &view{room: room}
	v.forget()
	return v
}

func (v *view) forget() {
	v.last, v.oldest, v.known = 0, 0, false
	v.messages, v.below = map[string]Message{}, map[string]Message{}
	v.places, v.shown = map[int64]string{}, map[string]int{}
}

// cut begins a new connection: nothing is asked and nothing is live.
func (v *view) cut() {
	v.answered, v.live, v.asked, v.rejoined, v.reading = false, false, nil, false, false
	v.unsaid = false
}

func (v *view) wrong(format string, args ...any) {
	v.wrongs = append(v.wrongs, v.room+": "+fmt.Sprintf(format, args...))
}

// ask notes a join, and returns the command.
func (v *view) ask() map[string]any {
	command := map[string]any{"cmd": "join", "room": v.room}
	if v.known {
		command["since"], command["epoch"] = v.last, v.epoch
		for id, m := range v.messages {
			if m.Rev == v.last {
				command["id"] = id
			}
		}
	}
	v.asked = append(v.asked, !v.known)
	v.rejoined = v.rejoined || v.live
	return command
}

// onRoom takes the answer to a join, and reports whether to ask again.
func (v *view) onRoom(e Event, epoch string) (again bool) {
	if len(v.asked) == 0 || v.left {
		v.wrong("a page that was not asked for")
		return false
	}
	fresh := v.asked[0] || e.Reset
	if e.Reset {
		v.resets++
	}
	v.asked = v.asked[1:]
	v.answered, v.live = true, !e.More
	v.members, v.online = e.Members, e.Online
	v.checkSize(e)
	if fresh {
		v.startAfresh(e, epoch)
		return e.More
	}
	return v.cover(e) || e.More
}

// startAfresh forgets everything and takes the newest page.
func (v *view) startAfresh(e Event, epoch string) {
	v.forget()
	v.known, v.epoch, v.last = true, epoch, e.Rev
	v.checkOrder(e.Messages, "seq", func(m Message) int64 { return m.Seq })
	if len(e.Messages) > 0 && e.Messages[0].Seq > 1 {
		v.oldest = e.Messages[0].Seq
	}
	for _, m := range e.Messages {
		v.put(m)
	}
}

// onChanges takes a page that came by itself, and reports a gap.
func (v *view) onChanges(e Event) (gap bool) {
	v.checkLive("changes", e.Rev)
	v.checkSize(e)
	return v.cover(e)
}

// onMessage takes a live message, and reports a gap.
func (v *view) onMessage(e Event) (gap bool) {
	v.checkLive("a message", e.Rev)
	if v.live && !v.rejoined && e.Rev != v.last+1 {
		v.jumps = append(v.jumps, fmt.Sprintf("%s: from %d to %d", v.room, v.last, e.Rev))
	}
	e.Since, e.Messages = e.Rev-1, []Message{e.Message}
	return v.cover(e)
}

// cover takes what covers (since, rev], if it is the next, and reports a gap.
func (v *view) cover(e Event) (gap bool) {
	v.checkOrder(e.Messages, "rev", func(m Message) int64 { return m.Rev })
	if n := len(e.Messages); n > 0 && (e.Messages[0].Rev <= e.Since || e.Messages[n-1].Rev > e.Rev) {
		v.wrong("a page of (%d,%d] has messages from %d to %d", e.Since, e.Rev, e.Messages[0].Rev, e.Messages[n-1].Rev)
	}
	switch {
	case e.Since <= v.last && v.last < e.Rev:
		v.last = e.Rev
		for _, m := range e.Messages {
			v.put(m)
		}
	case e.Rev > v.last && len(v.asked) == 0:
		return true
	}
	return false
}

// onHistory takes older messages.
func (v *view) onHistory(e Event) {
	v.reading = false
	v.checkSize(e)
	v.checkOrder(e.Messages, "seq", func(m Message) int64 { return m.Seq })
	if e.Before != v.oldest {
		return // asked for before it started afresh
	}
	v.oldest = 0
	if len(e.Messages) > 0 && e.Messages[0].Seq > 1 {
		v.oldest = e.Messages[0].Seq
	}
	for _, m := range append(e.Messages, slices.Collect(maps.Values(v.below))...) {
		v.put(m)
	}
}

// put puts a message in by its id: the higher rev wins.
func (v *view) put(m Message) {
	into := v.messages
	if m.Seq < v.oldest {
		into = v.below
	} else {
		delete(v.below, m.ID)
	}
	if id := v.places[m.Seq]; id != "" && id != m.ID {
		v.wrong("%s and %s are both in place %d", id, m.ID, m.Seq)
	}
	had, has := into[m.ID]
	switch {
	case has && had.Seq != m.Seq:
		v.wrong("%s moved from %d to %d", m.ID, had.Seq, m.Seq)
	case has && had.Rev >= m.Rev:
		return
	case !has && m.Seq >= v.oldest:
		v.shown[m.ID]++
	}
	into[m.ID], v.places[m.Seq] = m, m.ID
}

// onPresence keeps the list of who is there.
func (v *view) onPresence(e Event) {
	v.online = e.Online
	if e.Members != nil {
		v.members = e.Members
	}
	for _, who := range e.Left {
		v.members = slices.DeleteFunc(slices.Clone(v.members), func(other Who) bool { return other.Name == who.Name })
	}
	for _, who := range e.Joined {
		if !slices.ContainsFunc(v.members, func(other Who) bool { return other.Name == who.Name }) {
			v.members = append(slices.Clone(v.members), who)
		}
	}
}

// list is what is shown, by seq.
func (v *view) list() []Message {
	return slices.SortedFunc(maps.Values(v.messages), func(a, b Message) int { return cmp.Compare(a.Seq, b.Seq) })
}

// people is who is there, by name, and how many.
func (v *view) people() ([]Who, int) {
	return slices.SortedFunc(slices.Values(v.members), func(a, b Who) int { return cmp.Compare(a.Name, b.Name) }), v.online
}

func (v *view) checkLive(what string, rev int64) {
	switch {
	case v.left:
		v.wrong("%s %d of a room that was left", what, rev)
	case !v.answered:
		v.wrong("%s %d before the page", what, rev)
	case !v.live && !v.rejoined:
		v.wrong("%s %d before the page without more", what, rev)
	}
}

func (v *view) checkSize(e Event) {
	if len(e.Messages) > pageMessages {
		v.wrong("a page of %d messages", len(e.Messages))
	}
	if len(e.Page) > pageBytes && len(e.Messages) > 1 {
		v.wrong("a page of %d messages and %d bytes", len(e.Messages), len(e.Page))
	}
	if e.More && len(e.Messages) == 0 {
		v.wrong("an empty page with more")
	}
}

func (v *view) checkOrder(messages []Message, by string, key func(Message) int64) {
	for i := 1; i < len(messages); i++ {
		if key(messages[i]) <= key(messages[i-1]) {
			v.wrong("a page is not ordered by %s: %d after %d", by, key(messages[i]), key(messages[i-1]))
		}
	}
}
