package chattest

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"math/rand/v2"
	"net"
	"net/http"
	"slices"
	"sync"
	"sync/atomic"
	"testing"
	"time"

	"github.com/coder/websocket"
)

// protocol is the subprotocol that members speak.
const protocol = "chat.v1"

const (
	// lookAfter is how often somebody who comes back looks after the connection.
	lookAfter = 100 * time.Millisecond
	// silentLooks is how many pings in a row may be without an answer.
	silentLooks = 5
	// comeBackWait is the most that is waited before coming back.
	comeBackWait = 20 * time.Millisecond
)

// Member is somebody who speaks chat.v1, reads all the time as docs/protocol.md
// says, and notes what the server did. Through a network, or with ComesBack,
// every cut is followed by a new connection that resumes.
type Member struct {
	Name string

	t         testing.TB
	world     *World
	network   *Network
	header    http.Header
	query     string
	comesBack bool
	remembers bool // what was heard, for HearsEvent
	readsBack bool // the whole history
	ctx       context.Context
	leave     context.CancelFunc
	done      chan struct{}

	mu       sync.Mutex
	more     sync.Cond // something was heard or happened
	conn     *websocket.Conn
	wire     *Wire
	welcomed bool
	epoch    string
	views    map[string]*view
	outbox   []draft
	acked    map[string]int64  // seq by id
	codes    map[string]string // of errors, by id
	heard    []Event
	next     int // of heard
	pongs    int
	silent   int                     // pings without an answer: other events prove that we hear, not that we are heard
	opened   int                     // connections
	cutAt    func(frame string) bool // see IsCutBefore
	found    int                     // gaps that a pong showed
	listener *Member                 // waits for something of this one as well
	ended    error                   // why the last connection ended
	away     bool
	wrongs   []string
}

type draft struct{ room, id, text string }

// MemberOption is how somebody joins.
type MemberOption func(*Member)

// ThroughOneWire has somebody come through a network, once.
func ThroughOneWire(n *Network) MemberOption { return func(m *Member) { m.network = n } }

// Via has somebody come through a network, and come back after each cut.
func Via(n *Network) MemberOption {
	return func(m *Member) { m.network, m.comesBack = n, true }
}

// ComesBack has somebody come back after each cut.
func ComesBack() MemberOption { return func(m *Member) { m.comesBack = true } }

// WithKey has somebody send a guest key.
func WithKey(key string) MemberOption {
	return func(m *Member) { m.header = http.Header{"Cookie": {"chat_guest=" + key}} }
}

// Aged has somebody give an age.
func Aged(age int) MemberOption { return func(m *Member) { m.query = fmt.Sprint("age=", age) } }

// ReadsEverything has somebody read all the history there is, and remember no
// events for HearsEvent: those who hear very much.
func ReadsEverything() MemberOption {
	return func(m *Member) { m.readsBack, m.remembers = true, false }
}

// Join has somebody join a room in chat.v1, and hear what is live there. The
// connection ends with the test.
func (w *World) Join(name, room string, options ...MemberOption) *Member {
	w.t.Helper()
	ctx, cancel := context.WithCancel(context.Background())
	m := &Member{
		Name: name, t: w.t, world: w, ctx: ctx, leave: cancel, done: make(chan struct{}), remembers: true,
		views: map[string]*view{room: newView(room)}, acked: map[string]int64{}, codes: map[string]string{},
	}
	m.more.L = &m.mu
	for _, option := range options {
		option(m)
	}
	w.t.Cleanup(m.Goes)
	go m.lives()
	m.await("the page of "+room, func() bool { return m.views[room].live || m.ended != nil && !m.comesBack })
	return m
}

// Goes ends it all: this connection, and coming back.
func (m *Member) Goes() {
	m.leave()
	<-m.done
}

// lives is one connection after the other.
func (m *Member) lives() {
	defer close(m.done)
	for m.ctx.Err() == nil {
		err := m.oneConnection()
		m.mu.Lock()
		m.ended, m.welcomed = err, false
		m.more.Broadcast()
		for m.away && m.ctx.Err() == nil {
			m.more.Wait()
		}
		m.mu.Unlock()
		if !m.comesBack {
			return
		}
		select {
		case <-m.ctx.Done():
		case <-time.After(rand.N(comeBackWait)): //nolint:gosec // full jitter, as the protocol wants
		}
	}
}

// oneConnection is the life of one, from the handshake to its end.
func (m *Member) oneConnection() error {
	conn, wire, err := m.open()
	if err != nil {
		return err
	}
	defer func() { _ = conn.CloseNow() }() // it may have ended by itself
	m.begin(conn, wire)
	if m.comesBack {
		watched := make(chan struct{})
		defer close(watched)
		go m.watch(conn, watched)
	}
	for {
		kind, frame, err := conn.Read(m.ctx)
		if err != nil {
			return err
		}
		if kind != websocket.MessageText {
			return errors.New("a frame that is not text")
		}
		m.hears(frame)
	}
}

func (m *Member) open() (*websocket.Conn, *Wire, error) {
	ctx, cancel := context.WithTimeout(m.ctx, Patience)
	defer cancel()
	tcp, wire, err := m.dial(ctx)
	if err != nil {
		return nil, nil, err
	}
	var given atomic.Bool
	transport := &http.Transport{DisableKeepAlives: true, DialContext: func(context.Context, string, string) (net.Conn, error) {
		if given.Swap(true) { // net/http would try once more, behind our back
			return nil, net.ErrClosed
		}
		return tcp, nil
	}}
	conn, _, err := websocket.Dial(ctx, m.world.SocketURL(m.Name, m.query), &websocket.DialOptions{
		HTTPClient: &http.Client{Transport: transport}, HTTPHeader: m.header, Subprotocols: []string{protocol},
	})
	if err != nil {
		return nil, nil, errors.Join(err, tcp.Close())
	}
	conn.SetReadLimit(1 << 20)
	return conn, wire, nil
}

func (m *Member) dial(ctx context.Context) (net.Conn, *Wire, error) {
	if m.network != nil {
		return m.network.Dial(ctx)
	}
	var dialer net.Dialer
	conn, err := dialer.DialContext(ctx, "tcp", m.world.Address())
	return conn, nil, err
}

func (m *Member) begin(conn *websocket.Conn, wire *Wire) {
	m.mu.Lock()
	defer m.mu.Unlock()
	m.conn, m.wire, m.welcomed, m.silent, m.ended = conn, wire, false, 0, nil
	m.opened++
	if wire != nil {
		wire.BreaksBefore(m.cutAt)
	}
	for _, v := range m.views {
		v.cut()
	}
}

// watch asks again and again whether the connection is alive, and cuts it if not.
func (m *Member) watch(conn *websocket.Conn, ended <-chan struct{}) {
	ticker := time.NewTicker(lookAfter)
	defer ticker.Stop()
	for {
		select {
		case <-ended:
			return
		case <-ticker.C:
		}
		m.mu.Lock()
		m.silent++
		silent := m.silent
		m.mu.Unlock()
		if silent > silentLooks {
			_ = conn.CloseNow() // it is dead
			return
		}
		m.write(conn, []byte(`{"cmd":"ping"}`))
	}
}

// hears takes one frame.
func (m *Member) hears(frame []byte) {
	defer m.wakeListener()
	m.mu.Lock()
	defer m.mu.Unlock()
	defer m.more.Broadcast()
	e, err := parseEvent(frame)
	if err != nil {
		m.wrongs = append(m.wrongs, err.Error())
		return
	}
	if m.remembers {
		m.heard = append(m.heard, e)
	}
	switch e.Event {
	case "welcome":
		m.onWelcome(e)
	case "error":
		m.onError(e)
	case "pong":
		m.onPong(e)
	case "ack":
		m.acknowledged(e.ID, e.Seq)
	default:
		m.onRoomEvent(e)
	}
}

// wakeListener lets whoever waits for something of this member look again.
func (m *Member) wakeListener() {
	m.mu.Lock()
	listener := m.listener
	m.mu.Unlock()
	if listener != nil {
		listener.mu.Lock()
		listener.more.Broadcast()
		listener.mu.Unlock()
	}
}

// onWelcome joins all rooms, and says again what was not acknowledged.
func (m *Member) onWelcome(e Event) {
	if m.welcomed {
		m.wrongs = append(m.wrongs, "a second welcome")
	}
	m.welcomed, m.epoch = true, e.Epoch
	for _, v := range m.views {
		if !v.left {
			m.command(v.ask())
		}
	}
	for _, d := range m.outbox {
		m.send(d)
	}
}

func (m *Member) onRoomEvent(e Event) {
	v := m.views[e.Room]
	if v == nil {
		if e.Room != "" {
			m.wrongs = append(m.wrongs, fmt.Sprintf("%s of the room %q, which was not joined", e.Event, e.Room))
		}
		return
	}
	again := false
	switch e.Event {
	case "room":
		again = v.onRoom(e, m.epoch)
	case "changes":
		again = v.onChanges(e)
	case "message":
		again = v.onMessage(e)
		e.Messages = []Message{e.Message}
	case "history":
		v.onHistory(e)
	case "presence":
		v.onPresence(e)
	}
	for _, message := range e.Messages {
		if slices.ContainsFunc(m.outbox, func(d draft) bool { return d.id == message.ID }) {
			m.acknowledged(message.ID, message.Seq)
		}
	}
	if again {
		m.command(v.ask())
	}
	if m.readsBack && v.live && v.oldest > 1 && !v.reading {
		v.reading = true
		m.command(map[string]any{"cmd": "history", "room": v.room, "before": v.oldest})
	}
}

// onPong finds out what was lost on the way.
func (m *Member) onPong(e Event) {
	m.pongs++
	m.silent = 0
	for room, rev := range e.Revs {
		v := m.views[room]
		switch {
		case v == nil || v.left:
			m.wrongs = append(m.wrongs, "a pong with the room "+room+", which was not joined")
		case v.live && rev > v.last && len(v.asked) == 0:
			m.found++
			m.command(v.ask())
		}
	}
}

// onError says again what may be said again.
func (m *Member) onError(e Event) {
	if e.ID == "" {
		return
	}
	m.codes[e.ID] = e.Code
	if e.Code != "not_stored" && e.Code != "busy" {
		return
	}
	for _, d := range m.outbox {
		if d.id == e.ID && m.welcomed {
			m.send(d)
		}
	}
}

func (m *Member) acknowledged(id string, seq int64) {
	if before, was := m.acked[id]; was && before != seq {
		m.wrongs = append(m.wrongs, fmt.Sprintf("%s was acknowledged with seq %d and with %d", id, before, seq))
	}
	m.acked[id] = seq
	m.outbox = slices.DeleteFunc(m.outbox, func(d draft) bool { return d.id == id })
}

func (m *Member) send(d draft) {
	m.command(map[string]any{"cmd": "send", "room": d.room, "id": d.id, "text": d.text})
}

// command sends one. What cannot be sent is sent again after coming back.
func (m *Member) command(command map[string]any) {
	text, err := json.Marshal(command)
	if err != nil {
		panic(err) // texts and numbers can be encoded
	}
	m.write(m.conn, text)
}

func (m *Member) write(conn *websocket.Conn, text []byte) {
	ctx, cancel := context.WithTimeout(m.ctx, Patience)
	defer cancel()
	_ = conn.Write(ctx, websocket.MessageText, text) // the reader notices what is wrong
}

// await waits until something is true of the member.
func (m *Member) await(what string, is func() bool) bool {
	m.t.Helper()
	late := false
	timer := time.AfterFunc(Patience, func() {
		m.mu.Lock()
		defer m.mu.Unlock()
		late = true
		m.more.Broadcast()
	})
	defer timer.Stop()
	m.mu.Lock()
	defer m.mu.Unlock()
	for !is() {
		if late || m.ctx.Err() != nil || m.ended != nil && !m.comesBack {
			m.t.Errorf("%s waits in vain for %s: connection %d, %v; %s", m.Name, what, m.opened, m.ended, m.describe())
			return false
		}
		m.more.Wait()
	}
	return true
}

func (m *Member) describe() (all string) {
	for room, v := range m.views {
		all += fmt.Sprintf("%s: %d of rev %d, live %v, asked %d, oldest %d, wrong %q %q; ",
			room, len(v.messages), v.last, v.live, len(v.asked), v.oldest, v.jumps, v.wrongs)
	}
	return fmt.Sprintf("%s%q, not acknowledged %d", all, m.wrongs, len(m.outbox))
}
