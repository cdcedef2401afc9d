package chat

import (
	"context"
	"fmt"
)

// Versions returns the earlier texts of a message with a number above since, oldest first, as
// many as fit a page: a message may have any number of them. more reports whether others
// follow. The error is that of openMessage or the store's.
func (c *Chat) Versions(ctx context.Context, conn *Connection, ref Ref, since int64) (page []Version, more bool, err error) {
	room, m, err := c.openMessage(ctx, conn, ref, toVersions)
	if err != nil || m.Versions == 0 {
		return nil, false, err
	}
	leave, err := c.pages.Enter(ctx, conn.Payer())
	if err != nil {
		return nil, false, err
	}
	defer leave()
	page, more, err = c.store.Versions(ctx, room.slug, m.Seq, since, conn.PageReader().Limit)
	if err != nil {
		return nil, false, fmt.Errorf("read the versions of message %d of %s: %w", m.Seq, room.slug, err)
	}
	return page, more, nil
}

// Purge requests that one earlier text of a message is removed for good. The outcome is
// ErrNoMessage if there is no such version. The error is that of openMessage or an *Invalid.
func (c *Chat) Purge(ctx context.Context, conn *Connection, ref Ref, version int) (Request, error) {
	if version < 1 {
		return Request{}, invalid("version", "The field version must be the number of an earlier text, 1 or more.")
	}
	room, m, err := c.openMessage(ctx, conn, ref, toPurge)
	if err != nil {
		return Request{}, err
	}
	moderator := room.scope == all
	return conn.request(toPurge, &m, 0, func(t Target) Change {
		return Purge{Target: t, Version: version, Moderator: moderator}
	}), nil
}
