package main

import (
	"context"
	"database/sql"
	"errors"
	"fmt"
	"net/url"
	"time"

	_ "github.com/jackc/pgx/v5/stdlib" // the driver "pgx"
	natsserver "github.com/nats-io/nats-server/v2/server"
)

// kind is one of the chats to compare.
type kind struct {
	name     string
	nodes    int
	postgres bool
}

// fleet is one chat: its nodes, and their NATS, which is nil for a single node.
type fleet struct {
	nodes []*server
	nats  *natsserver.Server
}

// with starts a chat on a new store, measures it, and stops it.
func (m *nodesMode) with(ctx context.Context, b *bench, k kind, measure func(*fleet) error) (err error) {
	f, command := &fleet{}, b.server
	if k.postgres {
		database, drop, making := m.database(ctx)
		if making != nil {
			return making
		}
		defer func() { err = errors.Join(err, drop()) }()
		command += " --database " + database
	}
	if k.nodes > 1 {
		if err = f.startNATS(); err != nil {
			return err
		}
		defer f.nats.WaitForShutdown()
		defer f.nats.Shutdown()
		command += " --nats " + f.nats.ClientURL()
	}
	defer func() {
		for _, node := range f.nodes {
			err = errors.Join(err, node.stop())
		}
	}()
	for range k.nodes {
		node, err := b.start(ctx, command, b.data())
		if err != nil {
			return err
		}
		f.nodes = append(f.nodes, node)
	}
	return measure(f)
}

// database creates an empty database, and returns a function that drops it.
func (m *nodesMode) database(ctx context.Context) (address string, drop func() error, err error) {
	u, err := url.Parse(m.Postgres)
	if err != nil {
		return "", nil, fmt.Errorf("--postgres: %w", err)
	}
	db, err := sql.Open("pgx", m.Postgres)
	if err != nil {
		return "", nil, fmt.Errorf("--postgres: %w", err)
	}
	name := fmt.Sprint("bench_", time.Now().UnixNano())
	if _, err := db.ExecContext(ctx, "CREATE DATABASE "+name+" ENCODING 'UTF8' TEMPLATE template0"); err != nil {
		return "", nil, errors.Join(fmt.Errorf("make a database: %w", err), db.Close())
	}
	u.Path = "/" + name
	return u.String(), func() error {
		_, err := db.ExecContext(context.WithoutCancel(ctx), "DROP DATABASE "+name+" WITH (FORCE)")
		return errors.Join(err, db.Close())
	}, nil
}

// startNATS starts a NATS server in this process and counts its traffic.
func (f *fleet) startNATS() (err error) {
	f.nats, err = natsserver.NewServer(&natsserver.Options{Host: "127.0.0.1", Port: natsserver.RANDOM_PORT, NoLog: true, NoSigs: true})
	if err != nil {
		return fmt.Errorf("start NATS: %w", err)
	}
	f.nats.Start()
	if !f.nats.ReadyForConnections(startTimeout) {
		return errors.New("NATS does not start")
	}
	return nil
}

// carried returns the bytes of messages that went into NATS and out of it.
func (f *fleet) carried() (in, out int64, err error) {
	if f.nats == nil {
		return 0, 0, nil
	}
	told, err := f.nats.Varz(nil)
	if err != nil {
		return 0, 0, fmt.Errorf("query NATS: %w", err)
	}
	return told.InBytes, told.OutBytes, nil
}

// cpu is the CPU time of all nodes.
func (f *fleet) cpu() (all time.Duration, err error) {
	for _, node := range f.nodes {
		used, err := node.usage()
		if err != nil {
			return 0, err
		}
		all += used.cpu
	}
	return all, nil
}
