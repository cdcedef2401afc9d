package commands

import (
	"bufio"
	"context"
	"errors"
	"fmt"
	"io"
	"os"
	"path/filepath"

	"chatserver/chat"
	"chatserver/config"
	"chatserver/handlers/pages"
	"chatserver/markdown"
	"chatserver/store"
)

// export writes all messages of a room.
type export struct {
	Room   string `arg:"" help:"Room name as in its URL, like night-watch."`
	Format string `env:"-" enum:"jsonl,html" default:"jsonl" help:"jsonl: one JSON object per line and message; html: one readable page."`
	Output string `env:"-" short:"o" help:"File to write. Default: standard output."`
}

// Run may be used while a server is running.
func (e export) Run(c config.Config, std streams) error {
	room, err := chat.ParseRoom(e.Room)
	if err != nil {
		return fmt.Errorf("%q is not a room name: %w", e.Room, err)
	}
	if e.Output == "" {
		return e.write(c, room, std.out)
	}
	// The file appears under its name only when it is complete.
	file, err := os.CreateTemp(filepath.Dir(e.Output), filepath.Base(e.Output)+".*.new")
	if err != nil {
		return err
	}
	err = errors.Join(e.write(c, room, file), file.Close())
	if err == nil {
		err = os.Rename(file.Name(), e.Output)
	}
	if err != nil {
		return errors.Join(err, os.Remove(file.Name()))
	}
	return nil
}

func (e export) write(c config.Config, room string, to io.Writer) error {
	out := bufio.NewWriter(to)
	add, end := lines(out), func() error { return nil }
	if e.Format == "html" {
		page, err := pages.NewExport(out, room)
		if err != nil {
			return err
		}
		add, end = page.Add, page.End
	}
	renderer := markdown.New()
	read := func(ctx context.Context, room string, each func(chat.Message) error) error {
		return store.Export(ctx, c.Database, c.Data, room, each)
	}
	err := chat.Export(context.Background(), chat.Operator(), roomsOf(c), room, read, func(m chat.Message) error {
		if m.Deleted != nil {
			return add(m)
		}
		if m.HTMLVersion != renderer.Version() {
			m.HTML = renderer.Render(m.Text)
		}
		if m.HTML == "" {
			m.HTML = chat.PlainHTML(m.Text)
		}
		return add(m)
	})
	if err == nil {
		err = end()
	}
	if err != nil {
		return err
	}
	return out.Flush()
}
