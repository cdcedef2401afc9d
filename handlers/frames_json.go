package handlers

import (
	"bytes"
	"encoding/json"
	"time"

	"chatserver/chat"
)

// jsonProtocol is the WebSocket subprotocol of the connections that speak JSON:
// one object a text frame. docs/protocol.md has all of it.
const jsonProtocol = "chat.v1"

// timeFormat is RFC 3339 in UTC, to the millisecond.
const timeFormat = "2006-01-02T15:04:05.000Z"

// jsonFrames speak chat.v1. What is sent is here, what is understood in
// commands_json.go.
type jsonFrames struct{}

var _ frames = jsonFrames{}

// The events of chat.v1, as they are sent.
type (
	jsonUser struct {
		Name string `json:"name"`
		Age  int    `json:"age,omitempty"`
	}
	jsonMessage struct {
		Room string `json:"room,omitempty"` // not in pages, which have it
		ID   string `json:"id"`
		Seq  int64  `json:"seq"`
		Rev  int64  `json:"rev"`
		From string `json:"from"`
		Text string `json:"text"`
		At   string `json:"at"`
	}
	jsonRoom struct {
		Room   string `json:"room"`
		Title  string `json:"title"`
		Rev    int64  `json:"rev"`
		Online int    `json:"online"`
	}
	jsonLimits struct {
		TextBytes int `json:"text_bytes"`
		Page      int `json:"page"`
		Rate      int `json:"rate"`
	}

	welcomeEvent struct {
		Event  string     `json:"event"`
		User   jsonUser   `json:"user"`
		Epoch  string     `json:"epoch"`
		Limits jsonLimits `json:"limits"`
	}
	roomEvent struct {
		Event    string        `json:"event"`
		Room     string        `json:"room"`
		Title    string        `json:"title"`
		Since    int64         `json:"since"`
		Rev      int64         `json:"rev"`
		Members  []jsonUser    `json:"members"`
		Online   int           `json:"online"`
		Messages []jsonMessage `json:"messages"`
		More     bool          `json:"more"`
		Reset    bool          `json:"reset,omitempty"`
	}
	changesEvent struct {
		Event    string        `json:"event"`
		Room     string        `json:"room"`
		Since    int64         `json:"since"`
		Rev      int64         `json:"rev"`
		Messages []jsonMessage `json:"messages"`
	}
	historyEvent struct {
		Event    string        `json:"event"`
		Room     string        `json:"room"`
		Before   int64         `json:"before"`
		Messages []jsonMessage `json:"messages"`
		More     bool          `json:"more"`
	}
	messageEvent struct {
		Event string `json:"event"`
		jsonMessage
	}
	ackEvent struct {
		Event string `json:"event"`
		Room  string `json:"room"`
		ID    string `json:"id"`
		Seq   int64  `json:"seq"`
		Rev   int64  `json:"rev"`
	}
	// changedMembersEvent changes a list of members, wholeMembersEvent replaces
	// it, countEvent only says how many there are: all three are "presence".
	changedMembersEvent struct {
		Event  string     `json:"event"`
		Room   string     `json:"room"`
		Joined []jsonUser `json:"joined"`
		Left   []jsonUser `json:"left"`
		Online int        `json:"online"`
	}
	wholeMembersEvent struct {
		Event   string     `json:"event"`
		Room    string     `json:"room"`
		Members []jsonUser `json:"members"`
		Online  int        `json:"online"`
	}
	countEvent struct {
		Event  string `json:"event"`
		Room   string `json:"room"`
		Online int    `json:"online"`
	}
	typingEvent struct {
		Event string `json:"event"`
		Room  string `json:"room"`
		From  string `json:"from"`
	}
	roomsEvent struct {
		Event string     `json:"event"`
		Rooms []jsonRoom `json:"rooms"`
		More  bool       `json:"more"`
	}
	pongEvent struct {
		Event string           `json:"event"`
		Revs  map[string]int64 `json:"revs"`
	}
	errorEvent struct {
		Event   string `json:"event"`
		Cmd     string `json:"cmd,omitempty"`
		Room    string `json:"room,omitempty"`
		ID      string `json:"id,omitempty"`
		Code    string `json:"code"`
		Message string `json:"message"`
	}
)

// Append implements chat.Frames.
func (jsonFrames) Append(dst []byte, event chat.Event) []byte {
	switch e := event.(type) {
	case chat.Said:
		m := jsonOf(e.Message)
		m.Room = e.Message.Room
		return appendJSON(dst, messageEvent{"message", m})
	case chat.Entered:
		return appendJSON(dst, roomEvent{
			"room", e.Room, e.Title, e.Page.Since, e.Page.Rev, usersOf(e.Members), e.Online,
			messagesOf(e.Page), e.Page.More, e.Reset,
		})
	case chat.Changed:
		return appendJSON(dst, changesEvent{"changes", e.Room, e.Page.Since, e.Page.Rev, messagesOf(e.Page)})
	case chat.Presence:
		return appendJSON(dst, presenceOf(e))
	case chat.Typing:
		return appendJSON(dst, typingEvent{"typing", e.Room, e.From})
	}
	return dst
}

func presenceOf(e chat.Presence) any {
	const event = "presence"
	switch {
	case e.Crowd:
		return countEvent{event, e.Room, e.Online}
	case e.Whole:
		return wholeMembersEvent{event, e.Room, usersOf(e.Members), e.Online}
	default:
		return changedMembersEvent{event, e.Room, usersOf(e.Joined), usersOf(e.Left), e.Online}
	}
}

func jsonOf(m chat.Message) jsonMessage {
	return jsonMessage{ID: m.ID, Seq: m.Seq, Rev: m.Rev, From: m.From, Text: m.Text, At: m.At.In(time.UTC).Format(timeFormat)}
}

// messagesOf and usersOf never return nil, which JSON would call null.
func messagesOf(page chat.Page) []jsonMessage {
	messages := make([]jsonMessage, len(page.Messages))
	for i, m := range page.Messages {
		messages[i] = jsonOf(m)
	}
	return messages
}

func usersOf(users []chat.User) []jsonUser {
	all := make([]jsonUser, len(users))
	for i, u := range users {
		all[i] = jsonUser{u.Name, u.Age}
	}
	return all
}

// appendJSON adds a text frame that holds a value.
func appendJSON(dst []byte, value any) []byte {
	var text bytes.Buffer
	encoder := json.NewEncoder(&text)
	encoder.SetEscapeHTML(false) // a page shows it as text; escapes would only make it longer
	if err := encoder.Encode(value); err != nil {
		panic(err) // every value of ours can be encoded
	}
	payload := bytes.TrimSuffix(text.Bytes(), []byte("\n"))
	return append(appendHeader(dst, opText, len(payload)), payload...)
}
