package commands

import (
	"context"
	"errors"
	"fmt"
	"slices"
	"strings"
	"text/tabwriter"
	"time"

	"chatserver/chat"
	"chatserver/config"
	"chatserver/store"
)

// roomsCommand is for rooms that an operator looks at.
type roomsCommand struct {
	List   roomsList   `cmd:"" help:"Print a line for each room: its messages, its size, when it was made, and from which network."`
	Remove roomsRemove `cmd:"" help:"Remove rooms with all their messages. Whoever is in one is disconnected and comes back to an empty room."`
}

type roomsList struct{}

// Run works beside a running server.
func (roomsList) Run(c config.Config, std streams) error {
	table := tabwriter.NewWriter(std.out, 0, 0, 2, ' ', 0)
	fmt.Fprint(table, "ROOM\tMESSAGES\tBYTES\tMADE\tBY\n")
	err := store.ListRooms(context.Background(), c.Database, c.Data, func(room store.StoredRoom) error {
		maker := room.Creator
		if maker == "" {
			maker = "-"
		}
		_, err := fmt.Fprintf(table, "%s\t%d\t%d\t%s\t%s\n", room.Slug, room.Messages, room.Bytes, room.Created.Format(time.RFC3339), maker)
		return err
	})
	return errors.Join(err, table.Flush())
}

type roomsRemove struct {
	Rooms []string `arg:"" help:"The rooms, as in their addresses, like night-watch."`
	Yes   bool     `env:"-" help:"Remove them; without it nothing is removed."`
}

// Run works beside a running server.
func (r roomsRemove) Run(c config.Config, std streams) error {
	var slugs []string
	for _, name := range r.Rooms {
		slug, err := chat.ParseRoom(name)
		if err != nil || name == "" {
			return fmt.Errorf("%q is not the name of a room: nothing was removed", name)
		}
		if !slices.Contains(slugs, slug) {
			slugs = append(slugs, slug)
		}
	}
	if !r.Yes {
		return fmt.Errorf("this removes %s with all messages, and cannot be undone: add --yes to do it", strings.Join(slugs, ", "))
	}
	messages, err := store.RemoveRooms(context.Background(), c.Database, c.Data, slugs, spaceCheck(c, nil, c.Data))
	if err != nil {
		return err
	}
	fmt.Fprintf(std.out, "removed %s, with %d messages\n", strings.Join(slugs, ", "), messages)
	if c.Database != "" {
		fmt.Fprintln(std.out, "Postgres keeps deleted rows in its files until VACUUM FULL messages, and in its log archive and dumps")
		return nil
	}
	copies, err := store.Copies(c.Data, c.Backups())
	for _, path := range copies {
		fmt.Fprintf(std.out, "%s may still hold them\n", path)
	}
	return err
}
