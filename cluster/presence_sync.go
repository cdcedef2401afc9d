package cluster

import (
	"context"
	"errors"
	"maps"
	"slices"
	"sync"
	"time"

	"chatserver/chat"
	"chatserver/task"
)

const (
	// publishInterval is the minimum time between a node's updates of the registry.
	publishInterval = 250 * time.Millisecond
	// registryTimeout bounds a request to the registry. A store gives up slightly earlier,
	// so that it does not carry out later what this node has given up.
	registryTimeout = 2 * time.Second
)

// presenceSync publishes local presence to the registry and applies remote presence here.
type presenceSync struct {
	node *common
	wake chan struct{}
	task *task.Task

	// Owned by run.
	lastOK     bool      // the last registry request succeeded
	republish  bool      // the last heartbeat failed: peers may have expired this node, so publish everything again
	graceUntil time.Time // until then, expired or silent nodes count as present

	mu      sync.Mutex
	pending pendingUpdates
}

// pendingUpdates are the requests that presenceSync has to send to the registry.
type pendingUpdates struct {
	publish map[string]bool // rooms with local arrivals or departures
	fetch   map[string]bool // rooms with possible remote arrivals or departures
	release map[string]bool // confusable skeletons of names without a connection here
}

func newPresenceSync(n *common) *presenceSync {
	return &presenceSync{node: n, lastOK: true, wake: make(chan struct{}, 1)}
}

func (s *presenceSync) start() { s.task = task.Start(s.run) }

// localChanged must be called when a user enters or leaves a room on this node.
func (s *presenceSync) localChanged(room string) {
	s.add(pendingUpdates{publish: map[string]bool{room: true}})
}

// remoteChanged must be called when users may have entered or left a room on other nodes.
func (s *presenceSync) remoteChanged(room string) {
	s.add(pendingUpdates{fetch: map[string]bool{room: true}})
}

// nameIdle must be called when the last connection with a name has exited.
func (s *presenceSync) nameIdle(skeleton string) {
	s.add(pendingUpdates{release: map[string]bool{skeleton: true}})
}

func (s *presenceSync) add(more pendingUpdates) {
	s.queue(more)
	select {
	case s.wake <- struct{}{}:
	default: // a wake-up is pending
	}
}

// queue adds updates without waking the goroutine.
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

func (s *presenceSync) run(ctx context.Context) {
	ticker := time.NewTicker(chat.HeartbeatInterval)
	defer ticker.Stop()
	for {
		var err error
		select {
		case <-ctx.Done():
			return
		case <-ticker.C:
			err = s.heartbeat()
		case <-s.wake:
		}
		s.recordResult(errors.Join(err, s.work()))
		if !task.Sleep(ctx, publishInterval) {
			return
		}
	}
}

// recordResult counts a failure of the registry, and logs the first of several in a row.
func (s *presenceSync) recordResult(err error) {
	if err != nil {
		s.node.stats.registryFailures.Add(1)
	}
	if err != nil && s.lastOK {
		s.node.log.Error("presence is not shared with other nodes", "error", err)
	}
	s.lastOK = err == nil
}

// heartbeat renews this node's heartbeat and requests the remote presence of all its rooms.
// If peers may have expired this node, it publishes everything again.
func (s *presenceSync) heartbeat() (err error) {
	expired := s.republish
	defer func() { s.republish = err != nil }()
	ctx, cancel := context.WithTimeout(context.Background(), registryTimeout)
	defer cancel()
	nowExpired, err := s.node.fleet.Registry.Heartbeat(ctx)
	if err != nil {
		return err
	}
	expired = expired || nowExpired
	more := pendingUpdates{fetch: map[string]bool{}, publish: map[string]bool{}}
	for _, room := range s.node.hub.OpenRooms() {
		more.fetch[room] = true
		if expired {
			more.publish[room] = true
		}
	}
	if expired {
		// Peers may have expired, too: each reports it with its next heartbeat.
		s.graceUntil = time.Now().Add(2 * chat.HeartbeatInterval)
		err = s.reacquireNames()
	}
	s.add(more)
	return err
}

// work sends the pending updates. Those that fail are sent again with the next heartbeat.
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

// publish publishes the local presence of rooms and notifies the other nodes.
func (s *presenceSync) publish(rooms []string) error {
	if len(rooms) == 0 {
		return nil
	}
	local := make([]chat.NodePresence, 0, len(rooms))
	for _, room := range rooms {
		local = append(local, s.localPresence(room))
	}
	ctx, cancel := context.WithTimeout(context.Background(), registryTimeout)
	defer cancel()
	if err := s.node.fleet.Registry.Publish(ctx, local); err != nil {
		return err
	}
	for _, room := range rooms {
		s.node.publish(room, chat.Presence{Room: room}, nil)
	}
	return nil
}

func (s *presenceSync) localPresence(room string) chat.NodePresence {
	if r := s.node.hub.Find(room); r != nil {
		return r.LocalPresence()
	}
	return chat.NodePresence{Room: room}
}

// fetch reads the remote presence of rooms and applies it.
func (s *presenceSync) fetch(rooms []string) error {
	if len(rooms) == 0 {
		return nil
	}
	nodes, err := s.remote(rooms)
	if err != nil {
		return err
	}
	byRoom := make(map[string][]chat.NodePresence, len(rooms))
	for _, node := range nodes {
		byRoom[node.Room] = append(byRoom[node.Room], node)
	}
	certain := !s.republish && time.Now().After(s.graceUntil)
	for _, room := range rooms {
		if r := s.node.hub.Find(room); r != nil {
			r.ApplyRemotePresence(byRoom[room], certain)
		}
	}
	return nil
}

// remote returns the presence in rooms on other nodes.
func (s *presenceSync) remote(rooms []string) ([]chat.NodePresence, error) {
	ctx, cancel := context.WithTimeout(context.Background(), registryTimeout)
	defer cancel()
	return s.node.fleet.Registry.Remote(ctx, rooms)
}

// remoteOnline returns the number of users in rooms on other nodes; nil if the registry is
// unavailable.
func (s *presenceSync) remoteOnline(rooms []string) map[string]int {
	if len(rooms) == 0 {
		return nil
	}
	ctx, cancel := context.WithTimeout(context.Background(), registryTimeout)
	defer cancel()
	online, err := s.node.fleet.Registry.RemoteOnline(ctx, rooms)
	if err != nil {
		s.node.log.Warn("could not count the users on other nodes", "error", err)
	}
	return online
}

// stop removes this node's presence from the registry. If that fails, the node expires.
func (s *presenceSync) stop(ctx context.Context) {
	if err := s.task.Stop(ctx); err != nil {
		s.node.log.Warn("could not remove this node's presence from the registry", "error", err)
		return
	}
	s.mu.Lock()
	left, names := slices.Collect(maps.Keys(s.pending.publish)), slices.Collect(maps.Keys(s.pending.release))
	s.mu.Unlock()
	err := errors.Join(s.publish(left), s.releaseNames(names)) // Leave would also free the names to be kept
	ctx, cancel := context.WithTimeout(context.WithoutCancel(ctx), registryTimeout)
	defer cancel()
	if err = errors.Join(err, s.node.fleet.Registry.Leave(ctx)); err != nil {
		s.node.log.Warn("could not remove this node's presence from the registry", "error", err)
	}
}
