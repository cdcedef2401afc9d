package cluster

import (
	"context"

	"chatserver/chat"
)

// acquireName acquires a name for this node, unless another user holds it on another node.
// The errors are those of Chat.Enter.
func (s *presenceSync) acquireName(name chat.NameLease) error {
	return s.query(name, chat.NameRegistry.Acquire)
}

// canAcquireName returns the error of acquireName without acquiring the name.
func (s *presenceSync) canAcquireName(name chat.NameLease) error {
	return s.query(name, chat.NameRegistry.Holders)
}

func (s *presenceSync) query(name chat.NameLease, how func(chat.NameRegistry, context.Context, []chat.NameLease) ([]chat.NameLease, error)) error {
	ctx, cancel := context.WithTimeout(context.Background(), registryTimeout)
	defer cancel()
	holders, err := how(s.node.fleet.Names, ctx, []chat.NameLease{name})
	switch {
	case err != nil:
		s.node.log.Warn("name lookup failed; connection refused", "user", name.Name, "error", err)
		return chat.ErrNameCheckFailed
	case len(holders) > 0:
		return name.Refusal(holders[0])
	}
	return nil
}

// reacquireNames acquires the names of all connections again. Connections whose name was
// lost to another node are closed with CloseNameLost.
func (s *presenceSync) reacquireNames() error {
	names := s.node.hub.Names()
	ctx, cancel := context.WithTimeout(context.Background(), registryTimeout)
	defer cancel()
	holders, err := s.node.fleet.Names.Acquire(ctx, names.Leases())
	if err != nil {
		return err
	}
	lost := map[string]bool{}
	for _, holder := range holders {
		lost[holder.Skeleton] = true
	}
	if len(lost) > 0 {
		names.Revoke(lost)
		s.node.hub.CloseNames(lost)
	}
	return nil
}

// releaseNames releases those of the names that have no connection here.
func (s *presenceSync) releaseNames(skeletons []string) error {
	idle := s.node.hub.Names().BeginRelease(skeletons)
	if len(idle) == 0 {
		return nil
	}
	ctx, cancel := context.WithTimeout(context.Background(), registryTimeout)
	defer cancel()
	err := s.node.fleet.Names.Release(ctx, idle)
	s.node.hub.Names().EndRelease(idle, err == nil)
	return err
}
