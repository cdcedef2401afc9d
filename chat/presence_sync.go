package chat

import (
	"context"
	"errors"
	"log/slog"
	"maps"
	"slices"
	"sync"
	"time"
)

// presenceSync has the other nodes know who is here, and those here who is elsewhere. A
// process alone has none.
type presenceSync struct {
	fleet *Fleet
	hub   *hub
	log   *slog.Logger
	wake  chan struct{}
	quit  chan struct{}
	done  chan struct{}

	// Of the goroutine.
	lastOK     bool      // what was asked last was answered
	republish  bool      // the last beat failed: others may take this node for gone, and it does not know of others
	graceUntil time.Time // until when a node that has lapsed, or says nothing, may be there all the same

	mu      sync.Mutex
	pending pendingUpdates
}

// pendingUpdates are what the registrar has to ask the register.
type pendingUpdates struct {
	publish map[string]bool // rooms in which somebody came or went here
	fetch   map[string]bool // rooms in which somebody may have come or gone elsewhere
	release map[string]bool // looks of names that nobody bears here any more
}

// startPresenceSync is nil for a process alone.
func startPresenceSync(h *hub, o Options) *presenceSync {
	if o.Fleet == nil {
		return nil
	}
	g := &presenceSync{
		fleet: o.Fleet, hub: h, log: o.Log, lastOK: true,
		wake: make(chan struct{}, 1), quit: make(chan struct{}), done: make(chan struct{}),
	}
	go g.run()
	return g
}

// localChanged is to be called when somebody came or went here.
func (g *presenceSync) localChanged(room string) {
	g.add(pendingUpdates{publish: map[string]bool{room: true}})
}

// remoteChanged is to be called when somebody may have come or gone elsewhere.
func (g *presenceSync) remoteChanged(room string) {
	g.add(pendingUpdates{fetch: map[string]bool{room: true}})
}

// nameIdle is to be called when nobody bears a name here any more.
func (g *presenceSync) nameIdle(look string) {
	g.add(pendingUpdates{release: map[string]bool{look: true}})
}

func (g *presenceSync) add(more pendingUpdates) {
	if g == nil {
		return
	}
	g.queue(more)
	select {
	case g.wake <- struct{}{}:
	default: // it is about to look
	}
}

// queue is add for what is in no hurry.
func (g *presenceSync) queue(more pendingUpdates) {
	g.mu.Lock()
	defer g.mu.Unlock()
	g.pending.publish = union(g.pending.publish, more.publish)
	g.pending.fetch = union(g.pending.fetch, more.fetch)
	g.pending.release = union(g.pending.release, more.release)
}

func union(a, b map[string]bool) map[string]bool {
	if a == nil {
		return b
	}
	maps.Copy(a, b)
	return a
}

func (g *presenceSync) run() {
	defer close(g.done)
	ticker := time.NewTicker(heartbeatInterval)
	defer ticker.Stop()
	for {
		var err error
		select {
		case <-g.quit:
			return
		case <-ticker.C:
			err = g.heartbeat()
		case <-g.wake:
		}
		g.recordResult(errors.Join(err, g.work()))
		select {
		case <-g.quit:
			return
		case <-time.After(publishInterval):
		}
	}
}

// recordResult counts that the register cannot be asked, and logs it once.
func (g *presenceSync) recordResult(err error) {
	if err != nil {
		g.hub.stats.registryFailures.Add(1)
	}
	if err != nil && g.lastOK {
		g.log.Error("who is here is not shared with other nodes", "error", err)
	}
	g.lastOK = err == nil
}

// heartbeat says that this node lives, and has all its rooms looked at. If others may have
// taken it for gone it says everything anew.
func (g *presenceSync) heartbeat() (err error) {
	lapsed := g.republish
	defer func() { g.republish = err != nil }()
	ctx, cancel := context.WithTimeout(context.Background(), registryTimeout)
	defer cancel()
	now, err := g.fleet.Registry.Heartbeat(ctx)
	if err != nil {
		return err
	}
	lapsed = lapsed || now
	more := pendingUpdates{fetch: map[string]bool{}, publish: map[string]bool{}}
	for _, room := range g.hub.openRooms() {
		more.fetch[room] = true
		if lapsed {
			more.publish[room] = true
		}
	}
	if lapsed {
		// The others may be in the same case: each says so by its next beat.
		g.graceUntil = time.Now().Add(2 * heartbeatInterval)
		err = g.reacquireNames()
	}
	g.add(more)
	return err
}

// work asks what there is to ask; what fails is asked again with the next beat.
func (g *presenceSync) work() error {
	g.mu.Lock()
	now := g.pending
	g.pending = pendingUpdates{}
	g.mu.Unlock()
	failed, err := pendingUpdates{}, error(nil)
	if e := g.publish(slices.Collect(maps.Keys(now.publish))); e != nil {
		failed.publish, err = now.publish, e
	}
	if e := g.releaseNames(slices.Collect(maps.Keys(now.release))); e != nil {
		failed.release, err = now.release, errors.Join(err, e)
	}
	if e := g.fetch(slices.Collect(maps.Keys(now.fetch))); e != nil {
		failed.fetch, err = now.fetch, errors.Join(err, e)
	}
	g.queue(failed)
	return err
}

// publish says who is in rooms here, and has the other nodes look.
func (g *presenceSync) publish(rooms []string) error {
	if len(rooms) == 0 {
		return nil
	}
	here := make([]NodePresence, 0, len(rooms))
	for _, room := range rooms {
		here = append(here, g.hub.localPresence(room))
	}
	ctx, cancel := context.WithTimeout(context.Background(), registryTimeout)
	defer cancel()
	if err := g.fleet.Registry.Publish(ctx, here); err != nil {
		return err
	}
	for _, room := range rooms {
		g.hub.publishHint(room, Presence{Room: room}, nil)
	}
	return nil
}

// fetch has those in rooms know who is there on other nodes.
func (g *presenceSync) fetch(rooms []string) error {
	if len(rooms) == 0 {
		return nil
	}
	nodes, err := g.remote(rooms)
	if err != nil {
		return err
	}
	byRoom := make(map[string][]NodePresence, len(rooms))
	for _, node := range nodes {
		byRoom[node.Room] = append(byRoom[node.Room], node)
	}
	sure := !g.republish && time.Now().After(g.graceUntil)
	for _, room := range rooms {
		if r := g.hub.find(room); r != nil {
			r.applyRemotePresence(byRoom[room], sure)
		}
	}
	return nil
}

// remote is who is in rooms on other nodes.
func (g *presenceSync) remote(rooms []string) ([]NodePresence, error) {
	ctx, cancel := context.WithTimeout(context.Background(), registryTimeout)
	defer cancel()
	return g.fleet.Registry.Remote(ctx, rooms)
}

// remoteOnline is how many are in rooms on other nodes, as far as that can be found out.
func (g *presenceSync) remoteOnline(rooms []string) map[string]int {
	if g == nil || len(rooms) == 0 {
		return nil
	}
	ctx, cancel := context.WithTimeout(context.Background(), registryTimeout)
	defer cancel()
	online, err := g.fleet.Registry.RemoteOnline(ctx, rooms)
	if err != nil {
		g.log.Warn("not known how many are in rooms on other nodes", "error", err)
	}
	return online
}

// stop tells the other nodes that nobody is here any more. If it cannot, they find out.
func (g *presenceSync) stop(ctx context.Context) {
	if g == nil {
		return
	}
	close(g.quit)
	select {
	case <-g.done:
	case <-ctx.Done():
		g.log.Warn("other nodes are not told that everybody left", "error", ctx.Err())
		return
	}
	g.mu.Lock()
	left, names := slices.Collect(maps.Keys(g.pending.publish)), slices.Collect(maps.Keys(g.pending.release))
	g.mu.Unlock()
	err := errors.Join(g.publish(left), g.releaseNames(names)) // those names are kept that would be forgotten with this node
	ctx, cancel := context.WithTimeout(context.WithoutCancel(ctx), registryTimeout)
	defer cancel()
	if err = errors.Join(err, g.fleet.Registry.Leave(ctx)); err != nil {
		g.log.Warn("other nodes are not told that everybody left", "error", err)
	}
}
