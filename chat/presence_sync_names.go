package chat

import "context"

// acquireName has a name borne here, unless somebody else bears it on another node. The error
// is as of Chat.Enter.
func (g *presenceSync) acquireName(name NameLease) error { return g.query(name, NameRegistry.Acquire) }

// canAcquireName is the error of claim, without claiming.
func (g *presenceSync) canAcquireName(name NameLease) error {
	if g == nil {
		return nil
	}
	return g.query(name, NameRegistry.Holders)
}

func (g *presenceSync) query(name NameLease, how func(NameRegistry, context.Context, []NameLease) ([]NameLease, error)) error {
	ctx, cancel := context.WithTimeout(context.Background(), registryTimeout)
	defer cancel()
	bearers, err := how(g.fleet.Names, ctx, []NameLease{name})
	switch {
	case err != nil:
		g.log.Warn("not known whether a name is free", "user", name.Name, "error", err)
		return ErrNameCheckFailed
	case len(bearers) > 0:
		return name.refusal(bearers[0])
	}
	return nil
}

// reacquireNames claims the names of everybody who is here. Whoever lost one comes again, and
// is told.
func (g *presenceSync) reacquireNames() error {
	ctx, cancel := context.WithTimeout(context.Background(), registryTimeout)
	defer cancel()
	bearers, err := g.fleet.Names.Acquire(ctx, g.hub.nameLeases())
	if err != nil {
		return err
	}
	lost := map[string]bool{}
	for _, bearer := range bearers {
		lost[bearer.Skeleton] = true
	}
	if len(lost) > 0 {
		g.hub.revokeNames(lost)
		g.hub.keepalive.each(func(conn *Connection) {
			if lost[conn.User.skeleton] {
				conn.Socket.Close(CloseNameLost)
			}
		})
	}
	return nil
}

// releaseNames gives names up that nobody bears.
func (g *presenceSync) releaseNames(looks []string) error {
	names := g.hub.beginRelease(looks)
	if len(names) == 0 {
		return nil
	}
	ctx, cancel := context.WithTimeout(context.Background(), registryTimeout)
	defer cancel()
	err := g.fleet.Names.Release(ctx, names)
	g.hub.endRelease(names, err == nil)
	return err
}
