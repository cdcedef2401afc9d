package chat

import (
	"context"
	"errors"
	"log/slog"
	"net/netip"
	"time"
)

// Options are the settings of a chat. A limit of zero means no limit.
type Options struct {
	MaxConnections int              // in total
	MaxPerAddress  int              // per IP address; loopback addresses are not limited
	AnnounceLimit  int              // largest room size for which joins and leaves are announced by name
	MaxText        int              // bytes per message
	PingInterval   time.Duration    // for connections on which nothing arrives; 0 = 27 s
	Fleet          *Fleet           // nil = a single process
	Removals       Removals         // nil = no other process removes rooms
	KeptNames      KeptNames        // for a single process; nil = a restart frees all names
	Renderer       Renderer         // nil = plain paragraphs of the text as typed
	Metrics        Metrics          // nil = no metrics
	Log            *slog.Logger     // nil = slog.Default
	Now            func() time.Time // the clock for message times and kept names; nil = time.Now
}

// Chat is the API of the chat. Its methods may be called from several goroutines, except
// that all calls with one Connection must come from the goroutine that reads it.
type Chat struct {
	gate
	store      Store
	hub        *hub
	recorder   *recorder
	backfiller *backfiller
	reconciler *reconciler
	removals   *removals
	pages      *pages
	maxText    int
	log        *slog.Logger
	now        func() time.Time // for times that people see; durations use time.Now, whose monotonic clock never goes back
}

// New starts a chat on a store. frames holds the encoder of each Kind, in the order of the
// Kind constants. Call Stop to end the chat; the caller closes the store.
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

// MayEnter returns the error with which Enter would refuse the actor now: ErrFull,
// ErrAddressFull, ErrNameTaken, ErrNameCheckFailed or ErrStopping; nil if it would not. A
// later Enter can still fail.
func (c *Chat) MayEnter(actor Actor) error {
	name := actor.User.nameLease()
	held, err := c.hub.mayEnter(name, actor.Address)
	if err != nil || held {
		return err
	}
	return c.hub.presenceSync.canAcquireName(name)
}

// Enter registers a connection, or refuses it with one of the errors of MayEnter.
func (c *Chat) Enter(conn *Connection) error {
	err := c.hub.enter(conn)
	conn.entered = err == nil
	return err
}

// Exit waits until the connection's changes are stored, removes it from its rooms, announces
// that it left, and unregisters it. It does nothing for a connection that did not enter.
func (c *Chat) Exit(conn *Connection) {
	if !conn.entered {
		return
	}
	conn.entered = false
	c.recorder.waitForChanges(conn)
	c.hub.exit(conn)
}

// Epoch returns the store's epoch, see Store.Epoch.
func (c *Chat) Epoch() string { return c.store.Epoch() }

// Ready returns the reason why the store cannot serve requests, or nil. The check briefly
// takes the store's write lock, and it detects a store that went back in time.
func (c *Chat) Ready(ctx context.Context) error {
	if err := c.store.Check(ctx); err != nil {
		return err
	}
	c.hub.followEpoch(c.store.Epoch())
	return nil
}

// Stopping reports whether the chat is stopping and refuses new connections.
func (c *Chat) Stopping() bool { return c.hub.isStopping() }

// Connections returns the number of open connections.
func (c *Chat) Connections() int { return c.hub.count() }

// ConnectionsFrom returns the number of open connections from a network, which must be one
// that Shares returns.
func (c *Chat) ConnectionsFrom(network netip.Prefix) int { return c.hub.countFrom(network) }

// BeginStop makes the chat refuse new connections and changes from now on.
func (c *Chat) BeginStop() { c.hub.beginStop() }

// Stop ends the chat in order. It refuses new connections and changes (ErrStopping), stores
// and delivers the pending changes, and then closes the connections one after another with
// CloseGoingAway, each after its queue: at least 500 a second, within 3 s. It returns when
// the last connection has exited, or with the context's error.
func (c *Chat) Stop(ctx context.Context) error {
	c.hub.beginStop()
	c.reconciler.stop()
	c.removals.stop()
	err := errors.Join(c.recorder.stop(ctx), c.backfiller.stop(ctx), c.hub.stop(ctx))
	c.hub.presenceSync.stop(ctx)
	c.hub.saveNames()
	return err
}
