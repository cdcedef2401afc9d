package commands

import (
	"context"
	"fmt"
	"strings"
	"text/tabwriter"
	"time"

	"chatserver/accounts"
	"chatserver/chat"
	"chatserver/config"
)

// settingsCommand groups the subcommands for the settings that change while the server runs.
type settingsCommand struct {
	List settingsList `cmd:"" default:"1" hidden:"" help:"Print all settings."`
	Get  settingsGet  `cmd:"" help:"Print the value of a setting."`
	Set  settingsSet  `cmd:"" help:"Change a setting."`
}

type settingsList struct{}

// Run works beside a running server.
func (settingsList) Run(c config.Config, std streams) error {
	return withAccounts(c, func(_ context.Context, a *accounts.Accounts) error {
		table := tabwriter.NewWriter(std.out, 0, 0, 2, ' ', 0)
		fmt.Fprint(table, "SETTING\tVALUE\tVALUES\n")
		for _, setting := range accounts.AllSettings {
			fmt.Fprintf(table, "%s\t%s\t%s\n", setting.Name, setting.Of(a.State().Settings), strings.Join(setting.Values, ", "))
		}
		return table.Flush()
	})
}

type settingsGet struct {
	Name string `arg:"" help:"Name of the setting."`
}

// Run works beside a running server. It prints the value and nothing else.
func (s settingsGet) Run(c config.Config, std streams) error {
	setting, err := accounts.FindSetting(s.Name)
	if err != nil {
		return err
	}
	return withAccounts(c, func(_ context.Context, a *accounts.Accounts) error {
		_, err := fmt.Fprintln(std.out, setting.Of(a.State().Settings))
		return err
	})
}

type settingsSet struct {
	Name  string `arg:"" help:"Name of the setting."`
	Value string `arg:"" help:"New value."`
}

// Run works beside a running server.
func (s settingsSet) Run(c config.Config, std streams) error {
	return withAccounts(c, func(ctx context.Context, a *accounts.Accounts) error {
		err := a.Set(ctx, chat.Operator(), s.Name, s.Value)
		if err == nil {
			fmt.Fprintf(std.out, "%s is %s now\n", s.Name, s.Value)
		}
		return err
	})
}

// inviteCommand makes an invitation.
type inviteCommand struct {
	Role    string        `env:"-" default:"member" help:"Role of the account: owner, admin or member."`
	Uses    int           `env:"-" default:"1" placeholder:"N" help:"How many accounts the link is for."`
	Expires time.Duration `env:"-" default:"168h" placeholder:"TIME" help:"How long the link is valid."`
}

// Run works beside a running server. It prints the link and nothing else.
func (i inviteCommand) Run(c config.Config, std streams) error {
	role, err := accounts.ParseRole(i.Role)
	if err != nil {
		return err
	}
	return withAccounts(c, func(ctx context.Context, a *accounts.Accounts) error {
		secret, err := a.Invite(ctx, chat.Operator(), role, i.Uses, i.Expires)
		if err == nil {
			fmt.Fprintf(std.out, "%s/sign-up/%s\n", strings.TrimRight(publicURL(c), "/"), string(secret))
		}
		return err
	})
}
