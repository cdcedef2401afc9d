package chattest

import (
	"context"
	"errors"
	"fmt"
	"math/rand/v2"
	"net"
	"net/http"
	"sync"
	"sync/atomic"
	"testing"
	"time"

	"github.com/coder/websocket"

	"chatserver/chat"
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
	// unhurried is how many times as long both are for one of very many.
	unhurried = 20
)

// Member is somebody who speaks chat.v1, reads all the time as docs/protocol.md
// says, and notes what the server did. Through a network, or with ComesBack,
// every cut is followed by a new connection that resumes.
type Member struct {
	Name string

	t          testing.TB
	world      *World
	network    *Network
	header     http.Header
	query      string
	frameBytes int64 // the largest event that it accepts
	comesBack  bool
	unhurried  bool
	patience   time.Duration
	remembers  bool // what was heard, for HearsEvent
	readsBack  bool // the whole history
	ctx        context.Context
	leave      context.CancelFunc
	done       chan struct{}

	mu       sync.Mutex
	more     sync.Cond // something was heard or happened
	conn     *websocket.Conn
	wire     *Wire
	welcomed bool
	epoch    string
	views    map[string]*view
	outbox   []draft
	acked    map[string]place  // by id
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

// place is where a message is.
type place struct {
	room string
	seq  int64
}

// Join has somebody join a room in chat.v1, and hear what is live there. The
// connection ends with the test.
func (w *World) Join(name, room string, options ...MemberOption) *Member {
	w.t.Helper()
	ctx, cancel := context.WithCancel(context.Background())
	m := &Member{
		Name: name, t: w.t, world: w, ctx: ctx, leave: cancel, done: make(chan struct{}), remembers: true, patience: Patience, frameBytes: chat.FrameBytes,
		views: map[string]*view{room: newView(room)}, acked: map[string]place{}, codes: map[string]string{},
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

// Disconnects closes the connection with a close frame, and waits for the server's.
func (m *Member) Disconnects() {
	m.t.Helper()
	m.mu.Lock()
	conn := m.conn
	m.mu.Unlock()
	if err := conn.Close(websocket.StatusNormalClosure, ""); err != nil {
		m.t.Errorf("%s disconnects: %v", m.Name, err)
	}
	m.Goes()
}

// Goes ends it all: this connection, which is cut, and coming back.
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
		case <-time.After(rand.N(m.pace(comeBackWait))): //nolint:gosec // full jitter, as the protocol wants
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
	conn.SetReadLimit(m.frameBytes) // no larger event may come
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
	ticker := time.NewTicker(m.pace(lookAfter))
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

func (m *Member) pace(hurried time.Duration) time.Duration {
	if m.unhurried {
		return unhurried * hurried
	}
	return hurried
}

// await waits until something is true of the member.
func (m *Member) await(what string, is func() bool) bool {
	m.t.Helper()
	late := false
	timer := time.AfterFunc(m.patience, func() {
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
