package chat

import (
	"context"
	"errors"
	"log/slog"
	"net/netip"
	"time"

	"chatserver/fair"
)

// Options are the settings of a chat. A limit of zero means no limit.
type Options struct {
	MaxConnections int              // in total
	MaxPerAddress  int              // per IP address; loopback addresses are not limited
	AnnounceLimit  int              // largest room size for which joins and leaves are announced by name
	MaxText        int              // bytes per message
	PingInterval   time.Duration    // for connections on which nothing arrives; 0 = 27 s
	PageAge        time.Duration    // how long a page of history is cached; 0 = 1 s
	Renderer       Renderer         // nil = plain paragraphs of the text as typed
	Metrics        Metrics          // nil = no metrics
	Log            *slog.Logger     // nil = slog.Default
	Now            func() time.Time // the clock for message times and kept names; nil = time.Now
}

// WithDefaults returns the options with the in-process implementation of what is nil.
func (o Options) WithDefaults() Options {
	if o.Log == nil {
		o.Log = slog.Default()
	}
	if o.Renderer == nil {
		o.Renderer = plain{}
	}
	if o.Now == nil {
		o.Now = time.Now
	}
	if o.Metrics == nil {
		o.Metrics = NoMetrics{}
	}
	return o
}

// Chat is the API of the chat. Its methods may be called from several goroutines, except
// that all calls with one Connection must come from the goroutine that reads it.
type Chat struct {
	gate
	store   Store
	live    Live
	journal Journal
	pages   Pages
	peers   Peers
	html    *Rendering
	maxText int
	log     *slog.Logger
	now     func() time.Time // for times that people see; durations use time.Now, whose monotonic clock never goes back
}

// Ports are the parts of a chat. node.New makes them.
type Ports struct {
	Store     Store
	Rooms     *Directory
	Live      Live
	Journal   Journal
	Pages     Pages
	Peers     Peers
	Rendering *Rendering
}

// New returns a chat of running parts, with options that have defaults. Call Stop to end the
// chat and its parts; the caller closes the store.
func New(ports Ports, options Options) *Chat {
	return &Chat{
		gate: gate{rooms: ports.Rooms}, store: ports.Store, live: ports.Live, journal: ports.Journal, pages: ports.Pages, peers: ports.Peers, html: ports.Rendering,
		maxText: options.MaxText, log: options.Log, now: options.Now,
	}
}

// MayEnter returns the error with which Enter would refuse the actor now: ErrFull,
// ErrAddressFull, ErrNameTaken, ErrNameCheckFailed or ErrStopping; nil if it would not. A
// later Enter can still fail.
func (c *Chat) MayEnter(actor Actor) error { return c.live.MayEnter(actor) }

// NameInUse returns ErrNameTaken if somebody other than the guest is in the chat under the guest's
// name or one that looks like it, and nil otherwise.
func (c *Chat) NameInUse(guest User) error {
	if err := c.live.MayEnter(GuestAt(guest, netip.Addr{})); errors.Is(err, ErrNameTaken) {
		return err
	}
	return nil
}

// Enter registers a connection, or refuses it with one of the errors of MayEnter.
func (c *Chat) Enter(conn *Connection) error {
	if err := c.live.Enter(conn); err != nil {
		return err
	}
	conn.entered = true
	c.claimMessages(conn.User)
	return nil
}

// claimMessages gives what an earlier version stored under the user's former id the present
// one, so that everyone sees one author. If that fails, the next connection tries again.
func (c *Chat) claimMessages(user User) {
	if user.FormerID == "" {
		return
	}
	rooms, err := c.store.ReplaceAuthor(context.Background(), user.FormerID, user.ID) // the store has time limits
	if err != nil {
		c.log.Error("messages stored under a former author ID were not updated; the user's next connection tries again", "error", err)
	}
	for _, room := range rooms {
		c.live.Suspect(room, FoundBehind)
	}
}

// Exit waits until the connection's changes are stored, removes it from its rooms, announces
// that it left, and unregisters it. It does nothing for a connection that did not enter.
func (c *Chat) Exit(conn *Connection) {
	if !conn.entered {
		return
	}
	conn.entered = false
	c.journal.Wait(conn)
	c.live.Exit(conn)
}

// Epoch returns the store's epoch, see Store.Epoch.
func (c *Chat) Epoch() string { return c.store.Epoch() }

// Ready returns the reason why the store cannot serve requests, or nil. The check briefly
// takes the store's write lock, and it detects a store that went back in time.
func (c *Chat) Ready(ctx context.Context) error {
	if err := c.store.Check(ctx); err != nil {
		return err
	}
	c.live.FollowEpoch(c.store.Epoch())
	return nil
}

// Stopping reports whether the chat is stopping and refuses new connections.
func (c *Chat) Stopping() bool { return c.live.Stopping() }

// Connections returns the number of open connections.
func (c *Chat) Connections() int { return c.live.Connections() }

// EachConnection calls f for every open connection. f may close it.
func (c *Chat) EachConnection(f func(*Connection)) { c.live.EachConnection(f) }

// ConnectionsFrom returns the number of open connections from a network, which must be one
// that Shares returns.
func (c *Chat) ConnectionsFrom(network netip.Prefix) int { return c.live.ConnectionsFrom(network) }

// BeginStop makes the chat refuse new connections and changes from now on.
func (c *Chat) BeginStop() { c.live.BeginStop() }

// Stop ends the chat in order. It refuses new connections and changes (ErrStopping), stores
// and delivers the pending changes, and then closes the connections one after another with
// CloseGoingAway, each after its queue: at least 500 a second, within 3 s. It returns when
// the last connection has exited, or with the context's error.
func (c *Chat) Stop(ctx context.Context) error {
	c.live.BeginStop()
	err := c.peers.Interrupt(ctx)
	err = errors.Join(err, c.journal.Stop(ctx), c.live.Stop(ctx))
	c.peers.Stop(ctx)
	return err
}

// maxTurnsWaiting is the number of callers of one payer that may wait in Chat.Turn.
const maxTurnsWaiting = 32

// Turn waits for a turn to do other CPU-intensive work, such as building a web page. Such
// turns are shared fairly with the rendering of messages. Call leave when the work is done.
// The work must not call methods of Chat that may wait for a turn themselves. The error is
// the context's, or ErrBusy if too many callers of a limited payer wait.
func (c *Chat) Turn(ctx context.Context, payer Payer) (leave func(), err error) {
	most := maxTurnsWaiting
	if !payer.network.IsValid() {
		most = 0 // loopback has no limit
	}
	if err := c.html.gate.Enter(ctx, payer, most); err != nil {
		if errors.Is(err, fair.ErrFull) {
			err = ErrBusy
		}
		return nil, err
	}
	return c.html.gate.Leave, nil
}

// Stats returns the current values.
func (c *Chat) Stats() Stats {
	stats := Stats{Fleet: c.peers.Stats()}
	stats.Drafts, stats.DraftBytes = c.journal.Pending()
	c.live.Stats(&stats)
	return stats
}

// checkText validates the text of a message; every message passes through it. The error is a
// *TooLong, an *Invalid with the field "text", or ErrEmpty.
func (c *Chat) checkText(text string) error { return checkText(text, c.maxText) }
