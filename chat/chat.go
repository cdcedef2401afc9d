package chat

import (
	"context"
	"errors"
	"log/slog"
	"net/netip"
	"time"
)

// Options are the limits of a chat. A zero limit is no limit.
type Options struct {
	MaxConnections int              // in all
	MaxPerAddress  int              // of one address; loopback is not limited
	AnnounceLimit  int              // members up to which coming and going is announced by name
	MaxText        int              // bytes of one message
	PingInterval   time.Duration    // how often a quiet connection is pinged; 0 = 27 s
	Fleet          *Fleet           // nil = a process alone
	Removals       Removals         // nil = nobody removes rooms
	KeptNames      KeptNames        // of a process alone; nil = a restart forgets them
	Renderer       Renderer         // nil = paragraphs of what was typed
	Metrics        Metrics          // nil = nobody
	Log            *slog.Logger     // nil = slog.Default
	Now            func() time.Time // when a message was said, and for how long names are kept; nil = time.Now
}

// Chat is the one way in. Its methods are safe for several goroutines, but
// those that take a Connection belong to the one goroutine that reads it.
type Chat struct {
	store      Store
	hub        *hub
	recorder   *recorder
	backfiller *backfiller
	reconciler *reconciler
	removals   *removals
	pages      *pages
	maxText    int
	log        *slog.Logger
	now        func() time.Time // for people: what is waited for goes by time.Now, which never goes back
}

// New starts a chat on a store. frames are the kinds of frames in the order of
// Kind. Stop ends it; the store is the caller's.
func New(store Store, frames [kinds]Frames, options Options) *Chat {
	if options.Log == nil {
		options.Log = slog.Default()
	}
	if options.Renderer == nil {
		options.Renderer = plain{}
	}
	if options.Now == nil {
		options.Now = time.Now
	}
	if options.Metrics == nil {
		options.Metrics = noMetrics{}
	}
	h := newHub(frames, options)
	h.epoch = store.Epoch()
	h.presenceSync = startPresenceSync(h, options)
	h.loadNames()
	return &Chat{
		store:      store,
		hub:        h,
		backfiller: startBackfiller(store, h, options),
		reconciler: startReconciler(store, h, options),
		removals:   startRemovals(h, options),
		recorder:   newRecorder(store, h, options),
		pages:      newPages(store, h.fairness, h.html),
		maxText:    options.MaxText,
		log:        options.Log,
		now:        options.Now,
	}
}

// MayEnter reports why a user from an address would be refused now: ErrFull,
// ErrAddressFull, ErrNameTaken, ErrNameCheckFailed, ErrStopping, or nil. Enter decides.
func (c *Chat) MayEnter(user User, address netip.Addr) error {
	name := user.nameLease()
	held, err := c.hub.mayEnter(name, address)
	if err != nil || held {
		return err
	}
	return c.hub.presenceSync.canAcquireName(name)
}

// Enter counts a connection in, or refuses it like MayEnter.
func (c *Chat) Enter(conn *Connection) error {
	err := c.hub.enter(conn)
	conn.entered = err == nil
	return err
}

// Exit takes a connection out of its rooms after its last words, tells them,
// and counts it out. One that did not enter is not there.
func (c *Chat) Exit(conn *Connection) {
	if !conn.entered {
		return
	}
	conn.entered = false
	c.recorder.waitForDrafts(conn)
	c.hub.exit(conn)
}

// Epoch is the store's: see Store.Epoch.
func (c *Chat) Epoch() string { return c.store.Epoch() }

// Ready reports why the store cannot serve, or nil. It takes the store's write
// lock for a moment, and notices if the store went back in time.
func (c *Chat) Ready(ctx context.Context) error {
	if err := c.store.Check(ctx); err != nil {
		return err
	}
	c.hub.followEpoch(c.store.Epoch())
	return nil
}

// Stopping reports whether newcomers are refused because the server stops.
func (c *Chat) Stopping() bool { return c.hub.isStopping() }

// Connections is how many there are now.
func (c *Chat) Connections() int { return c.hub.count() }

// ConnectionsFrom is how many there are now of a network, one of those that Shares returns.
func (c *Chat) ConnectionsFrom(network netip.Prefix) int { return c.hub.countFrom(network) }

// BeginStop refuses newcomers and drafts from now on.
func (c *Chat) BeginStop() { c.hub.beginStop() }

// Stop ends the chat in order: nobody enters and nothing is sent any more, what
// is under way is stored and delivered, then one connection after the other is told
// CloseGoingAway after what is queued for it, 500 a second or more, for 3 s at most;
// one that wants to send meanwhile gets ErrStopping. It returns when the last has
// exited, or with the context's error.
func (c *Chat) Stop(ctx context.Context) error {
	c.hub.beginStop()
	c.reconciler.stop()
	c.removals.stop()
	err := errors.Join(c.recorder.stop(ctx), c.backfiller.stop(ctx), c.hub.stop(ctx))
	c.hub.presenceSync.stop(ctx)
	c.hub.saveNames()
	return err
}
