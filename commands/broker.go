package commands

import (
	"context"
	"strings"

	"chatserver/broker"
	"chatserver/config"
	"chatserver/store"
)

// openBroker connects a node to NATS; nil without --nats.
func (s *Server) openBroker(c config.Config, node *store.Node) (*broker.NATS, error) {
	if len(c.NATS) == 0 {
		return nil, nil //nolint:nilnil // NATS is optional
	}
	key, err := s.db.Secret(context.Background(), store.SecretHints)
	if err != nil {
		return nil, err
	}
	return broker.Open(broker.Options{
		URL: strings.Join(c.NATS, ","), Creds: c.NATSCreds, CA: c.NATSCA, Log: s.log,
		Key: key, Node: node.ID(), Now: node.Now, Inject: s.telemetry.Inject, Extract: s.telemetry.Extract,
	})
}
