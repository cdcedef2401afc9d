package chattest

import "testing"

// Fleet is several servers on one Postgres, which tell each other through one NATS.
type Fleet struct {
	NATS  *NATS
	Nodes []*World
}

// NewFleet starts so many nodes, each as NewWorld does. The networks and companies of the
// first one lead to all of them.
func NewFleet(t testing.TB, nodes int, options ...Option) *Fleet {
	t.Helper()
	return NewFleetOn(t, Database(t), nodes, options...)
}

// NewFleetOn is NewFleet on a database of the test's own.
func NewFleetOn(t testing.TB, database string, nodes int, options ...Option) *Fleet {
	t.Helper()
	f := &Fleet{NATS: StartNATS(t)}
	options = append([]Option{OnPostgres(database), OnNATS(f.NATS.URL())}, options...)
	for range nodes {
		f.Nodes = append(f.Nodes, NewWorld(t, options...))
	}
	f.Nodes[0].Beside(f.Nodes[1:]...)
	return f
}

// Beside says which nodes are of the same fleet as this one: its networks and companies
// lead to them as well.
func (w *World) Beside(others ...*World) { w.beside = others }

// Behind is this server as people meet it through a proxy at an address.
func (w *World) Behind(proxy string) *World {
	behind := *w
	behind.config.Listen = proxy
	return &behind
}
