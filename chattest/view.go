package chattest

import (
	"cmp"
	"fmt"
	"maps"
	"slices"
)

const (
	// pageMessages and pageBytes are the limits of a page.
	pageMessages = 100
	pageBytes    = 64 << 10
)

// view is what a member has of a room, kept exactly by the client's rules of
// docs/protocol.md. It also records what the server did against them.
type view struct {
	room  string
	epoch string // the store's epoch that last belongs to
	known bool   // a page was received, so last is valid
	last  int64
	// oldest is the window's edge: there are older messages. 0 means that there are none.
	oldest   int64
	messages map[string]Message // the window, by id
	below    map[string]Message // changed messages older than the window, hidden until the history reaches them
	places   map[int64]string   // ids by seq
	shown    map[string]int     // how often each id was shown as new
	members  []Who
	online   int

	// The state of the current connection.
	answered bool // a page was received
	live     bool // a page without more was received, and nothing has been missing since
	asked    []bool
	rejoined bool // joined again while live: events in flight may arrive twice
	reading  bool // history was requested
	unsaid   bool // something was sent before the room was joined
	left     bool

	resets int
	jumps  []string // live messages whose rev was not the next one
	wrongs []string // other violations of the protocol
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

// cut resets the state of the connection: nothing is requested and nothing is live.
func (v *view) cut() {
	v.answered, v.live, v.asked, v.rejoined, v.reading = false, false, nil, false, false
	v.unsaid = false
}

func (v *view) wrong(format string, args ...any) {
	v.wrongs = append(v.wrongs, v.room+": "+fmt.Sprintf(format, args...))
}

// ask records a join, and returns the command.
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

// onRoom handles the answer to a join, and reports whether to ask again.
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

// startAfresh discards everything and takes the newest page.
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

// onChanges handles a page that the server sent unasked, and reports a gap.
func (v *view) onChanges(e Event) (gap bool) {
	v.checkLive("changes", e.Rev)
	v.checkSize(e)
	return v.cover(e)
}

// onMessage handles a live message, and reports a gap.
func (v *view) onMessage(e Event) (gap bool) {
	v.checkLive("a message", e.Rev)
	if v.live && !v.rejoined && e.Rev != v.last+1 {
		v.jumps = append(v.jumps, fmt.Sprintf("%s: from %d to %d", v.room, v.last, e.Rev))
	}
	e.Since, e.Messages = e.Rev-1, []Message{e.Message}
	return v.cover(e)
}

// cover applies an event that covers (since, rev] if it is the next, and reports a gap.
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

// onHistory handles older messages.
func (v *view) onHistory(e Event) {
	v.reading = false
	v.checkSize(e)
	v.checkOrder(e.Messages, "seq", func(m Message) int64 { return m.Seq })
	if e.Before != v.oldest {
		return // requested before startAfresh
	}
	v.oldest = 0
	if len(e.Messages) > 0 && e.Messages[0].Seq > 1 {
		v.oldest = e.Messages[0].Seq
	}
	for _, m := range append(e.Messages, slices.Collect(maps.Values(v.below))...) {
		v.put(m)
	}
}

// put inserts a message by its id: the higher rev wins.
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

// onPresence updates the list of present users.
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

// list returns the messages that are shown, by seq.
func (v *view) list() []Message {
	return slices.SortedFunc(maps.Values(v.messages), func(a, b Message) int { return cmp.Compare(a.Seq, b.Seq) })
}

// people returns the present users, by name, and their number.
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
