package commands

import (
	"context"
	"fmt"
	"os/signal"
	"syscall"

	"chatserver/config"
	"chatserver/doctor"
)

// examination looks for what is wrong, and says what to do about it.
type examination struct {
	URL  string `arg:"" optional:"" help:"The address at which people open the chat, like https://chat.example; without it nothing is looked at from outside."`
	Slow bool   `env:"-" help:"Also read the whole database, and hold a connection for 75 seconds."`
}

// Run prints a line for each thing that was looked at, and below it what to do. It
// fails if anything is a problem.
func (e examination) Run(c config.Config, std streams) error {
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
		return fmt.Errorf("1 problem was found")
	case problems > 1:
		return fmt.Errorf("%d problems were found", problems)
	}
	return nil
}
