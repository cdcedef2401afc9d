package commands

import (
	"context"
	"errors"
	"fmt"
	"strings"
	"text/tabwriter"
	"time"

	"chatserver/accounts"
	"chatserver/chat"
	"chatserver/config"
)

// tokensCommand groups the subcommands for tokens.
type tokensCommand struct {
	Create tokensCreate `cmd:"" help:"Create a token and print it. It is shown only this once."`
	List   tokensList   `cmd:"" help:"Print one line per token, without the tokens themselves."`
	Revoke tokensRevoke `cmd:"" help:"Revoke a token: its connections close, and it opens no others."`
}

type tokensCreate struct {
	User    string        `required:"" env:"-" placeholder:"NAME" help:"Account that the token acts for."`
	Scopes  string        `required:"" env:"-" placeholder:"SCOPES" help:"What the token permits: read, write, manage, separated by commas."`
	Rooms   []string      `env:"-" placeholder:"ROOM" help:"Rooms that the token reaches, as in their URLs, separated by commas. Default: all."`
	Expires time.Duration `env:"-" placeholder:"TIME" help:"When the token expires, like 720h. Default: never."`
}

// Run works beside a running server. It prints the token and nothing else.
func (t tokensCreate) Run(c config.Config, std streams) error {
	scopes, err := chat.ParseScopes(t.Scopes)
	if err != nil {
		return err
	}
	var rooms []string
	for _, name := range t.Rooms {
		slug, err := chat.ParseRoom(name)
		if err != nil || name == "" {
			return fmt.Errorf("%q is not a room name: no token was created", name)
		}
		rooms = append(rooms, slug)
	}
	if t.Expires < 0 {
		return errors.New("--expires must be a time from now on, like 720h")
	}
	return withUser(c, t.User, func(ctx context.Context, a *accounts.Accounts, user accounts.User) error {
		token := accounts.Token{UserID: user.ID, Scopes: scopes, Rooms: rooms}
		if t.Expires > 0 {
			token.Expires = time.Now().Add(t.Expires).UTC().Truncate(time.Millisecond)
		}
		secret, err := a.CreateToken(ctx, chat.Operator(), token)
		if err == nil {
			fmt.Fprintln(std.out, string(secret))
		}
		return err
	})
}

type tokensList struct {
	User string `env:"-" placeholder:"NAME" help:"Only the tokens of this account."`
}

// Run works beside a running server.
func (t tokensList) Run(c config.Config, std streams) error {
	table := tabwriter.NewWriter(std.out, 0, 0, 2, ' ', 0)
	fmt.Fprint(table, "ID\tUSER\tSCOPES\tROOMS\tCREATED\tEXPIRES\tLAST USED\n")
	err := withAccounts(c, func(ctx context.Context, a *accounts.Accounts) error {
		id := ""
		if t.User != "" {
			user, err := a.Find(ctx, t.User)
			if err != nil {
				return fmt.Errorf("%s: %w", t.User, err)
			}
			id = user.ID
		}
		tokens, err := a.Tokens(ctx, chat.Operator(), id)
		for _, token := range tokens {
			rooms := "all"
			if token.Rooms != nil {
				rooms = strings.Join(token.Rooms, ",")
			}
			fmt.Fprintf(table, "%s\t%s\t%s\t%s\t%s\t%s\t%s\n", token.ID, token.User, token.Scopes, rooms, token.Created.Format(time.RFC3339), orDash(token.Expires), orDash(token.Used))
		}
		return err
	})
	return errors.Join(err, table.Flush())
}

// orDash returns a time, or a dash for the zero time.
func orDash(at time.Time) string {
	if at.IsZero() {
		return "-"
	}
	return at.Format(time.RFC3339)
}

type tokensRevoke struct {
	ID string `arg:"" name:"id" help:"ID of the token, as listed."`
}

// Run works beside a running server.
func (t tokensRevoke) Run(c config.Config, std streams) error {
	return withAccounts(c, func(ctx context.Context, a *accounts.Accounts) error {
		err := a.RevokeToken(ctx, chat.Operator(), t.ID, "")
		if err == nil {
			fmt.Fprintf(std.out, "revoked %s\n", t.ID)
		}
		return err
	})
}
