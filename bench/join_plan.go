package main

import (
	"context"
	"fmt"

	"github.com/google/uuid"
)

// joinPlan describes how people join: a server, and a room or several rooms of one size.
type joinPlan struct {
	address   string
	room      string
	people    int  // in each room, whose number is appended to its name; 0 = all in one room
	plain     bool // plain text instead of chat.v1
	addresses int  // number of loopback addresses that they come from
}

// enter opens a connection, and returns when the room's page has arrived or, in plain
// text, the person's own joined line.
func (w joinPlan) enter(ctx context.Context, name, from string, options ...dialOption) (*connection, error) {
	if !w.plain {
		u, err := enter(ctx, w.address, name, from, options...)
		if err != nil {
			return nil, err
		}
		if _, err = u.join(w.room); err != nil {
			u.cut()
		}
		return u.connection, err
	}
	conn, err := dial(ctx, w.address, "/chat/"+name+"?room="+w.room, "", from, options...)
	if err != nil {
		return nil, err
	}
	for {
		line, err := conn.next()
		if err != nil {
			conn.cut()
			return nil, err
		}
		if string(line) == name+" connected to chat" {
			return conn, nil
		}
	}
}

// said returns the frame that sends a text.
func (w joinPlan) said(text string) []byte {
	if w.plain {
		return appendFrame(nil, opText, []byte(text))
	}
	return appendFrame(nil, opText, []byte(sendCommand(w.room, uuid.NewString(), text)))
}

// from returns the address of the person with a number, or an empty string.
func (w joinPlan) from(i int) string {
	if w.addresses == 0 {
		return ""
	}
	return fmt.Sprint("127.0.0.", 2+i%w.addresses)
}

// of returns the plan of the person with a number, who joins one room.
func (w joinPlan) of(i int) joinPlan {
	if w.people > 0 {
		w.room, w.people = w.roomOf(i/w.people), 0
	}
	return w
}

// roomOf returns the name of the room with a number.
func (w joinPlan) roomOf(number int) string {
	if w.people == 0 {
		return w.room
	}
	return fmt.Sprint(w.room, "-", number)
}

// atATime is the number of people who connect concurrently: enough to keep the server
// busy, and few enough that nobody has to retry.
const atATime = 64

// enterAll connects people, whose connections are then read together.
func (w joinPlan) enterAll(ctx context.Context, people int) (*receivers, error) {
	rs, err := newReceivers()
	if err != nil {
		return nil, err
	}
	for came := 0; came < people && err == nil; came = len(rs.all) {
		conns := make([]*connection, min(atATime, people-came))
		err = atOnce(len(conns), func(i int) (err error) {
			conns[i], err = w.of(came+i).enter(ctx, fmt.Sprint("p", came+i), w.from(came+i))
			return err
		})
		err = rs.takeOver(conns, err)
	}
	if err != nil {
		rs.cut()
		return nil, err
	}
	return rs, nil
}

// takeOver adds connections, or closes them if there was an error.
func (rs *receivers) takeOver(conns []*connection, err error) error {
	for _, conn := range conns {
		if conn == nil {
			continue
		}
		if err == nil {
			early, _ := conn.in.Peek(conn.in.Buffered()) // as many as are buffered
			_, err = rs.add(conn.tcp, early)
		}
		conn.cut()
	}
	if err != nil {
		return err
	}
	return rs.listen(0, func(int, int, int) {})
}
