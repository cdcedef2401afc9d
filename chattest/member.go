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

// protocol is the subprotocol that members use.
const protocol = "chat.v1"

const (
	// pingInterval is the time after which a member that comes back pings its connection.
	pingInterval = 100 * time.Millisecond
	// silentPings is the number of unanswered pings in a row that a member tolerates.
	silentPings = 5
	// reconnectWait is the longest wait before a member reconnects.
	reconnectWait = 20 * time.Millisecond
	// relaxedFactor is the factor by which both intervals grow for a member that is one of very
	// many.
	relaxedFactor = 20
)

// Member is a test client that speaks chat.v1, reads continuously as docs/protocol.md
// requires, and records what the server did. With a network or ComesBack it reconnects
// after every cut and resumes.
type Member struct {
	Name string

	t          testing.TB
	world      *World
	network    *Network
	header     http.Header
	query      string
	frameBytes int64 // the largest event that the member accepts
	comesBack  bool
	relaxed    bool
	patience   time.Duration
	remembers  bool // keeps received events for HearsEvent
	readsBack  bool // reads the whole history
	ctx        context.Context
	leave      context.CancelFunc
	done       chan struct{}

	mu       sync.Mutex
	more     sync.Cond // an event was received or something happened
	conn     *websocket.Conn
	wire     *Wire
	welcomed bool
	epoch    string
	views    map[string]*view
	outbox   []draft
	changing *change           // the latest change; nil before the first
	acked    map[string]place  // by id
	codes    map[string]string // codes of errors, by id
	heard    []Event
	next     int // index into heard
	pongs    int
	silent   int                     // unanswered pings: other events prove that we can receive, not that the server can
	opened   int                     // number of connections
	cutAt    func(frame string) bool // see IsCutBefore
	found    int                     // gaps that a pong revealed
	listener *Member                 // another member whose waits depend on this one too
	ended    error                   // why the last connection ended
	away     bool
	wrongs   []string
}

type draft struct {
	room, id, text string
	thread         int64 // the seq of the root that it replies to; 0 for none
}

// place is the position of a message.
type place struct {
	room string
	seq  int64
}

// Join connects a new member to a room in chat.v1, and waits until it is live. The
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
	go m.run()
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
		m.t.Errorf("%s cannot disconnect: %v", m.Name, err)
	}
	m.Goes()
}

// Goes cuts the connection and stops reconnecting.
func (m *Member) Goes() {
	m.leave()
	<-m.done
}

// run opens one connection after the other until the member stops reconnecting.
func (m *Member) run() {
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
		case <-time.After(rand.N(m.pace(reconnectWait))): //nolint:gosec // full jitter, as the protocol wants
		}
	}
}

// oneConnection runs one connection, from the handshake to its end.
func (m *Member) oneConnection() error {
	conn, wire, err := m.open()
	if err != nil {
		return err
	}
	defer func() { _ = conn.CloseNow() }() // it may have ended already
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
			return errors.New("received a frame that is not text")
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
		if given.Swap(true) { // net/http would silently retry
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
	conn.SetReadLimit(m.frameBytes) // larger events are an error
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

// watch pings the connection at intervals, and cuts it if it is dead.
func (m *Member) watch(conn *websocket.Conn, ended <-chan struct{}) {
	ticker := time.NewTicker(m.pace(pingInterval))
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
		if silent > silentPings {
			_ = conn.CloseNow() // it is dead
			return
		}
		m.write(conn, []byte(`{"cmd":"ping"}`))
	}
}

func (m *Member) pace(hurried time.Duration) time.Duration {
	if m.relaxed {
		return relaxedFactor * hurried
	}
	return hurried
}

// await waits until a condition on the member is true.
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
