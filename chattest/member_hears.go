package chattest

import (
	"context"
	"encoding/json"
	"fmt"
	"slices"
	"time"

	"github.com/coder/websocket"
)

// This file handles the events that members receive, by the rules of docs/protocol.md.

// hears handles one frame.
func (m *Member) hears(frame []byte) {
	defer m.wakeListener()
	m.mu.Lock()
	defer m.mu.Unlock()
	defer m.more.Broadcast()
	e, err := parseEvent(frame)
	if err != nil {
		m.wrongs = append(m.wrongs, err.Error())
		return
	}
	if m.remembers {
		m.heard = append(m.heard, e)
	}
	switch e.Event {
	case "welcome":
		m.onWelcome(e)
	case "error":
		m.onError(e)
	case "pong":
		m.onPong(e)
	case "ack":
		if e.Cmd == "" {
			m.acknowledged(e.ID, place{e.Room, e.Seq})
		}
		m.onChangeAnswered(e)
	default:
		m.onRoomEvent(e)
	}
}

// wakeListener wakes a waiter that depends on this member, so that it checks its
// condition again.
func (m *Member) wakeListener() {
	m.mu.Lock()
	listener := m.listener
	m.mu.Unlock()
	if listener != nil {
		listener.mu.Lock()
		listener.more.Broadcast()
		listener.mu.Unlock()
	}
}

// onWelcome joins all rooms, and sends unacknowledged messages again.
func (m *Member) onWelcome(e Event) {
	if m.welcomed {
		m.wrongs = append(m.wrongs, "a second welcome")
	}
	m.welcomed, m.epoch = true, e.Epoch
	for _, v := range m.views {
		if !v.left {
			m.command(v.ask())
		}
	}
	for _, d := range m.outbox {
		m.send(d)
	}
}

func (m *Member) onRoomEvent(e Event) {
	v := m.views[e.Room]
	if v == nil {
		if e.Room != "" {
			m.wrongs = append(m.wrongs, fmt.Sprintf("%s of the room %q, which was not joined", e.Event, e.Room))
		}
		return
	}
	again := false
	switch e.Event {
	case "room":
		again = v.onRoom(e, m.epoch)
		m.saysUnsaid(v)
		m.changesAgain()
	case "changes":
		again = v.onChanges(e)
	case "message":
		again = v.onMessage(e)
		e.Messages = []Message{e.Message}
	case "history":
		v.onHistory(e)
	case "presence":
		v.onPresence(e)
	}
	for _, message := range e.Messages {
		if slices.ContainsFunc(m.outbox, func(d draft) bool { return d.id == message.ID }) {
			m.acknowledged(message.ID, place{e.Room, message.Seq})
		}
	}
	if again {
		m.command(v.ask())
	}
	m.readBack(v)
}

// onPong detects lost events.
func (m *Member) onPong(e Event) {
	m.pongs++
	m.silent = 0
	for room, rev := range e.Revs {
		v := m.views[room]
		switch {
		case v == nil || v.left:
			m.wrongs = append(m.wrongs, "a pong with the room "+room+", which was not joined")
		case v.live && rev > v.last && len(v.asked) == 0:
			m.found++
			m.command(v.ask())
		}
	}
}

// onError retries what the error allows.
func (m *Member) onError(e Event) {
	if e.Code == "internal" {
		m.asksAgain(e)
	}
	m.onChangeAnswered(e)
	if e.ID == "" {
		return
	}
	if v := m.views[e.Room]; e.Code == "not_joined" && v != nil && len(v.asked) > 0 {
		v.unsaid = true // until the page arrives
		return
	}
	m.codes[e.ID] = e.Code
	switch e.Code {
	case "not_stored", "busy":
		m.sendsAgain(e.ID)
	case "slow_down":
		time.AfterFunc(time.Duration(e.After)*time.Second, func() {
			m.mu.Lock()
			defer m.mu.Unlock()
			m.sendsAgain(e.ID)
		})
	}
}

// sendsAgain sends a message that was refused temporarily again, with the same id.
func (m *Member) sendsAgain(id string) {
	for _, d := range m.outbox {
		if d.id == id && m.welcomed {
			m.send(d)
		}
	}
}

// asksAgain requests a page that the server could not read again.
func (m *Member) asksAgain(e Event) {
	v := m.views[e.Room]
	switch {
	case v == nil || v.left:
	case e.Cmd == "join" && len(v.asked) > 0:
		v.asked = v.asked[1:]
		m.command(v.ask())
	case e.Cmd == "history":
		v.reading = false
		m.readBack(v)
	}
}

// saysUnsaid sends the messages that were refused while the room could not be joined.
func (m *Member) saysUnsaid(v *view) {
	if !v.unsaid {
		return
	}
	v.unsaid = false
	for _, d := range m.outbox {
		if d.room == v.room {
			m.send(d)
		}
	}
}

// readBack reads further back in the history, if the member reads everything.
func (m *Member) readBack(v *view) {
	if m.readsBack && v.live && v.oldest > 1 && !v.reading {
		v.reading = true
		m.command(map[string]any{"cmd": "history", "room": v.room, "before": v.oldest})
	}
}

func (m *Member) acknowledged(id string, at place) {
	if before, was := m.acked[id]; was && before != at {
		m.wrongs = append(m.wrongs, fmt.Sprintf("%s was acknowledged with seq %d and with %d", id, before.seq, at.seq))
	}
	m.acked[id] = at
	m.outbox = slices.DeleteFunc(m.outbox, func(d draft) bool { return d.id == id })
}

func (m *Member) send(d draft) {
	command := map[string]any{"cmd": "send", "room": d.room, "id": d.id, "text": d.text}
	if d.thread > 0 {
		command["thread"], command["reply_to"] = d.thread, d.thread
	}
	m.command(command)
}

// command sends one. What cannot be sent is sent again after coming back.
func (m *Member) command(command map[string]any) {
	text, err := json.Marshal(command)
	if err != nil {
		panic(err) // texts and numbers can be encoded
	}
	m.write(m.conn, text)
}

func (m *Member) write(conn *websocket.Conn, text []byte) {
	ctx, cancel := context.WithTimeout(m.ctx, Patience)
	defer cancel()
	_ = conn.Write(ctx, websocket.MessageText, text) // the reader notices what is wrong
}
