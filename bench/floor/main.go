// Command floor is the least that a server must do to fan a message out: it
// writes the bytes that one connection sends, as they are, to all connections
// there are. There is no handshake, no room and no store, so what it costs is
// what the kernel costs, and a chat is measured in multiples of it.
//
// With --park it is the least that a server must do to hold connections: a
// goroutine waits for each, and that is all.
//
// It prints its address, and ends with the connection that came first or with a
// signal.
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

// floor is what the flags say.
type floor struct {
	listen      string
	connections int
	merge       int
	park        bool
}

func main() {
	var f floor
	flag.StringVar(&f.listen, "listen", "127.0.0.1:0", "the address")
	flag.IntVar(&f.connections, "connections", 2, "how many connections come before the first message")
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

// fanOut waits for all connections and then writes to all what the first sends.
func (f floor) fanOut(listener net.Listener) error {
	all := make([]line, 0, f.connections)
	for range f.connections {
		tcp, err := listener.Accept()
		if err != nil {
			return err
		}
		l, err := bare(tcp)
		if err != nil {
			return err
		}
		all = append(all, l)
	}
	in := input{from: all[0]}
	for {
		batch, err := in.next(f.merge)
		if err == io.EOF { //nolint:errorlint // nobody wraps it here
			return nil
		}
		if err != nil {
			return err
		}
		for _, l := range all {
			if err := l.write(batch); err != nil {
				return err
			}
		}
	}
}

// park lets a goroutine wait for each connection until it ends.
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
