package store

import (
	"context"
	"database/sql"
	"encoding/json"
	"errors"
	"fmt"
	"time"

	"github.com/google/uuid"

	"chatserver/chat"
)

// Node is what the nodes of a fleet know of each other, as one of them has it. Only
// Postgres has nodes.
type Node struct {
	db *sql.DB
	id string
}

var (
	_ chat.Register = (*Node)(nil)
	_ chat.Names    = (*Node)(nil)
)

// sweptAfter is when a node that has lapsed is forgotten: all others have noticed by then.
const sweptAfter = 10 * time.Minute

// Join makes a new node, which lives from now on.
func (db *DB) Join(ctx context.Context) (*Node, error) {
	n := &Node{db.nodes, uuid.NewString()}
	if _, err := n.Beat(ctx); err != nil {
		return nil, fmt.Errorf("join the other nodes: %w", err)
	}
	return n, nil
}

// Beat implements chat.Register.
func (n *Node) Beat(ctx context.Context) (lapsed bool, err error) {
	lives := false
	err = n.db.QueryRowContext(ctx, `
		SELECT seen_at > now() - $2 * interval '1 second' AND EXISTS (SELECT FROM node_presences WHERE room = '' AND node = $1)
		FROM nodes WHERE id = $1`, n.id, chat.Lapse.Seconds()).Scan(&lives)
	if err != nil && !errors.Is(err, sql.ErrNoRows) {
		return false, fmt.Errorf("see whether this node counts: %w", err)
	}
	_, err = n.db.ExecContext(ctx, `
		WITH marked AS (INSERT INTO node_presences (room, node, online, users) VALUES ('', $1, 0, '[]') ON CONFLICT DO NOTHING)
		INSERT INTO nodes (id, seen_at) VALUES ($1, now()) ON CONFLICT (id) DO UPDATE SET seen_at = now()`, n.id)
	if err != nil {
		return false, fmt.Errorf("say that this node lives: %w", err)
	}
	return !lives, n.sweep(ctx)
}

// sweep forgets nodes that have lapsed, with what they said. Of several that sweep at
// once one does it.
func (n *Node) sweep(ctx context.Context) error {
	swept, err := n.db.ExecContext(ctx, `DELETE FROM nodes WHERE seen_at < now() - $1 * interval '1 second'`, sweptAfter.Seconds())
	if err != nil {
		return fmt.Errorf("forget the nodes that are gone: %w", err)
	}
	if gone, err := swept.RowsAffected(); err != nil || gone == 0 {
		return err
	}
	return n.forget(ctx)
}

// forget takes out what nodes said that are none any more. Names of nodes that lapsed
// may be claimed by anybody before that.
func (n *Node) forget(ctx context.Context) error {
	for _, statement := range []string{
		`DELETE FROM node_presences WHERE node NOT IN (SELECT id FROM nodes)`,
		`DELETE FROM names WHERE NOT EXISTS (SELECT FROM nodes WHERE id = ANY (names.nodes))`,
	} {
		if _, err := n.db.ExecContext(ctx, statement); err != nil {
			return fmt.Errorf("forget what nodes said that are gone: %w", err)
		}
	}
	return nil
}

// Leave implements chat.Register.
func (n *Node) Leave(ctx context.Context) error {
	if _, err := n.db.ExecContext(ctx, `DELETE FROM nodes WHERE id = $1`, n.id); err != nil {
		return fmt.Errorf("take this node out: %w", err)
	}
	return n.forget(ctx)
}

// storedUser is a user of a node as it is stored.
type storedUser struct {
	Name string `json:"name"`
	Age  int    `json:"age,omitempty"`
}

// Put implements chat.Register.
func (n *Node) Put(ctx context.Context, rooms []chat.NodePresence) error {
	var (
		empty, slugs, users []string
		online              []int
	)
	for _, room := range rooms {
		if room.Online == 0 {
			empty = append(empty, room.Room)
			continue
		}
		stored := make([]storedUser, 0, len(room.Users))
		for _, user := range room.Users {
			stored = append(stored, storedUser{user.Name, user.Age})
		}
		encoded, err := json.Marshal(stored)
		if err != nil {
			return err
		}
		slugs, online, users = append(slugs, room.Room), append(online, room.Online), append(users, string(encoded))
	}
	_, err := n.db.ExecContext(ctx, `
		WITH gone AS (DELETE FROM node_presences WHERE node = $1 AND room = ANY ($2))
		INSERT INTO node_presences (node, room, online, users)
		SELECT $1, room, online, CAST(users AS JSON) FROM unnest($3::text[], $4::int[], $5::text[]) AS new (room, online, users)
		ON CONFLICT (room, node) DO UPDATE SET online = excluded.online, users = excluded.users`,
		n.id, empty, slugs, online, users)
	if err != nil {
		return fmt.Errorf("say who is here: %w", err)
	}
	return nil
}

// errForgotten is of a database that crashed since this node said that it lives.
var errForgotten = errors.New("the database forgot who is there: every node says it anew")

// Elsewhere implements chat.Register.
func (n *Node) Elsewhere(ctx context.Context, rooms []string) (nodes []chat.NodePresence, err error) {
	remembers := false
	err = each(ctx, n.db, `
		SELECT room, node, online, users, seen_at < now() - $3 * interval '1 second'
		FROM node_presences JOIN nodes ON nodes.id = node
		WHERE room = ANY ($1) AND node <> $2 OR room = '' AND node = $2`,
		[]any{rooms, n.id, chat.Lapse.Seconds()}, func(scan scanner) error {
			var (
				there  chat.NodePresence
				users  []byte
				stored []storedUser
			)
			if err := scan(&there.Room, &there.Node, &there.Online, &users, &there.Lapsed); err != nil {
				return err
			}
			if there.Room == "" {
				remembers = true
				return nil
			}
			if err := json.Unmarshal(users, &stored); err != nil {
				return err
			}
			for _, user := range stored {
				there.Users = append(there.Users, chat.User{Name: user.Name, Age: user.Age})
			}
			nodes = append(nodes, there)
			return nil
		})
	if err == nil && !remembers {
		err = errForgotten
	}
	if err != nil {
		return nil, fmt.Errorf("see who is on other nodes: %w", err)
	}
	return nodes, nil
}
