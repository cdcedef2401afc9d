// Package commands holds the program's subcommands, one file each. It puts the
// other packages together and holds no rules, routes or SQL.
package commands

import (
	"errors"
	"fmt"
	"io"

	"github.com/alecthomas/kong"

	"chatserver/config"
)

// The exit codes: a wrong setting is told from a server that failed.
const (
	exitFailed  = 1
	exitSetting = 2
)

type commands struct {
	config.Config `embed:""`

	Serve       serve          `cmd:"" default:"withargs" help:"Serve the chat (the default)."`
	Healthcheck healthcheck    `cmd:"" help:"Ask the running server whether it is well, for containers without a shell."`
	Doctor      doctorCommand  `cmd:"" help:"Look for what is wrong with the machine, the settings, the running server and the proxies in front of it, and say what to do."`
	Backup      backup         `cmd:"" help:"Copy the database into a file, also while the server runs."`
	Restore     restore        `cmd:"" help:"Put a backup in the place of the database. The server must be stopped."`
	Export      export         `cmd:"" help:"Print everything that was said in a room, also while the server runs."`
	Rooms       roomsCommand   `cmd:"" help:"List or remove rooms, also while the server runs."`
	Migrate     migrateStore   `cmd:"" name:"migrate-store" help:"Copy everything from one database into another, of SQLite or Postgres. The servers must be stopped."`
	Settings    configCommand  `cmd:"" name:"config" help:"Print the settings as they are now, and where each comes from."`
	Version     versionCommand `cmd:"" help:"Print the version."`
}

// streams are where a command prints: results to out, the log to err.
type streams struct{ out, err io.Writer }

// Main runs the subcommand that the arguments name and returns the exit code.
func Main(args, environ []string, out, errOut io.Writer) int {
	var all commands
	exited := -1
	parser, err := newParser(&all, kong.Writers(out, errOut), kong.Exit(func(code int) { exited = code }), kong.Resolvers(fileResolver(environ)))
	if err != nil {
		return fail(errOut, exitFailed, err)
	}
	command, err := parser.Parse(args)
	if exited >= 0 { // --help has printed
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

// newParser reads the arguments and the environment into all there is.
func newParser(all *commands, options ...kong.Option) (*kong.Kong, error) {
	return kong.New(all, append(options,
		kong.Name("chatserver"),
		kong.Description("A chat in one program. Every setting has a flag and an environment name of the same word: --listen is "+config.EnvPrefix+"_LISTEN."),
		kong.DefaultEnvars(config.EnvPrefix),
		kong.ConfigureHelp(kong.HelpOptions{Compact: true, WrapUpperBound: 100}))...)
}

// printErrors says everything that is wrong with the settings, a line each.
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

// settingNames are the names of all settings there are.
func settingNames(parser *kong.Kong) []string {
	var names []string
	for _, flag := range parser.Model.Flags {
		names = append(names, flag.Envs...)
	}
	return names
}
