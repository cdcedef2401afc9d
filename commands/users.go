package commands

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"io"
	"os"
	"text/tabwriter"
	"time"

	"chatserver/accounts"
	"chatserver/chat"
	"chatserver/config"
	"chatserver/store"
)

// usersCommand groups the subcommands for accounts.
type usersCommand struct {
	Add      usersAdd      `cmd:"" help:"Create an account."`
	List     usersList     `cmd:"" help:"Print one line per account."`
	Passwd   usersPasswd   `cmd:"" help:"Set an account's password. This ends all its sessions."`
	Role     usersRole     `cmd:"" help:"Give an account another role."`
	Disable  usersDisable  `cmd:"" help:"Disable an account: its sessions end, and it can no longer sign in."`
	Enable   usersEnable   `cmd:"" help:"Enable a disabled account."`
	Sessions usersSessions `cmd:"" help:"Print an account's sessions, or end some of them."`
}

// withAccounts opens the accounts of the settings' database, also beside a running server, which
// notices changes within a second.
func withAccounts(c config.Config, f func(ctx context.Context, a *accounts.Accounts) error) (err error) {
	ctx := context.Background()
	db, err := store.OpenAccounts(ctx, c.Database, c.Data)
	if err != nil {
		return err
	}
	defer func() { err = errors.Join(err, db.Close()) }()
	a := accounts.New(db, accounts.Options{})
	if _, err := a.Refresh(ctx); err != nil {
		return err
	}
	return f(ctx, a)
}

// withUser is withAccounts for one account.
func withUser(c config.Config, name string, f func(ctx context.Context, a *accounts.Accounts, user accounts.User) error) error {
	return withAccounts(c, func(ctx context.Context, a *accounts.Accounts) error {
		user, err := a.Find(ctx, name)
		if err != nil {
			return fmt.Errorf("%s: %w", name, err)
		}
		return f(ctx, a, user)
	})
}

// passwordFile reads a password.
type passwordFile struct {
	PasswordFile string `env:"-" placeholder:"FILE" help:"File with the password, or - for standard input. One line break at its end is not part of it."`
}

func (p passwordFile) read() (string, error) {
	if p.PasswordFile == "" {
		return "", nil
	}
	from := io.Reader(os.Stdin)
	if p.PasswordFile != "-" {
		file, err := os.Open(p.PasswordFile)
		if err != nil {
			return "", fmt.Errorf("read the password: %w", err)
		}
		defer file.Close()
		from = file
	}
	password, err := io.ReadAll(io.LimitReader(from, accounts.MaxPassword+2))
	if err != nil {
		return "", fmt.Errorf("read the password: %w", err)
	}
	password = bytes.TrimSuffix(bytes.TrimSuffix(password, []byte("\n")), []byte("\r"))
	if len(password) == 0 {
		return "", errors.New("the password file is empty")
	}
	return string(password), nil
}

type usersAdd struct {
	Name string `arg:"" help:"Name of the account."`
	Role string `env:"-" default:"member" help:"owner, admin, member or bot."`
	passwordFile
}

// Run works beside a running server.
func (u usersAdd) Run(c config.Config, std streams) error {
	role, err := accounts.ParseRole(u.Role)
	if err != nil {
		return err
	}
	password, err := u.read()
	if err != nil {
		return err
	}
	return withAccounts(c, func(ctx context.Context, a *accounts.Accounts) error {
		user, err := a.Add(ctx, chat.Operator(), u.Name, role, password)
		if err == nil {
			fmt.Fprintf(std.out, "created the %s %s\n", user.Role, user.Name)
		}
		return err
	})
}

type usersList struct{}

// Run works beside a running server.
func (usersList) Run(c config.Config, std streams) error {
	table := tabwriter.NewWriter(std.out, 0, 0, 2, ' ', 0)
	fmt.Fprint(table, "NAME\tROLE\tCREATED\tSTATE\tID\n")
	err := withAccounts(c, func(ctx context.Context, a *accounts.Accounts) error {
		return a.EachUser(ctx, func(user accounts.User) error {
			state := "enabled"
			if !user.Disabled.IsZero() {
				state = "disabled"
			}
			_, err := fmt.Fprintf(table, "%s\t%s\t%s\t%s\t%s\n", user.Name, user.Role, user.Created.Format(time.RFC3339), state, user.ID)
			return err
		})
	})
	return errors.Join(err, table.Flush())
}

type usersPasswd struct {
	Name string `arg:"" help:"Name of the account."`
	passwordFile
}

// Run works beside a running server.
func (u usersPasswd) Run(c config.Config, std streams) error {
	if u.PasswordFile == "" {
		return errors.New("name a file with the new password: --password-file FILE, or - for standard input")
	}
	password, err := u.read()
	if err != nil {
		return err
	}
	return withUser(c, u.Name, func(ctx context.Context, a *accounts.Accounts, user accounts.User) error {
		err := a.ResetPassword(ctx, chat.Operator(), user.ID, password)
		if err == nil {
			fmt.Fprintf(std.out, "set the password of %s and ended all sessions\n", user.Name)
		}
		return err
	})
}

type usersRole struct {
	Name string `arg:"" help:"Name of the account."`
	Role string `arg:"" help:"owner, admin or member."`
}

// Run works beside a running server.
func (u usersRole) Run(c config.Config, std streams) error {
	role, err := accounts.ParseRole(u.Role)
	if err != nil {
		return err
	}
	return withUser(c, u.Name, func(ctx context.Context, a *accounts.Accounts, user accounts.User) error {
		err := a.SetRole(ctx, chat.Operator(), user.ID, role)
		if err == nil {
			fmt.Fprintf(std.out, "%s is %s now\n", user.Name, role)
		}
		return err
	})
}

type usersDisable struct {
	Name string `arg:"" help:"Name of the account."`
}

// Run works beside a running server.
func (u usersDisable) Run(c config.Config, std streams) error {
	return setDisabled(c, std, u.Name, true)
}

type usersEnable struct {
	Name string `arg:"" help:"Name of the account."`
}

// Run works beside a running server.
func (u usersEnable) Run(c config.Config, std streams) error {
	return setDisabled(c, std, u.Name, false)
}

func setDisabled(c config.Config, std streams, name string, disabled bool) error {
	return withUser(c, name, func(ctx context.Context, a *accounts.Accounts, user accounts.User) error {
		err := a.SetDisabled(ctx, chat.Operator(), user.ID, disabled)
		if err == nil {
			fmt.Fprintf(std.out, "%s %s\n", map[bool]string{true: "disabled", false: "enabled"}[disabled], user.Name)
		}
		return err
	})
}

type usersSessions struct {
	Name   string `arg:"" help:"Name of the account."`
	End    string `env:"-" placeholder:"ID" help:"End this session."`
	EndAll bool   `env:"-" help:"End all sessions of the account."`
}

// Run works beside a running server.
func (u usersSessions) Run(c config.Config, std streams) error {
	return withUser(c, u.Name, func(ctx context.Context, a *accounts.Accounts, user accounts.User) error {
		if u.End != "" || u.EndAll {
			ended, err := a.EndSessions(ctx, chat.Operator(), accounts.SessionFilter{User: user.ID, Only: u.End})
			if err == nil && ended == 0 && u.End != "" {
				err = fmt.Errorf("%s has no session %s", user.Name, u.End)
			}
			if err == nil {
				fmt.Fprintf(std.out, "ended %d sessions of %s\n", ended, user.Name)
			}
			return err
		}
		sessions, err := a.Sessions(ctx, chat.Operator(), user.ID)
		table := tabwriter.NewWriter(std.out, 0, 0, 2, ' ', 0)
		fmt.Fprint(table, "ID\tDEVICE\tADDRESS\tCREATED\tLAST SEEN\n")
		for _, s := range sessions {
			fmt.Fprintf(table, "%s\t%s\t%s\t%s\t%s\n", s.ID, s.Device, s.Address, s.Created.Format(time.RFC3339), s.Seen.Format(time.RFC3339))
		}
		return errors.Join(err, table.Flush())
	})
}
