package commands

import (
	"context"
	"fmt"
	"os/signal"
	"syscall"

	"chatserver/config"
	"chatserver/doctor"
)

// doctorCommand is the subcommand doctor.
type doctorCommand struct {
	URL  string `arg:"" optional:"" help:"Public address of the chat, like https://chat.example. Without it, the checks from outside are skipped."`
	Slow bool   `env:"-" help:"Also read the whole database, and hold an idle connection for 75 seconds."`
}

// Run prints one line per finding, with its remedy below. It fails if there is a problem.
func (e doctorCommand) Run(c config.Config, std streams) error {
	ctx, stop := signal.NotifyContext(context.Background(), syscall.SIGINT, syscall.SIGTERM)
	defer stop()
	problems := 0
	d := &doctor.Doctor{Config: c, URL: e.URL, Slow: e.Slow}
	err := d.Run(ctx, func(f doctor.Finding) {
		if f.Kind == doctor.Problem {
			problems++
		}
		fmt.Fprintf(std.out, "%-8s %s: %s\n", f.Kind, f.Check, f.Message)
		if f.Remedy != "" {
			fmt.Fprintf(std.out, "         -> %s\n", f.Remedy)
		}
	})
	switch {
	case err != nil:
		return err
	case problems == 1:
		return fmt.Errorf("found 1 problem")
	case problems > 1:
		return fmt.Errorf("found %d problems", problems)
	}
	return nil
}
