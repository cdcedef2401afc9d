package chat

import "context"

// The use cases of the operator's command line, which works on the store beside a running
// server.

// Exporter passes all messages of a stored room to each, in order.
type Exporter func(ctx context.Context, room string, each func(Message) error) error

// Export passes all messages of a room to each, if the actor may export the room. The error
// is that of gate.open, the exporter's or that of each.
func Export(ctx context.Context, actor Actor, room string, export Exporter, each func(Message) error) error {
	allowed, err := gate{}.open(ctx, actor, room, toExport)
	if err != nil {
		return err
	}
	return export(ctx, allowed.slug, each)
}

// Remover removes stored rooms with all their messages, whose number it returns.
type Remover func(ctx context.Context, rooms []string) (messages int64, err error)

// Remove removes rooms with all their messages, if the actor may remove each of them;
// otherwise it removes none. The error is that of gate.open or the remover's.
func Remove(ctx context.Context, actor Actor, rooms []string, remove Remover) (messages int64, err error) {
	slugs := make([]string, len(rooms))
	for i, room := range rooms {
		allowed, err := gate{}.open(ctx, actor, room, toRemove)
		if err != nil {
			return 0, err
		}
		slugs[i] = allowed.slug
	}
	return remove(ctx, slugs)
}
