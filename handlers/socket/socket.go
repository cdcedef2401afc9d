// Package socket serves the WebSockets: the route on which a handshake arrives, and the life of
// a connection, which serve shows in one function.
package socket

import (
	"cmp"
	"context"
	"errors"
	"net"
	"runtime/debug"
	"strings"
	"sync"
	"sync/atomic"
	"time"

	"github.com/gofiber/contrib/websocket"
	"github.com/gofiber/fiber/v2"

	"chatserver/chat"
	"chatserver/chatv1"
	"chatserver/handlers/request"
	"chatserver/ws"
)

// Server serves the WebSockets.
type Server struct {
	*request.Site
	*request.Reporter
	options Options
	origins map[string]bool // that may open a connection, in lower case
	kinds   kinds
	budgets *budgets
	numbers atomic.Int64

	mu      sync.Mutex // guards stopped: serving must not grow from zero while wait waits for it
	stopped bool       // no further connection may begin
	serving sync.WaitGroup
}

// Options are the settings of a Server.
type Options struct {
	MaxText    int             // bytes per message
	Rate       int             // messages per second per connection; 0 = no limit
	ByteRate   int             // bytes per second delivered to each member on account of one payer; 0 = no limit
	Origins    []string        // further origins that may open a connection, as scheme://host[:port]
	Stopping   <-chan struct{} // closed when the server begins to stop
	CloseWait  time.Duration   // how long the server waits for the answer to its close frame; 0 = 5 s
	MemoryHigh func() bool     // whether there is no memory for another connection
}

// New returns the WebSockets of a site.
func New(of *request.Site, options Options, shortIDs *chatv1.ShortIDs) *Server {
	s := &Server{Site: of, Reporter: of.Reporter, options: options, origins: map[string]bool{}, kinds: newKinds(shortIDs), budgets: newBudgets(options.ByteRate)}
	for _, origin := range append([]string{of.Base.Origin()}, options.Origins...) {
		if origin != "" {
			s.origins[strings.ToLower(origin)] = true
		}
	}
	return s
}

// begin counts a connection that is about to be served. It returns false if the server has
// stopped.
func (s *Server) begin() bool {
	s.mu.Lock()
	defer s.mu.Unlock()
	if !s.stopped {
		s.serving.Add(1)
	}
	return !s.stopped
}

// Wait returns when all connections have ended; no others can begin.
func (s *Server) Wait() {
	s.mu.Lock()
	s.stopped = true
	s.mu.Unlock()
	s.serving.Wait()
}

// Upgrade returns the handler that answers a handshake. Everything that the library would
// check was checked before: the library answers every error with the same status.
func (s *Server) Upgrade() fiber.Handler {
	return websocket.New(s.handOver, websocket.Config{
		RecoverHandler: s.recoverHandOver, Subprotocols: []string{chatv1.Protocol},
		ReadBufferSize: 1, WriteBufferSize: 1, // these buffers are not used; 0 would allocate a kilobyte each
	})
}

// handOver starts the goroutine of a connection and returns, so that the memory of the HTTP
// request, some 15 kB, is freed. The library's wrapper must not be kept: it goes back to a
// pool.
func (s *Server) handOver(upgraded *websocket.Conn) {
	if !s.begin() {
		_ = upgraded.NetConn().Close() // the chat has stopped, and all others were sent a close frame
		return
	}
	served := false
	defer func() {
		if !served { // also after a panic
			_ = upgraded.NetConn().Close()
			s.serving.Done()
		}
	}()
	conn, err := s.newConnection(upgraded.NetConn(), upgraded.Locals(visitKey).(*request.Visit))
	if err != nil {
		s.Log.Warn("connection lost during its handshake", "error", err)
		return
	}
	served = true
	go s.serve(conn)
}

// recoverHandOver logs a panic. The library's own handler would send its text to the
// browser.
func (s *Server) recoverHandOver(*websocket.Conn) {
	if p := recover(); p != nil {
		s.Panicked("upgrade")
		s.Log.Error("connection handover panicked", "panic", p, "stack", string(debug.Stack()))
	}
}

func (s *Server) newConnection(hijacked net.Conn, v *request.Visit) (*connection, error) {
	inner := hijacked
	if h, ok := hijacked.(interface{ UnsafeConn() net.Conn }); ok {
		inner = h.UnsafeConn()
	}
	conn := &connection{frames: s.kinds[v.Kind], room: v.Room, changes: v.Changes, history: v.History, number: s.numbers.Add(1), opened: time.Now(), sockets: s}
	conn.Actor, conn.Kind, conn.Socket = v.Actor, v.Kind, conn
	conn.upgrade = s.Opened(v.Traceparent, v.Began, &conn.Connection, conn.number)
	limit := s.options.MaxText
	if !v.Kind.IsText() {
		limit = chatv1.MaxCommand(limit)
		conn.OnFlushed = conn.CaughtUp
	}
	return conn, conn.Init(inner, hijacked, limit, conn, s.Reporter)
}

// serve is the life of one connection: onOpen, onTextMessage for every text, onClose. It
// runs in a goroutine of its own, so that nothing of the HTTP request outlives the upgrade.
// When there is nothing left to read it returns, and waitIdle calls it again when more
// arrives.
func (s *Server) serve(conn *connection) {
	defer s.recoverServe(conn)
	err := s.onOpen(conn)
	for err == nil && !conn.Idle() {
		var text []byte
		if text, err = conn.ReadText(); err == nil {
			conn.busy.Store(true)
			err = s.onTextMessage(conn, text)
			conn.markAlive()
			conn.busy.Store(false)
		}
	}
	if err == nil {
		go s.waitIdle(conn)
		return
	}
	s.onClose(conn, err)
}

// waitIdle waits for input on a fresh stack of 2 kB. A stack that has grown never shrinks
// below 4 kB, so an idle connection leaves its old one.
func (s *Server) waitIdle(conn *connection) {
	defer s.recoverServe(conn)
	conn.WaitForInput()
	s.serve(conn)
}

// onOpen enters the connection into the chat on the first call; later calls do nothing.
func (s *Server) onOpen(conn *connection) error {
	if conn.entered {
		return nil
	}
	conn.entered = true
	if err := s.Chat.Enter(&conn.Connection); err != nil {
		return err
	}
	err := s.Accounts.Recheck(context.Background(), conn.Actor, conn.changes)
	if err == nil {
		err = conn.frames.onOpen(s, conn)
		s.payServed(conn)
	}
	if err != nil && closeFor(err) == (ws.Close{}) && !errors.Is(err, net.ErrClosed) {
		s.Log.Error("joining failed", "conn", conn.number, "room", conn.room, "error", err)
		return chat.CloseInternal
	}
	return err
}

// onTextMessage handles a text message: in plain text it is sent to the connection's room,
// in JSON it is a command.
func (s *Server) onTextMessage(conn *connection, text []byte) error {
	err := conn.frames.onTextMessage(s, conn, text)
	s.payServed(conn)
	return err
}

// send sends a text to a room and traces it. parent is the traceparent from the sender.
func (s *Server) send(conn *connection, parent, room string, out chat.Outgoing) error {
	if err := s.checkBudget(conn); err != nil {
		return err // before spending CPU on rendering
	}
	trace := s.MessageReceived(parent, conn.upgrade, room)
	out.Trace = trace
	draft, err := s.Chat.Compose(context.Background(), &conn.Connection, room, out)
	if err == nil {
		err = s.payDelivered(conn, draft.Size())
	}
	if err == nil {
		err = s.Chat.Send(context.Background(), &conn.Connection, draft)
	}
	if err != nil {
		s.MessageRejected(trace, err)
	}
	return err
}

// submit submits a change of a stored message, and charges its sender for the whole message,
// which every member receives.
func (s *Server) submit(conn *connection, build func() (chat.Request, error)) error {
	if err := s.checkBudget(conn); err != nil {
		return err // before spending CPU on rendering
	}
	request, err := build()
	if err == nil {
		err = s.payDelivered(conn, request.Size())
	}
	if err != nil {
		return err
	}
	return s.Chat.Submit(context.Background(), &conn.Connection, request)
}

// onClose removes the connection from the chat and closes it. It logs the connection's only
// line, with everything about it: a second line at the start would cost a tenth of the
// handshake.
func (s *Server) onClose(conn *connection, err error) {
	defer s.serving.Done()
	defer conn.CloseNow() // also after a panic
	conn.exited = true
	oursFirst := conn.closeFrameQueued() // before CloseGracefully answers a close frame of theirs
	conn.Left = conn.leftOnPurpose(err)
	s.Chat.Exit(&conn.Connection)
	conn.CloseGracefully(closeFor(err), errors.As(err, new(ws.ClosedByPeer)), cmp.Or(s.options.CloseWait, closeWait))
	s.Closed(conn.endReason(err, oursFirst))
	line := s.Log
	if conn.upgrade != nil {
		line = line.With("trace_id", conn.upgrade.TraceID())
	}
	line.Info("connection closed", "conn", conn.number, "user", conn.User.Name, "frames", conn.Kind.String(), "room", conn.room,
		"address", conn.Address, "why", conn.closeReason(err), request.DurationAttr(time.Since(conn.opened)))
}

// recoverServe ends a connection that panicked, and no other.
func (s *Server) recoverServe(conn *connection) {
	p := recover()
	if p == nil {
		return
	}
	s.Panicked("connection")
	s.Log.Error("connection panicked", "conn", conn.number, "panic", p, "stack", string(debug.Stack()))
	if !conn.exited {
		defer s.recoverServe(conn) // conn.exited is set by then, so a second panic is only logged
		s.onClose(conn, chat.CloseInternal)
	}
}
