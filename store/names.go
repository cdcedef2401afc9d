package store

import (
	"cmp"
	"context"
	"fmt"
	"slices"
	"strings"

	"chatserver/chat"
)

const (
	// heldElsewhere is true for names that have a holder on another live node. $1 is this
	// node.
	heldElsewhere = ` EXISTS (
	SELECT FROM nodes
	WHERE id = ANY (names.nodes) AND id <> $1 AND seen_at > now() - $2 * interval '1 second')`
	// fromGuest is true where an account takes its name from a guest: guests may not have it.
	// new is the row or the parameters of the taker.
	fromGuest = `(new.holder LIKE 'account/%' AND names.holder NOT LIKE 'account/%')`
	// reserved is true for names that are still reserved for their last holder.
	reserved = ` coalesce(names.kept_until > now(), false)`
)

// Acquire implements chat.NameRegistry. Names are always locked in the same order.
func (n *Node) Acquire(ctx context.Context, names []chat.NameLease) (leases []chat.NameLease, err error) {
	names = slices.SortedFunc(slices.Values(names), func(a, b chat.NameLease) int { return cmp.Compare(a.Skeleton, b.Skeleton) })
	acquired := map[string]bool{}
	skeletons, holders := columns(names)
	keys, shown := make([]string, len(names)), make([]string, len(names))
	for i, name := range names {
		keys[i], shown[i] = name.Key, name.Name
	}
	// A holder that is refused keeps its name. A name that is held only by this node may
	// be reassigned.
	err = each(ctx, n.names, `
		INSERT INTO names (look, holder, key, name, nodes)
		SELECT look, holder, key, name, ARRAY[$1::text] FROM unnest($3::text[], $4::text[], $5::text[], $6::text[]) AS new (look, holder, key, name)
		ON CONFLICT (look) DO UPDATE SET holder = excluded.holder, key = excluded.key, name = excluded.name,
			nodes = CASE WHEN names.holder = excluded.holder THEN array_append(array_remove(names.nodes, $1::text), $1::text) ELSE excluded.nodes END,
			kept_until = NULL
		WHERE names.holder = excluded.holder OR `+strings.ReplaceAll(fromGuest, "new.", "excluded.")+` OR NOT (`+heldElsewhere+` OR`+reserved+`)
		RETURNING look`,
		[]any{n.id, chat.NameTTL.Seconds(), skeletons, holders, keys, shown}, func(scan scanner) error {
			var look string
			if err := scan(&look); err != nil {
				return err
			}
			acquired[look] = true
			return nil
		})
	if err != nil {
		return nil, fmt.Errorf("acquire names: %w", err)
	}
	refused := slices.DeleteFunc(names, func(name chat.NameLease) bool { return acquired[name.Skeleton] })
	if len(refused) == 0 {
		return nil, nil
	}
	leases, err = n.holders(ctx, refused, true)
	for _, name := range refused {
		if err == nil && !slices.ContainsFunc(leases, func(lease chat.NameLease) bool { return lease.Skeleton == name.Skeleton }) {
			leases = append(leases, chat.NameLease{Skeleton: name.Skeleton, Key: name.Key, Name: name.Name}) // its holder has just left
		}
	}
	return leases, err
}

// Holders implements chat.NameRegistry.
func (n *Node) Holders(ctx context.Context, names []chat.NameLease) ([]chat.NameLease, error) {
	return n.holders(ctx, names, false)
}

// holders returns the leases of these names that belong to another holder on a live node,
// or that are reserved for their last holder. With anyNode it also includes nodes that
// have just expired.
func (n *Node) holders(ctx context.Context, names []chat.NameLease, anyNode bool) (leases []chat.NameLease, err error) {
	skeletons, holders := columns(names)
	err = each(ctx, n.names, `
		SELECT names.look, names.holder, key, name,`+reserved+` AND NOT`+heldElsewhere+`
		FROM names JOIN unnest($4::text[], $5::text[]) AS new (look, holder) ON new.look = names.look
		WHERE names.holder <> new.holder AND NOT `+fromGuest+` AND ($3 OR`+heldElsewhere+` OR`+reserved+`)`,
		[]any{n.id, chat.NameTTL.Seconds(), anyNode, skeletons, holders}, func(scan scanner) error {
			var lease chat.NameLease
			if err := scan(&lease.Skeleton, &lease.Holder, &lease.Key, &lease.Name, &lease.Kept); err != nil {
				return err
			}
			leases = append(leases, lease)
			return nil
		})
	if err != nil {
		return nil, fmt.Errorf("read the holders of names: %w", err)
	}
	return leases, nil
}

func columns(names []chat.NameLease) (skeletons, holders []string) {
	for _, name := range names {
		skeletons, holders = append(skeletons, name.Skeleton), append(holders, name.Holder)
	}
	return skeletons, holders
}

// Release implements chat.NameRegistry. Names that other nodes hold, or that are reserved
// because another node released them, stay unchanged.
func (n *Node) Release(ctx context.Context, names []chat.NameRelease) error {
	skeletons, seconds := make([]string, len(names)), make([]float64, len(names))
	for i, name := range names {
		skeletons[i], seconds[i] = name.Skeleton, name.Kept.Seconds()
	}
	_, err := n.names.ExecContext(ctx, `
		WITH locked AS (SELECT look FROM names WHERE look = ANY ($2) AND $1::text = ANY (nodes) ORDER BY look FOR UPDATE)
		UPDATE names SET nodes = array_remove(nodes, $1::text),
			kept_until = CASE WHEN released.seconds > 0 THEN now() + released.seconds * interval '1 second' END
		FROM locked JOIN unnest($2::text[], $3::float8[]) AS released (look, seconds) ON released.look = locked.look
		WHERE names.look = locked.look`, n.id, skeletons, seconds)
	if err == nil {
		_, err = n.names.ExecContext(ctx, `
			WITH nobodys AS (SELECT look FROM names WHERE look = ANY ($1) AND cardinality(nodes) = 0 AND NOT`+reserved+` ORDER BY look FOR UPDATE)
			DELETE FROM names USING nobodys WHERE names.look = nobodys.look`, skeletons)
	}
	if err != nil {
		return fmt.Errorf("release names: %w", err)
	}
	return nil
}

// purgeReservedNames deletes names whose reservation has ended, at most purgeLimit of
// them.
func (n *Node) purgeReservedNames(ctx context.Context) error {
	_, err := n.registry.ExecContext(ctx, fmt.Sprintf(`
		WITH nobodys AS (
			SELECT look FROM names WHERE kept_until < now() AND cardinality(nodes) = 0
			ORDER BY look LIMIT %d FOR UPDATE SKIP LOCKED)
		DELETE FROM names USING nobodys WHERE names.look = nobodys.look`, purgeLimit))
	if err != nil {
		return fmt.Errorf("delete names whose reservation has ended: %w", err)
	}
	return nil
}
