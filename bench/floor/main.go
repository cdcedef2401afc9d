// Command floor is the smallest program that fans a message out: it writes the bytes
// that one connection sends, unchanged, to all connections of its room. There is no
// handshake and no store, and a room is only a range of connections. So it costs what
// the kernel costs, and a chat's cost is given as a multiple of it.
//
// With --park it is the smallest program that holds connections: a goroutine waits for
// each, and nothing else happens.
//
// It prints its address. It ends with the first connection that ends, or on a signal.
package main

import (
	"context"
	"flag"
	"fmt"
	"io"
	"net"
	"os"
	"os/signal"
	"syscall"
)

// floor holds the flags.
type floor struct {
	listen      string
	connections int
	rooms       int
	merge       int
	park        bool
}

func main() {
	var f floor
	flag.StringVar(&f.listen, "listen", "127.0.0.1:0", "the address")
	flag.IntVar(&f.connections, "connections", 2, "how many connections come before the first message")
	flag.IntVar(&f.rooms, "rooms", 1, "how many rooms they fill, one after the other as they come")
	flag.IntVar(&f.merge, "merge", 1, "write up to so many messages at once, of those that have come")
	flag.BoolVar(&f.park, "park", false, "hold as many connections as come and write nothing")
	flag.Parse()
	ctx, stop := signal.NotifyContext(context.Background(), os.Interrupt, syscall.SIGTERM)
	defer stop()
	if err := f.run(ctx, os.Stdout); err != nil {
		fmt.Fprintln(os.Stderr, "floor:", err)
		os.Exit(1)
	}
}

// run runs the floor until its input or the context ends.
func (f floor) run(ctx context.Context, out io.Writer) error {
	listener, err := (&net.ListenConfig{}).Listen(ctx, "tcp", f.listen)
	if err != nil {
		return err
	}
	defer listener.Close()
	fmt.Fprintln(out, listener.Addr())
	ended := make(chan error, 1)
	go func() {
		if f.park {
			ended <- park(listener)
		} else {
			ended <- f.fanOut(listener)
		}
	}()
	select {
	case err := <-ended:
		return err
	case <-ctx.Done():
		return nil
	}
}

// park starts a goroutine for each connection that waits for its end.
func park(listener net.Listener) error {
	for {
		tcp, err := listener.Accept()
		if err != nil {
			return err
		}
		go func() {
			defer tcp.Close()
			var b [1]byte
			for {
				if _, err := tcp.Read(b[:]); err != nil {
					return
				}
			}
		}()
	}
}
