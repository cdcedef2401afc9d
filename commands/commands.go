// Package commands has the program's subcommands, one file each. It connects the other
// packages and has no rules, routes or SQL.
package commands

import (
	"errors"
	"fmt"
	"io"

	"github.com/alecthomas/kong"

	"chatserver/config"
)

// The exit codes distinguish an invalid setting from a failure.
const (
	exitFailed  = 1
	exitSetting = 2
)

type commands struct {
	config.Config `embed:""`

	Serve       serve           `cmd:"" default:"withargs" help:"Run the server (default)."`
	Healthcheck healthcheck     `cmd:"" help:"Check that the running server is healthy, for containers without a shell."`
	Doctor      doctorCommand   `cmd:"" help:"Check the machine, the settings, the running server and the proxies in front of it, and suggest remedies."`
	Backup      backup          `cmd:"" help:"Copy the database to a file, even while the server is running."`
	Restore     restore         `cmd:"" help:"Replace the database with a backup. Stop the server first."`
	Export      export          `cmd:"" help:"Print all messages of a room, even while the server is running."`
	Rooms       roomsCommand    `cmd:"" help:"List, rename or remove rooms, even while the server is running."`
	User        usersCommand    `cmd:"" help:"Create and manage accounts, even while the server is running."`
	Token       tokensCommand   `cmd:"" help:"Create, list and revoke tokens for programs, even while the server is running."`
	Invite      inviteCommand   `cmd:"" help:"Print a link with which somebody creates an account, even while the server is running."`
	Policy      settingsCommand `cmd:"" name:"settings" help:"Print or change the settings that apply at once: who may enter, and who may sign up."`
	Messages    messagesCommand `cmd:"" help:"Move messages to another room, or scrub what is left of deleted ones, even while the server is running."`
	Migrate     migrateStore    `cmd:"" name:"migrate-store" help:"Copy everything from one SQLite or Postgres database to another. Stop the servers first."`
	Settings    configCommand   `cmd:"" name:"config" help:"Print the effective configuration and the source of each setting."`
	Version     versionCommand  `cmd:"" help:"Print the version."`
}

// streams are the outputs of a command: results go to out, the log to err.
type streams struct{ out, err io.Writer }

// Main runs the subcommand in args and returns the exit code.
func Main(args, environ []string, out, errOut io.Writer) int {
	var all commands
	exited := -1
	parser, err := newParser(&all, kong.Writers(out, errOut), kong.Exit(func(code int) { exited = code }), kong.Resolvers(fileResolver(environ)))
	if err != nil {
		return fail(errOut, exitFailed, err)
	}
	command, err := parser.Parse(args)
	if exited >= 0 { // --help has been printed
		return exited
	}
	if wrong := config.CheckEnvironment(environ, settingNames(parser)); wrong != nil {
		err = errors.Join(err, wrong)
	}
	if err != nil {
		return printErrors(errOut, err)
	}
	if err := command.Run(all.Config, streams{out, errOut}); err != nil {
		return fail(errOut, exitFailed, err)
	}
	return 0
}

// newParser returns a parser that fills all from the arguments and the environment.
func newParser(all *commands, options ...kong.Option) (*kong.Kong, error) {
	return kong.New(all, append(options,
		kong.Name("chatserver"),
		kong.Description("Self-hosted chat server. Every flag can also be set as an environment variable: --listen is "+config.EnvPrefix+"_LISTEN."),
		kong.DefaultEnvars(config.EnvPrefix),
		kong.ConfigureHelp(kong.HelpOptions{Compact: true, WrapUpperBound: 100}))...)
}

// printErrors prints all errors in the settings, one line each.
func printErrors(errOut io.Writer, err error) int {
	var both interface{ Unwrap() []error }
	var mistakes config.Mistakes
	switch {
	case errors.As(err, &mistakes) && !errors.As(err, &both):
		for _, mistake := range mistakes {
			fail(errOut, exitSetting, mistake)
		}
	case errors.As(err, &both):
		for _, part := range both.Unwrap() {
			printErrors(errOut, part)
		}
	default:
		fail(errOut, exitSetting, err)
	}
	return exitSetting
}

func fail(errOut io.Writer, code int, err error) int {
	var parse *kong.ParseError
	if errors.As(err, &parse) {
		err = fmt.Errorf("%w (see chatserver --help)", err)
	}
	fmt.Fprintf(errOut, "chatserver: %v\n", err)
	return code
}

// settingNames returns the names of all environment variables.
func settingNames(parser *kong.Kong) []string {
	var names []string
	for _, flag := range parser.Model.Flags {
		names = append(names, flag.Envs...)
	}
	return names
}
