package chat

import "context"

// acquireName acquires a name for this node, unless another user holds it on another node.
// The errors are those of Chat.Enter.
func (s *presenceSync) acquireName(name NameLease) error { return s.query(name, NameRegistry.Acquire) }

// canAcquireName returns the error of acquireName without acquiring the name.
func (s *presenceSync) canAcquireName(name NameLease) error {
	if s == nil {
		return nil
	}
	return s.query(name, NameRegistry.Holders)
}

func (s *presenceSync) query(name NameLease, how func(NameRegistry, context.Context, []NameLease) ([]NameLease, error)) error {
	ctx, cancel := context.WithTimeout(context.Background(), registryTimeout)
	defer cancel()
	holders, err := how(s.fleet.Names, ctx, []NameLease{name})
	switch {
	case err != nil:
		s.log.Warn("name lookup failed; connection refused", "user", name.Name, "error", err)
		return ErrNameCheckFailed
	case len(holders) > 0:
		return name.refusal(holders[0])
	}
	return nil
}

// reacquireNames acquires the names of all connections again. Connections whose name was
// lost to another node are closed with CloseNameLost.
func (s *presenceSync) reacquireNames() error {
	ctx, cancel := context.WithTimeout(context.Background(), registryTimeout)
	defer cancel()
	holders, err := s.fleet.Names.Acquire(ctx, s.hub.nameLeases())
	if err != nil {
		return err
	}
	lost := map[string]bool{}
	for _, holder := range holders {
		lost[holder.Skeleton] = true
	}
	if len(lost) > 0 {
		s.hub.revokeNames(lost)
		s.hub.keepalive.each(func(conn *Connection) {
			if lost[conn.User.skeleton] {
				conn.Socket.Close(CloseNameLost)
			}
		})
	}
	return nil
}

// releaseNames releases those of the names that have no connection here.
func (s *presenceSync) releaseNames(skeletons []string) error {
	names := s.hub.beginRelease(skeletons)
	if len(names) == 0 {
		return nil
	}
	ctx, cancel := context.WithTimeout(context.Background(), registryTimeout)
	defer cancel()
	err := s.fleet.Names.Release(ctx, names)
	s.hub.endRelease(names, err == nil)
	return err
}
