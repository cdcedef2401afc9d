package chat

import "context"

// acquireName has a name borne here, unless somebody else bears it on another node. The error
// is as of Chat.Enter.
func (s *presenceSync) acquireName(name NameLease) error { return s.query(name, NameRegistry.Acquire) }

// canAcquireName is the error of claim, without claiming.
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

// reacquireNames claims the names of everybody who is here. Whoever lost one comes again, and
// is told.
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

// releaseNames gives names up that nobody bears.
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
