// Command bench measures a chatserver that it starts itself, on this machine only. A
// mode is a file and measures one thing:
//
//	go -C bench run . send
//
// The mode report runs those that have goals, and prints one table of them.
//
// Every mode checks what it counts: a lost, doubled or misordered message, or a broken
// connection, voids the run, because the speed of a server that loses messages is
// meaningless.
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

	Send        sendMode        `cmd:"" help:"Acknowledged messages per second; each sender waits for its own message."`
	Latency     latencyMode     `cmd:"" help:"Time from sending to acknowledgement, at a steady rate."`
	Catchup     catchupMode     `cmd:"" help:"A member who missed many messages reconnects."`
	RoomsMemory roomsMemoryMode `cmd:"" help:"Memory of a server whose store has many rooms."`
	FirstLoad   firstLoadMode   `cmd:"" help:"Time of a first page load over a slow network, compared with the server of another commit."`
	Rush        stormMode       `cmd:"" help:"Connection storm: many people join one room at once, and leave it."`
	Fanout      fanoutMode      `cmd:"" help:"One sender, many receivers: deliveries per second and their cost, compared with the floor."`
	Rooms       roomsMode       `cmd:"" help:"Many small rooms at a steady rate: the cost of a message with few receivers, compared with the floor."`
	Echo        echoMode        `cmd:"" help:"Rooms with one member each: messages per second and their cost, compared with the floor."`
	Quiet       quietMode       `cmd:"" help:"Delays in a quiet room while others run at full speed."`
	Idle        idleMode        `cmd:"" help:"Memory and CPU time of idle connections."`
	Slow        slowMode        `cmd:"" help:"Slow consumers: what they cost, and what the other members of the room notice."`
	Attack      attackMode      `cmd:"" help:"One address sends the most expensive messages, on ten and on a hundred connections: delays of other users."`
	Churn       churnMode       `cmd:"" help:"Many connections open and are reset at once, repeatedly: CPU time, and memory that remains."`
	Resume      resumeMode      `cmd:"" help:"All clients reconnect at once after a restart, and resume."`
	Nodes       nodesMode       `cmd:"" help:"A fleet on this machine, compared with one node on Postgres and one on SQLite: messages per second, delays, and NATS traffic."`
	Report      reportMode      `cmd:"" help:"All figures that have goals, one mode after the other, in one table."`
}

// options are the flags that all modes have.
type options struct {
	Rounds  int           `default:"3" help:"Number of rounds. Medians are printed."`
	CSV     bool          `help:"Print comma-separated values instead of a table."`
	Server  string        `placeholder:"COMMAND" help:"Measure this server instead of the one in this folder. {listen} and {data} are replaced by an address and a directory."`
	Timeout time.Duration `default:"15m" help:"Time limit of a measurement, in a report of each mode."`

	ServerCores int  `default:"1" help:"Cores reserved for servers, the first ones; the loader gets the others. 0 = no pinning."`
	Peers       bool `help:"Also measure the peers of bench/peers, in the modes that compare: the naive server of the guides, and one with a goroutine and a channel for each connection."`
	Unstored    bool `help:"Also measure the same server without a store, in the modes that compare: the difference is the cost of the store."`
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
	if exited >= 0 { // kong printed the help
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

// measure runs a mode and prints its result. Ctrl+C stops it and the programs that it
// started.
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
