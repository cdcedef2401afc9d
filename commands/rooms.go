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

// roomsCommand groups the subcommands for rooms.
type roomsCommand struct {
	List   roomsList   `cmd:"" help:"Print one line per room: its messages, its size, when it was created, and from which network."`
	Rename roomsRename `cmd:"" help:"Give a room another address. Members stay in it, and links to the former address lead to the new one."`
	Remove roomsRemove `cmd:"" help:"Remove rooms with all their messages. Members are disconnected and reconnect to an empty room."`
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
		_, err := fmt.Fprintf(table, "%s\t%d\t%d\t%s\t%s\n", room.Address, room.Messages, room.Bytes, room.Created.Format(time.RFC3339), maker)
		return err
	})
	return errors.Join(err, table.Flush())
}

// roomsOf finds the rooms of the configured database.
func roomsOf(c config.Config) *chat.Directory {
	return chat.NewDirectory(store.RoomReader{Database: c.Database, Folder: c.Data})
}

type roomsRename struct {
	Old string `arg:"" help:"The room's name as in its URL, like night-watch."`
	New string `arg:"" help:"The new one. No other room may have, or have had, it."`
}

// Run works beside a running server.
func (r roomsRename) Run(c config.Config, std streams) error {
	var slugs [2]string
	for i, name := range []string{r.Old, r.New} {
		slug, err := chat.ParseRoom(name)
		if err != nil || name == "" {
			return fmt.Errorf("%q is not a room name: nothing was renamed", name)
		}
		slugs[i] = slug
	}
	err := chat.Rename(context.Background(), chat.Operator(), roomsOf(c), slugs[0], slugs[1], func(ctx context.Context, room, address string) error {
		return store.RenameRoom(ctx, c.Database, c.Data, room, address)
	})
	if err == nil {
		fmt.Fprintf(std.out, "renamed %s to %s\n", slugs[0], slugs[1])
	}
	return err
}

type roomsRemove struct {
	Rooms []string `arg:"" help:"Room names as in their URLs, like night-watch."`
	Yes   bool     `env:"-" help:"Confirm the removal. Without it, nothing is removed."`
}

// Run works beside a running server.
func (r roomsRemove) Run(c config.Config, std streams) error {
	var slugs []string
	for _, name := range r.Rooms {
		slug, err := chat.ParseRoom(name)
		if err != nil || name == "" {
			return fmt.Errorf("%q is not a room name: nothing was removed", name)
		}
		if !slices.Contains(slugs, slug) {
			slugs = append(slugs, slug)
		}
	}
	if !r.Yes {
		return fmt.Errorf("this removes %s with all messages and cannot be undone: add --yes to confirm", strings.Join(slugs, ", "))
	}
	messages, err := chat.Remove(context.Background(), chat.Operator(), roomsOf(c), slugs, func(ctx context.Context, rooms []string) (int64, error) {
		return store.RemoveRooms(ctx, c.Database, c.Data, rooms, spaceCheck(c, nil, c.Data))
	})
	if err != nil {
		return err
	}
	fmt.Fprintf(std.out, "removed %s, with %d messages\n", strings.Join(slugs, ", "), messages)
	if c.Database != "" {
		fmt.Fprintln(std.out, "Postgres keeps deleted rows in its files until you run VACUUM FULL messages, versions, and in its WAL archive and dumps")
		return nil
	}
	copies, err := store.Copies(c.Data, c.Backups())
	for _, path := range copies {
		fmt.Fprintf(std.out, "%s may still contain them\n", path)
	}
	return err
}
