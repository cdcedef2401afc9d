package main

import (
	"fmt"
	"net"
)

// person is a connection, its room, and the start of an incomplete message.
type person struct {
	room []line // all its members
	rest []byte // the received part of a message
}

// fanOut accepts all connections, and then writes what each sends to all connections of
// its room. Rooms are filled one after the other, in the order of arrival.
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

// say writes received messages to the room, up to the given number at once.
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
