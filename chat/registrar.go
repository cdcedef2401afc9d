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

// registrar has the other nodes know who is here, and those here who is elsewhere. A
// process alone has none.
type registrar struct {
	fleet *Fleet
	hub   *hub
	log   *slog.Logger
	wake  chan struct{}
	quit  chan struct{}
	done  chan struct{}

	// Of the goroutine.
	well     bool      // what was asked last was answered
	anew     bool      // the last beat failed: others may take this node for gone, and it does not know of others
	doubtful time.Time // until when a node that has lapsed, or says nothing, may be there all the same

	mu   sync.Mutex
	asks asks
}

// asks are what the registrar has to ask the register.
type asks struct {
	put     map[string]bool // rooms in which somebody came or went here
	read    map[string]bool // rooms in which somebody may have come or gone elsewhere
	release map[string]bool // looks of names that nobody bears here any more
}

// startRegistrar is nil for a process alone.
func startRegistrar(h *hub, o Options) *registrar {
	if o.Fleet == nil {
		return nil
	}
	g := &registrar{
		fleet: o.Fleet, hub: h, log: o.Log, well: true,
		wake: make(chan struct{}, 1), quit: make(chan struct{}), done: make(chan struct{}),
	}
	go g.run()
	return g
}

// changed is to be called when somebody came or went here.
func (g *registrar) changed(room string) { g.add(asks{put: map[string]bool{room: true}}) }

// unread is to be called when somebody may have come or gone elsewhere.
func (g *registrar) unread(room string) { g.add(asks{read: map[string]bool{room: true}}) }

// idle is to be called when nobody bears a name here any more.
func (g *registrar) idle(look string) { g.add(asks{release: map[string]bool{look: true}}) }

func (g *registrar) add(more asks) {
	if g == nil {
		return
	}
	g.keep(more)
	select {
	case g.wake <- struct{}{}:
	default: // it is about to look
	}
}

// keep is add for what is in no hurry.
func (g *registrar) keep(more asks) {
	g.mu.Lock()
	defer g.mu.Unlock()
	g.asks.put = union(g.asks.put, more.put)
	g.asks.read = union(g.asks.read, more.read)
	g.asks.release = union(g.asks.release, more.release)
}

func union(a, b map[string]bool) map[string]bool {
	if a == nil {
		return b
	}
	maps.Copy(a, b)
	return a
}

func (g *registrar) run() {
	defer close(g.done)
	ticker := time.NewTicker(beatEvery)
	defer ticker.Stop()
	for {
		var err error
		select {
		case <-g.quit:
			return
		case <-ticker.C:
			err = g.beat()
		case <-g.wake:
		}
		g.note(errors.Join(err, g.work()))
		select {
		case <-g.quit:
			return
		case <-time.After(shareEvery):
		}
	}
}

// note counts that the register cannot be asked, and logs it once.
func (g *registrar) note(err error) {
	if err != nil {
		g.hub.counts.unshared.Add(1)
	}
	if err != nil && g.well {
		g.log.Error("who is here is not shared with other nodes", "error", err)
	}
	g.well = err == nil
}

// beat says that this node lives, and has all its rooms looked at. If others may have
// taken it for gone it says everything anew.
func (g *registrar) beat() (err error) {
	lapsed := g.anew
	defer func() { g.anew = err != nil }()
	ctx, cancel := context.WithTimeout(context.Background(), registerWait)
	defer cancel()
	now, err := g.fleet.Register.Beat(ctx)
	if err != nil {
		return err
	}
	lapsed = lapsed || now
	more := asks{read: map[string]bool{}, put: map[string]bool{}}
	for _, room := range g.hub.openRooms() {
		more.read[room] = true
		if lapsed {
			more.put[room] = true
		}
	}
	if lapsed {
		// The others may be in the same case: each says so by its next beat.
		g.doubtful = time.Now().Add(2 * beatEvery)
		err = g.claimAgain()
	}
	g.add(more)
	return err
}

// work asks what there is to ask; what fails is asked again with the next beat.
func (g *registrar) work() error {
	g.mu.Lock()
	now := g.asks
	g.asks = asks{}
	g.mu.Unlock()
	failed, err := asks{}, error(nil)
	if e := g.put(slices.Collect(maps.Keys(now.put))); e != nil {
		failed.put, err = now.put, e
	}
	if e := g.release(slices.Collect(maps.Keys(now.release))); e != nil {
		failed.release, err = now.release, errors.Join(err, e)
	}
	if e := g.read(slices.Collect(maps.Keys(now.read))); e != nil {
		failed.read, err = now.read, errors.Join(err, e)
	}
	g.keep(failed)
	return err
}

// put says who is in rooms here, and has the other nodes look.
func (g *registrar) put(rooms []string) error {
	if len(rooms) == 0 {
		return nil
	}
	here := make([]NodePresence, 0, len(rooms))
	for _, room := range rooms {
		here = append(here, g.hub.onThisNode(room))
	}
	ctx, cancel := context.WithTimeout(context.Background(), registerWait)
	defer cancel()
	if err := g.fleet.Register.Put(ctx, here); err != nil {
		return err
	}
	for _, room := range rooms {
		g.hub.tellNodes(room, Presence{Room: room}, nil)
	}
	return nil
}

// read has those in rooms know who is there on other nodes.
func (g *registrar) read(rooms []string) error {
	if len(rooms) == 0 {
		return nil
	}
	nodes, err := g.elsewhere(rooms)
	if err != nil {
		return err
	}
	byRoom := make(map[string][]NodePresence, len(rooms))
	for _, node := range nodes {
		byRoom[node.Room] = append(byRoom[node.Room], node)
	}
	sure := !g.anew && time.Now().After(g.doubtful)
	for _, room := range rooms {
		if r := g.hub.find(room); r != nil {
			r.hearElsewhere(byRoom[room], sure)
		}
	}
	return nil
}

// elsewhere is who is in rooms on other nodes.
func (g *registrar) elsewhere(rooms []string) ([]NodePresence, error) {
	ctx, cancel := context.WithTimeout(context.Background(), registerWait)
	defer cancel()
	return g.fleet.Register.Elsewhere(ctx, rooms)
}

// online is how many are in rooms on other nodes, as far as that can be found out.
func (g *registrar) online(rooms []string) map[string]int {
	if g == nil || len(rooms) == 0 {
		return nil
	}
	ctx, cancel := context.WithTimeout(context.Background(), registerWait)
	defer cancel()
	online, err := g.fleet.Register.Online(ctx, rooms)
	if err != nil {
		g.log.Warn("not known how many are in rooms on other nodes", "error", err)
	}
	return online
}

// stop tells the other nodes that nobody is here any more. If it cannot, they find out.
func (g *registrar) stop(ctx context.Context) {
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
	left, names := slices.Collect(maps.Keys(g.asks.put)), slices.Collect(maps.Keys(g.asks.release))
	g.mu.Unlock()
	err := errors.Join(g.put(left), g.release(names)) // those names are kept that would be forgotten with this node
	ctx, cancel := context.WithTimeout(context.WithoutCancel(ctx), registerWait)
	defer cancel()
	if err = errors.Join(err, g.fleet.Register.Leave(ctx)); err != nil {
		g.log.Warn("other nodes are not told that everybody left", "error", err)
	}
}
