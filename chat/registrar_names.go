package chat

import "context"

// claim has a name borne here, unless somebody else bears it on another node. The error
// is as of Chat.Enter.
func (g *registrar) claim(name Claim) error { return g.ask(name, Names.Claim) }

// mayClaim is the error of claim, without claiming.
func (g *registrar) mayClaim(name Claim) error {
	if g == nil {
		return nil
	}
	return g.ask(name, Names.Bearers)
}

func (g *registrar) ask(name Claim, how func(Names, context.Context, []Claim) ([]Claim, error)) error {
	ctx, cancel := context.WithTimeout(context.Background(), registerWait)
	defer cancel()
	bearers, err := how(g.fleet.Names, ctx, []Claim{name})
	switch {
	case err != nil:
		g.log.Warn("not known whether a name is free", "user", name.Name, "error", err)
		return ErrNameUnsure
	case len(bearers) > 0:
		return name.refusal(bearers[0])
	}
	return nil
}

// claimAgain claims the names of everybody who is here. Whoever lost one comes again, and
// is told.
func (g *registrar) claimAgain() error {
	ctx, cancel := context.WithTimeout(context.Background(), registerWait)
	defer cancel()
	bearers, err := g.fleet.Names.Claim(ctx, g.hub.claims())
	if err != nil {
		return err
	}
	lost := map[string]bool{}
	for _, bearer := range bearers {
		lost[bearer.Look] = true
	}
	if len(lost) > 0 {
		g.hub.lose(lost)
		g.hub.beats.each(func(conn *Connection) {
			if lost[conn.User.look] {
				conn.Socket.Close(CloseNameLost)
			}
		})
	}
	return nil
}

// release gives names up that nobody bears.
func (g *registrar) release(looks []string) error {
	names := g.hub.beginRelease(looks)
	if len(names) == 0 {
		return nil
	}
	ctx, cancel := context.WithTimeout(context.Background(), registerWait)
	defer cancel()
	err := g.fleet.Names.Release(ctx, names)
	g.hub.endRelease(names, err == nil)
	return err
}
