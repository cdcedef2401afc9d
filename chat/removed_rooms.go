package chat

import "context"

// Removals is the interface of a store from which another process may remove rooms.
type Removals interface {
	// Removals returns the number of rooms that were ever removed.
	Removals(ctx context.Context) (int64, error)
	// Purged returns the Page.Purged of those of the rooms that are stored, by slug.
	Purged(ctx context.Context, slugs []string) (map[string]int64, error)
}
