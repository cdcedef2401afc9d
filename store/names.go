package store

import (
	"cmp"
	"context"
	"fmt"
	"slices"

	"chatserver/chat"
)

// living are the names that somebody bears on another node that lives. $1 is this node.
const living = ` EXISTS (
	SELECT FROM nodes
	WHERE id = ANY (names.nodes) AND id <> $1 AND seen_at > now() - $2 * interval '1 second')`

// Claim implements chat.Names. Whoever changes names locks them in one order.
func (n *Node) Claim(ctx context.Context, names []chat.Claim) (bearers []chat.Claim, err error) {
	names = slices.SortedFunc(slices.Values(names), func(a, b chat.Claim) int { return cmp.Compare(a.Look, b.Look) })
	claimed := map[string]bool{}
	looks, holders := columns(names)
	keys, shown := make([]string, len(names)), make([]string, len(names))
	for i, name := range names {
		keys[i], shown[i] = name.Key, name.Name
	}
	// A bearer that is refused keeps what it has; one that this node alone had is its own
	// to give away.
	err = each(ctx, n.names, `
		INSERT INTO names (look, holder, key, name, nodes)
		SELECT look, holder, key, name, ARRAY[$1::text] FROM unnest($3::text[], $4::text[], $5::text[], $6::text[]) AS new (look, holder, key, name)
		ON CONFLICT (look) DO UPDATE SET holder = excluded.holder, key = excluded.key, name = excluded.name,
			nodes = CASE WHEN names.holder = excluded.holder THEN array_append(array_remove(names.nodes, $1::text), $1::text) ELSE excluded.nodes END
		WHERE names.holder = excluded.holder OR NOT`+living+`
		RETURNING look`,
		[]any{n.id, chat.Lapse.Seconds(), looks, holders, keys, shown}, func(scan scanner) error {
			var look string
			if err := scan(&look); err != nil {
				return err
			}
			claimed[look] = true
			return nil
		})
	if err != nil {
		return nil, fmt.Errorf("claim names: %w", err)
	}
	refused := slices.DeleteFunc(names, func(name chat.Claim) bool { return claimed[name.Look] })
	if len(refused) == 0 {
		return nil, nil
	}
	bearers, err = n.bearers(ctx, refused, true)
	for _, name := range refused {
		if err == nil && !slices.ContainsFunc(bearers, func(bearer chat.Claim) bool { return bearer.Look == name.Look }) {
			bearers = append(bearers, chat.Claim{Look: name.Look, Key: name.Key, Name: name.Name}) // who left just now
		}
	}
	return bearers, err
}

// Bearers implements chat.Names.
func (n *Node) Bearers(ctx context.Context, names []chat.Claim) ([]chat.Claim, error) {
	return n.bearers(ctx, names, false)
}

// bearers returns who bears names that look like these, in the place of somebody else,
// on a node that lives, or, if they were so a moment ago, on any.
func (n *Node) bearers(ctx context.Context, names []chat.Claim, anyNode bool) (bearers []chat.Claim, err error) {
	looks, holders := columns(names)
	err = each(ctx, n.names, `
		SELECT names.look, names.holder, key, name
		FROM names JOIN unnest($4::text[], $5::text[]) AS new (look, holder) ON new.look = names.look
		WHERE names.holder <> new.holder AND ($3 OR`+living+`)`,
		[]any{n.id, chat.Lapse.Seconds(), anyNode, looks, holders}, func(scan scanner) error {
			var bearer chat.Claim
			if err := scan(&bearer.Look, &bearer.Holder, &bearer.Key, &bearer.Name); err != nil {
				return err
			}
			bearers = append(bearers, bearer)
			return nil
		})
	if err != nil {
		return nil, fmt.Errorf("see who bears a name: %w", err)
	}
	return bearers, nil
}

func columns(names []chat.Claim) (looks, holders []string) {
	for _, name := range names {
		looks, holders = append(looks, name.Look), append(holders, name.Holder)
	}
	return looks, holders
}

// Release implements chat.Names.
func (n *Node) Release(ctx context.Context, looks []string) error {
	for _, statement := range []string{
		`WITH locked AS (SELECT look FROM names WHERE look = ANY ($2) ORDER BY look FOR UPDATE)
		UPDATE names SET nodes = array_remove(nodes, $1::text) FROM locked WHERE names.look = locked.look`,
		`WITH nobodys AS (SELECT look FROM names WHERE look = ANY ($2) AND nodes <@ ARRAY[$1::text] ORDER BY look FOR UPDATE)
		DELETE FROM names USING nobodys WHERE names.look = nobodys.look`,
	} {
		if _, err := n.names.ExecContext(ctx, statement, n.id, looks); err != nil {
			return fmt.Errorf("release names: %w", err)
		}
	}
	return nil
}
