package commands

import (
	"context"
	"fmt"

	"chatserver/chat"
	"chatserver/config"
	"chatserver/store"
)

// messagesCommand groups the subcommands for messages.
type messagesCommand struct {
	Scrub messagesScrub `cmd:"" help:"Remove all traces of deleted messages from a database that an older version created. While it runs, nothing can be sent."`
	Move  messagesMove  `cmd:"" help:"Move messages to another room, with the replies of their threads. A stub stays, and permalinks lead to the new place."`
}

type messagesScrub struct{}

// Run works beside a running server.
func (messagesScrub) Run(c config.Config, std streams) error {
	if err := store.Scrub(context.Background(), c.Database, c.Data, spaceCheck(c, nil, c.Data)); err != nil {
		return err
	}
	fmt.Fprintln(std.out, "the database has no traces of deleted messages; older copies and backups may have")
	return nil
}

type messagesMove struct {
	From string  `arg:"" help:"The room that the messages are in, as in its URL."`
	Seqs []int64 `arg:"" help:"The numbers of the messages: the last part of their permalinks."`
	To   string  `required:"" env:"-" placeholder:"ROOM" help:"The room to move them to. It must exist."`
}

// Run works beside a running server. It prints the path of each message in the other room, and
// nothing else.
func (m messagesMove) Run(c config.Config, std streams) error {
	from, err := chat.ParseRoom(m.From)
	if err != nil {
		return err
	}
	to, err := chat.ParseRoom(m.To)
	if err != nil {
		return err
	}
	places, err := chat.MoveMessages(context.Background(), chat.Operator(), roomsOf(c), from, to, m.Seqs, func(ctx context.Context, move chat.Move) ([]int64, error) {
		return store.MoveMessages(ctx, c.Database, c.Data, move)
	})
	if err != nil {
		return fmt.Errorf("nothing was moved: %w", err)
	}
	for _, seq := range places {
		fmt.Fprintf(std.out, "/rooms/%s/%d\n", to, seq)
	}
	return nil
}
