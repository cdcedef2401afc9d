package main

import (
	"fmt"
	"net"
)

// person is a connection, the room it is in and what it began to say.
type person struct {
	room []line // all who are in it
	rest []byte // of a message that came in part
}

// fanOut waits for all connections, and then writes to all of a room what anyone
// in it sends. They fill the rooms one after the other as they come.
func (f floor) fanOut(listener net.Listener) error {
	if f.rooms < 1 || f.connections < f.rooms || f.connections%f.rooms > 0 {
		return fmt.Errorf("%d connections do not fill %d rooms evenly", f.connections, f.rooms)
	}
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
	people, size := make([]person, len(all)), f.connections/f.rooms
	for i := range people {
		first := i - i%size
		people[i].room = all[first : first+size]
	}
	return listen(all, func(from int, b []byte) error { return people[from].say(b, f.merge) })
}

// say writes what came to the room, up to so many messages at once.
func (p *person) say(b []byte, merge int) error {
	if len(p.rest) > 0 {
		p.rest = append(p.rest, b...)
		b = p.rest
	}
	for {
		batch := whole(b, merge)
		if batch == 0 {
			p.rest = append(p.rest[:0], b...)
			return nil
		}
		for _, l := range p.room {
			if err := l.write(b[:batch]); err != nil {
				return err
			}
		}
		b = b[batch:]
	}
}
