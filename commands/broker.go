package commands

import (
	"context"
	"strings"

	"chatserver/broker"
	"chatserver/chat"
	"chatserver/cluster"
	"chatserver/config"
	"chatserver/store"
)

// nodeBroker carries hints between nodes until it is closed.
type nodeBroker interface {
	chat.Broker
	Close()
}

// openBroker connects a node to NATS; without --nats it returns cluster.NoBroker.
func (s *Server) openBroker(c config.Config, node *store.Node) (nodeBroker, error) {
	if len(c.NATS) == 0 {
		return cluster.NoBroker{}, nil
	}
	key, err := s.db.Secret(context.Background(), store.SecretHints)
	if err != nil {
		return cluster.NoBroker{}, err
	}
	connected, err := broker.Open(broker.Options{
		URL: strings.Join(c.NATS, ","), Creds: c.NATSCreds, CA: c.NATSCA, Log: s.log,
		Key: key, Node: node.ID(), Now: node.Now, Inject: s.telemetry.Inject, Extract: s.telemetry.Extract,
	})
	if err != nil {
		return cluster.NoBroker{}, err
	}
	return connected, nil
}
