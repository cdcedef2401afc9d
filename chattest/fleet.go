package chattest

import "testing"

// Fleet is several nodes on one Postgres and one NATS.
type Fleet struct {
	NATS  *NATS
	Nodes []*World
}

// NewFleet starts the given number of nodes, each as NewWorld does. The networks and
// companies of the first node lead to all of them.
func NewFleet(t testing.TB, nodes int, options ...Option) *Fleet {
	t.Helper()
	return NewFleetOn(t, Database(t), nodes, options...)
}

// NewFleetOn is NewFleet with the test's own database.
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

// Beside names the other nodes of this node's fleet: its networks and companies lead to
// them as well.
func (w *World) Beside(others ...*World) { w.beside = others }

// Behind returns this server as clients reach it through a proxy at an address.
func (w *World) Behind(proxy string) *World {
	behind := *w
	behind.config.Listen = proxy
	return &behind
}
