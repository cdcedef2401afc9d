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

// presenceSync has the other nodes know who is local, and those here who is elsewhere. A
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
	graceUntil time.Time // until when a node that has expired, or says nothing, may be there all the same

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
	s := &presenceSync{
		fleet: o.Fleet, hub: h, log: o.Log, lastOK: true,
		wake: make(chan struct{}, 1), quit: make(chan struct{}), done: make(chan struct{}),
	}
	go s.run()
	return s
}

// localChanged is to be called when somebody came or went here.
func (s *presenceSync) localChanged(room string) {
	s.add(pendingUpdates{publish: map[string]bool{room: true}})
}

// remoteChanged is to be called when somebody may have come or gone elsewhere.
func (s *presenceSync) remoteChanged(room string) {
	s.add(pendingUpdates{fetch: map[string]bool{room: true}})
}

// nameIdle is to be called when nobody bears a name here any more.
func (s *presenceSync) nameIdle(skeleton string) {
	s.add(pendingUpdates{release: map[string]bool{skeleton: true}})
}

func (s *presenceSync) add(more pendingUpdates) {
	if s == nil {
		return
	}
	s.queue(more)
	select {
	case s.wake <- struct{}{}:
	default: // it is about to look
	}
}

// queue is add for what is in no hurry.
func (s *presenceSync) queue(more pendingUpdates) {
	s.mu.Lock()
	defer s.mu.Unlock()
	s.pending.publish = union(s.pending.publish, more.publish)
	s.pending.fetch = union(s.pending.fetch, more.fetch)
	s.pending.release = union(s.pending.release, more.release)
}

func union(a, b map[string]bool) map[string]bool {
	if a == nil {
		return b
	}
	maps.Copy(a, b)
	return a
}

func (s *presenceSync) run() {
	defer close(s.done)
	ticker := time.NewTicker(heartbeatInterval)
	defer ticker.Stop()
	for {
		var err error
		select {
		case <-s.quit:
			return
		case <-ticker.C:
			err = s.heartbeat()
		case <-s.wake:
		}
		s.recordResult(errors.Join(err, s.work()))
		select {
		case <-s.quit:
			return
		case <-time.After(publishInterval):
		}
	}
}

// recordResult counts that the register cannot be asked, and logs it once.
func (s *presenceSync) recordResult(err error) {
	if err != nil {
		s.hub.stats.registryFailures.Add(1)
	}
	if err != nil && s.lastOK {
		s.log.Error("presence is not shared with other nodes", "error", err)
	}
	s.lastOK = err == nil
}

// heartbeat says that this node lives, and has all its rooms looked at. If others may have
// taken it for gone it says everything anew.
func (s *presenceSync) heartbeat() (err error) {
	expired := s.republish
	defer func() { s.republish = err != nil }()
	ctx, cancel := context.WithTimeout(context.Background(), registryTimeout)
	defer cancel()
	nowExpired, err := s.fleet.Registry.Heartbeat(ctx)
	if err != nil {
		return err
	}
	expired = expired || nowExpired
	more := pendingUpdates{fetch: map[string]bool{}, publish: map[string]bool{}}
	for _, room := range s.hub.openRooms() {
		more.fetch[room] = true
		if expired {
			more.publish[room] = true
		}
	}
	if expired {
		// The others may be in the same case: each says so by its next beat.
		s.graceUntil = time.Now().Add(2 * heartbeatInterval)
		err = s.reacquireNames()
	}
	s.add(more)
	return err
}

// work asks what there is to ask; what fails is asked again with the next beat.
func (s *presenceSync) work() error {
	s.mu.Lock()
	updates := s.pending
	s.pending = pendingUpdates{}
	s.mu.Unlock()
	failed, err := pendingUpdates{}, error(nil)
	if e := s.publish(slices.Collect(maps.Keys(updates.publish))); e != nil {
		failed.publish, err = updates.publish, e
	}
	if e := s.releaseNames(slices.Collect(maps.Keys(updates.release))); e != nil {
		failed.release, err = updates.release, errors.Join(err, e)
	}
	if e := s.fetch(slices.Collect(maps.Keys(updates.fetch))); e != nil {
		failed.fetch, err = updates.fetch, errors.Join(err, e)
	}
	s.queue(failed)
	return err
}

// publish says who is in rooms local, and has the other nodes look.
func (s *presenceSync) publish(rooms []string) error {
	if len(rooms) == 0 {
		return nil
	}
	local := make([]NodePresence, 0, len(rooms))
	for _, room := range rooms {
		local = append(local, s.hub.localPresence(room))
	}
	ctx, cancel := context.WithTimeout(context.Background(), registryTimeout)
	defer cancel()
	if err := s.fleet.Registry.Publish(ctx, local); err != nil {
		return err
	}
	for _, room := range rooms {
		s.hub.publishHint(room, Presence{Room: room}, nil)
	}
	return nil
}

// fetch has those in rooms know who is there on other nodes.
func (s *presenceSync) fetch(rooms []string) error {
	if len(rooms) == 0 {
		return nil
	}
	nodes, err := s.remote(rooms)
	if err != nil {
		return err
	}
	byRoom := make(map[string][]NodePresence, len(rooms))
	for _, node := range nodes {
		byRoom[node.Room] = append(byRoom[node.Room], node)
	}
	certain := !s.republish && time.Now().After(s.graceUntil)
	for _, room := range rooms {
		if r := s.hub.find(room); r != nil {
			r.applyRemotePresence(byRoom[room], certain)
		}
	}
	return nil
}

// remote is who is in rooms on other nodes.
func (s *presenceSync) remote(rooms []string) ([]NodePresence, error) {
	ctx, cancel := context.WithTimeout(context.Background(), registryTimeout)
	defer cancel()
	return s.fleet.Registry.Remote(ctx, rooms)
}

// remoteOnline is how many are in rooms on other nodes, as far as that can be found out.
func (s *presenceSync) remoteOnline(rooms []string) map[string]int {
	if s == nil || len(rooms) == 0 {
		return nil
	}
	ctx, cancel := context.WithTimeout(context.Background(), registryTimeout)
	defer cancel()
	online, err := s.fleet.Registry.RemoteOnline(ctx, rooms)
	if err != nil {
		s.log.Warn("could not count the users on other nodes", "error", err)
	}
	return online
}

// stop tells the other nodes that nobody is here any more. If it cannot, they find out.
func (s *presenceSync) stop(ctx context.Context) {
	if s == nil {
		return
	}
	close(s.quit)
	select {
	case <-s.done:
	case <-ctx.Done():
		s.log.Warn("could not remove this node's presence from the registry", "error", ctx.Err())
		return
	}
	s.mu.Lock()
	left, names := slices.Collect(maps.Keys(s.pending.publish)), slices.Collect(maps.Keys(s.pending.release))
	s.mu.Unlock()
	err := errors.Join(s.publish(left), s.releaseNames(names)) // those names are kept that would be forgotten with this node
	ctx, cancel := context.WithTimeout(context.WithoutCancel(ctx), registryTimeout)
	defer cancel()
	if err = errors.Join(err, s.fleet.Registry.Leave(ctx)); err != nil {
		s.log.Warn("could not remove this node's presence from the registry", "error", err)
	}
}
