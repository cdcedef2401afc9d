// Command bench measures a chatserver that it starts itself, on this machine
// only. A mode is a file and measures one thing:
//
//	go -C bench run . send
//
// The mode report runs those that have goals, and prints one table of them.
//
// Every mode checks what it counts: a message that was lost, doubled or out of
// order, or a connection that was cut off, voids the run, because the figures of
// a server that loses messages are worth nothing.
package main

import (
	"context"
	"fmt"
	"io"
	"os"
	"os/signal"
	"syscall"
	"time"

	"github.com/alecthomas/kong"
)

type modes struct {
	options `embed:""`

	Send        sendMode        `cmd:"" help:"Acknowledged messages a second, each sender waiting for its own message."`
	Latency     latencyMode     `cmd:"" help:"The time from sending to the acknowledgement, at a steady rate."`
	Catchup     catchupMode     `cmd:"" help:"A member who missed many messages comes back."`
	RoomsMemory roomsMemoryMode `cmd:"" help:"Memory of a server whose store has many rooms."`
	FirstLoad   firstLoadMode   `cmd:"" help:"How long a browser takes to load the page the first time over a slow network, beside another commit's server."`
	Rush        rushMode        `cmd:"" help:"Many people enter one room at once, and leave it."`
	Fanout      fanoutMode      `cmd:"" help:"One sends, many hear it: deliveries a second and what they cost, beside the bare kernel."`
	Rooms       roomsMode       `cmd:"" help:"Many small rooms at a steady rate: what a message costs that few hear, beside the bare kernel."`
	Echo        echoMode        `cmd:"" help:"Everybody is alone in a room and hears itself: messages a second and what they cost, beside the bare kernel."`
	Quiet       quietMode       `cmd:"" help:"The delays in a quiet room beside rooms that are driven as fast as they go."`
	Idle        idleMode        `cmd:"" help:"Memory and work of connections on which nothing is said."`
	Slow        slowMode        `cmd:"" help:"Some in a room read nothing: what the others notice, and what it costs."`
	Attack      attackMode      `cmd:"" help:"One address sends what costs most, on ten and on a hundred connections: how long others wait."`
	Churn       churnMode       `cmd:"" help:"Many come and are reset at once, again and again: work, and memory that stays."`
	Resume      resumeMode      `cmd:"" help:"All come back at once after a restart, and get what they missed."`
	Nodes       nodesMode       `cmd:"" help:"A fleet on this machine, one node on Postgres and one on SQLite: messages a second, how long until others hear, and what NATS carries."`
	Report      reportMode      `cmd:"" help:"All that the product is held to, one mode after the other, in one table beside the goals."`
}

// options are what all modes have.
type options struct {
	Rounds  int           `default:"3" help:"How often everything is measured. Medians are printed."`
	CSV     bool          `help:"Print comma-separated values instead of a table."`
	Server  string        `placeholder:"COMMAND" help:"Measure this server instead of the one in this folder. {listen} and {data} in it become an address and a folder."`
	Timeout time.Duration `default:"15m" help:"When to give up measuring. A report gives each mode as long."`

	ServerCores int  `default:"1" help:"Cores that servers have to themselves, the first ones; the loader has the others. 0 = nobody has any."`
	Peers       bool `help:"Measure the peers of bench/peers beside it, in the modes that compare: the guide's naive server, and a goroutine and a channel for each connection."`
	Unstored    bool `help:"Measure the same server without a store beside it, in the modes that compare: what the store costs is what is between them."`
}

func main() { os.Exit(run(os.Args[1:], os.Stdout, os.Stderr)) }

// run runs the mode that the arguments name and returns the exit code.
func run(args []string, out, errOut io.Writer) int {
	var all modes
	exited := -1
	parser := kong.Must(&all, kong.Name("bench"), kong.Writers(out, errOut),
		kong.Description("Measures a chatserver that it starts itself."),
		kong.Exit(func(code int) { exited = code }))
	mode, err := parser.Parse(args)
	if exited >= 0 { // --help has printed
		return exited
	}
	if err == nil {
		err = measure(mode, all.options, out, errOut)
	}
	if err != nil {
		fmt.Fprintln(errOut, "bench:", err)
		return 1
	}
	return 0
}

// measure runs a mode and prints its result. Ctrl+C stops it and what it started.
func measure(mode *kong.Context, o options, out, errOut io.Writer) error {
	ctx, stop := signal.NotifyContext(context.Background(), os.Interrupt, syscall.SIGTERM)
	defer stop()
	t := newTable(mode.Command())
	b := &bench{options: o, table: t, result: t, log: errOut}
	defer b.close()
	if err := b.open(ctx); err != nil {
		return err
	}
	mode.BindTo(ctx, (*context.Context)(nil))
	if err := mode.Run(b); err != nil {
		return err
	}
	return b.result.print(out, o.CSV)
}
