package store

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"sync/atomic"
	"time"

	"github.com/google/uuid"

	"chatserver/chat"
)

// Node is one node's view of the fleet's registry. Only Postgres has nodes.
type Node struct {
	id       string
	clock    atomic.Pointer[clock]
	registry database
	names    database
}

var (
	_ chat.Registry     = (*Node)(nil)
	_ chat.NameRegistry = (*Node)(nil)
)

// purgeAfter is when the rows of an expired node are deleted. By then, all other nodes
// have noticed that it is gone.
const purgeAfter = 10 * time.Minute

// purgeLimit is how many names are deleted per statement.
const purgeLimit = 10000

// Join registers a new node.
func (db *DB) Join(ctx context.Context) (*Node, error) {
	n := &Node{id: uuid.NewString(), registry: db.registry, names: db.names}
	if _, err := n.Heartbeat(ctx); err != nil {
		return nil, fmt.Errorf("join the fleet: %w", err)
	}
	return n, nil
}

// clock is the database's time at a moment of ours.
type clock struct{ theirs, ours time.Time }

// ID returns the node's unique id.
func (n *Node) ID() string { return n.id }

// Now returns the time by the database's clock, to within a second or two, as of the last
// Heartbeat. The nodes need no common clock of their own.
func (n *Node) Now() time.Time {
	c := n.clock.Load()
	return c.theirs.Add(time.Since(c.ours))
}

// Heartbeat implements chat.Registry.
func (n *Node) Heartbeat(ctx context.Context) (expired bool, err error) {
	var now time.Time
	err = n.registry.QueryRowContext(ctx, `
		WITH before AS (SELECT seen_at > now() - $2 * interval '1 second' AS lived FROM nodes WHERE id = $1),
		marked AS (INSERT INTO node_presences (room, node, online, users) VALUES ('', $1, 0, '[]') ON CONFLICT DO NOTHING RETURNING node),
		lives AS (INSERT INTO nodes (id, seen_at) VALUES ($1, now()) ON CONFLICT (id) DO UPDATE SET seen_at = now())
		SELECT EXISTS (SELECT FROM marked) OR NOT coalesce((SELECT lived FROM before), false), clock_timestamp()`,
		n.id, chat.NodeTTL.Seconds()).Scan(&expired, &now)
	if err != nil {
		return false, fmt.Errorf("send a heartbeat: %w", err)
	}
	n.clock.Store(&clock{theirs: now, ours: time.Now()})
	_ = errors.Join(n.purgeReservedNames(ctx), n.purgeIfNeeded(ctx)) // the next heartbeat of any node retries; until then the rows are only in the way
	return expired, nil
}

// purgeIfNeeded purges if any node expired long ago.
func (n *Node) purgeIfNeeded(ctx context.Context) error {
	found := false
	err := n.registry.QueryRowContext(ctx, `SELECT EXISTS (SELECT FROM nodes WHERE seen_at < now() - $1 * interval '1 second')`, purgeAfter.Seconds()).Scan(&found)
	if err != nil || !found {
		return err
	}
	return n.purge(ctx)
}

// purge deletes the rows of nodes that no longer exist, and then the nodes that expired
// long ago. Names beyond purgeLimit stay until the next time. A name that is being
// acquired right now must stay, so its row is locked and checked again.
func (n *Node) purge(ctx context.Context) error {
	for _, statement := range []string{
		`DELETE FROM node_presences WHERE node NOT IN (SELECT id FROM nodes WHERE seen_at > now() - $1 * interval '1 second')`,
		fmt.Sprintf(`WITH nobodys AS (
			SELECT look FROM names WHERE NOT nodes && ARRAY (SELECT id FROM nodes WHERE seen_at > now() - $1 * interval '1 second') AND NOT`+reserved+`
			ORDER BY look LIMIT %d FOR UPDATE)
		DELETE FROM names USING nobodys WHERE names.look = nobodys.look`, purgeLimit),
		`DELETE FROM nodes WHERE seen_at < now() - $1 * interval '1 second'`,
	} {
		done, err := n.registry.ExecContext(ctx, statement, purgeAfter.Seconds())
		if err != nil {
			return fmt.Errorf("delete expired nodes: %w", err)
		}
		if rows, err := done.RowsAffected(); err != nil || rows == purgeLimit {
			return err
		}
	}
	return nil
}

// Leave implements chat.Registry.
func (n *Node) Leave(ctx context.Context) error {
	if _, err := n.registry.ExecContext(ctx, `DELETE FROM nodes WHERE id = $1`, n.id); err != nil {
		return fmt.Errorf("leave the fleet: %w", err)
	}
	return n.purge(ctx)
}

// storedUser is the stored form of a user.
type storedUser struct {
	Name string `json:"name"`
	Age  int    `json:"age,omitempty"`
}

// Publish implements chat.Registry.
func (n *Node) Publish(ctx context.Context, rooms []chat.NodePresence) error {
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
	_, err := n.registry.ExecContext(ctx, `
		WITH gone AS (DELETE FROM node_presences WHERE node = $1 AND room = ANY ($2))
		INSERT INTO node_presences (node, room, online, users)
		SELECT $1, room, online, CAST(users AS JSON) FROM unnest($3::text[], $4::int[], $5::text[]) AS new (room, online, users)
		ON CONFLICT (room, node) DO UPDATE SET online = excluded.online, users = excluded.users`,
		n.id, empty, slugs, online, users)
	if err != nil {
		return fmt.Errorf("publish presence: %w", err)
	}
	return nil
}

// errExpired means that this node itself has expired, or that the database lost its row
// in a crash. Then what it reads about other nodes is not reliable.
var errExpired = errors.New("this node has expired and must send a heartbeat before reading others")

// Remote implements chat.Registry.
func (n *Node) Remote(ctx context.Context, rooms []string) (nodes []chat.NodePresence, err error) {
	lives := false
	err = each(ctx, n.registry, `
		SELECT room, node, online, users, seen_at < now() - $3 * interval '1 second'
		FROM node_presences JOIN nodes ON nodes.id = node
		WHERE room = ANY ($1) AND node <> $2 OR room = '' AND node = $2`,
		[]any{rooms, n.id, chat.NodeTTL.Seconds()}, func(scan scanner) error {
			var (
				there  chat.NodePresence
				users  []byte
				stored []storedUser
			)
			if err := scan(&there.Room, &there.Node, &there.Online, &users, &there.Expired); err != nil {
				return err
			}
			if there.Room == "" {
				lives = !there.Expired
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
	if err == nil && !lives {
		err = errExpired
	}
	if err != nil {
		return nil, fmt.Errorf("read remote presence: %w", err)
	}
	return nodes, nil
}

// RemoteOnline implements chat.Registry.
func (n *Node) RemoteOnline(ctx context.Context, rooms []string) (map[string]int, error) {
	online := map[string]int{}
	err := each(ctx, n.registry, `
		SELECT room, SUM(online) FROM node_presences JOIN nodes ON nodes.id = node
		WHERE room = ANY ($1) AND node <> $2 AND seen_at > now() - $3 * interval '1 second'
		GROUP BY room`,
		[]any{rooms, n.id, chat.NodeTTL.Seconds()}, func(scan scanner) error {
			room, count := "", 0
			if err := scan(&room, &count); err != nil {
				return err
			}
			online[room] = count
			return nil
		})
	if err != nil {
		return nil, fmt.Errorf("count remote users: %w", err)
	}
	return online, nil
}
