package handlers_test

import (
	"context"
	"encoding/json"
	"fmt"
	"regexp"
	"strings"
	"testing"
	"time"

	"github.com/coder/websocket"
	"github.com/google/uuid"

	"chatserver/chattest"
	"chatserver/chatv1"
	"chatserver/config"
)

func newStory(t *testing.T, options ...chattest.Option) *story {
	return &story{t: t, world: chattest.NewWorld(t, options...), people: map[string]*websocket.Conn{}}
}

// next returns the next event.
func (s *story) next(name string) map[string]any {
	s.t.Helper()
	ctx, cancel := context.WithTimeout(context.Background(), chattest.Patience)
	defer cancel()
	_, text, err := s.people[name].Read(ctx)
	if err != nil {
		s.t.Fatalf("%s waits: %v", name, err)
	}
	var event map[string]any
	if err := json.Unmarshal(text, &event); err != nil {
		s.t.Fatalf("%s hears %s: %v", name, text, err)
	}
	return event
}

// hears returns the next event of a kind and skips others before it.
func (s *story) hears(name, kind string) map[string]any {
	s.t.Helper()
	for {
		if event := s.next(name); event["event"] == kind {
			return event
		}
	}
}

// enters opens a connection and joins the lobby.
func (s *story) enters(name string) map[string]any {
	s.t.Helper()
	s.play(name + " opens /chat/" + name)
	s.play(name + ` → {"cmd":"join","room":"lobby"}`)
	return s.hears(name, "room")
}

func sendOf(text string) string {
	command, err := json.Marshal(map[string]string{"cmd": "send", "room": "lobby", "id": uuid.NewString(), "text": text})
	if err != nil {
		panic(err)
	}
	return string(command)
}

func TestOnlySupportedSubprotocolsAreNegotiated(t *testing.T) {
	w := chattest.NewWorld(t)
	for offer, want := range map[string]string{"chat.v1": "chat.v1", "graphql-ws, chat.v1": "chat.v1", "chat.v2": "", "CHAT.V1": "", "chat.v1x, x": ""} {
		response, said := w.Handshake("/chat/Ann", "Host", w.Address(), "Connection", "Upgrade", "Upgrade", "websocket",
			"Sec-WebSocket-Version", "13", "Sec-WebSocket-Key", "dGhlIHNhbXBsZSBub25jZQ==", "Sec-WebSocket-Protocol", offer)
		switch {
		case want == "" && (response.StatusCode != 400 || !strings.Contains(said, "chat.v1")):
			t.Errorf("an offer of %q is answered with %d %q", offer, response.StatusCode, said)
		case want != "" && response.Header.Get("Sec-WebSocket-Protocol") != want:
			t.Errorf("an offer of %q is answered with %d and speaks %q", offer, response.StatusCode, response.Header.Get("Sec-WebSocket-Protocol"))
		}
	}
}

// The error for an invalid command is specific and repeats the fields that were understood.
// The connection stays open.
func TestAnInvalidCommandGetsAnErrorAndEndsNothing(t *testing.T) {
	s := newStory(t, chattest.With(func(c *config.Config) { c.MaxText = 100 }))
	s.enters("Ann")
	id := uuid.NewString()
	for command, want := range map[string]string{
		`{"cmd":"join"}`:                            `{"cmd":"join","code":"invalid"}`,
		`{"cmd":"join","room":"a b"}`:               `{"cmd":"join","room":"a b","code":"invalid"}`,
		`{"cmd":"join","room":7}`:                   `{"cmd":"join","code":"bad_command"}`,
		`{"cmd":"join","room":"x","since":-1}`:      `{"cmd":"join","room":"x","code":"invalid"}`,
		`{"cmd":"join","room":"x","since":"1"}`:     `{"cmd":"join","room":"x","code":"bad_command"}`,
		`{"cmd":"join","room":"x","since":1.5}`:     `{"cmd":"join","room":"x","code":"bad_command"}`,
		`{"cmd":"history","room":"lobby"}`:          `{"cmd":"history","room":"lobby","code":"invalid"}`,
		`{"cmd":"history","room":"x","before":9}`:   `{"cmd":"history","room":"x","code":"not_joined"}`,
		`{"cmd":"rooms","prefix":"ä"}`:              `{"cmd":"rooms","code":"invalid"}`,
		`{"cmd":"rooms","after":"a/b"}`:             `{"cmd":"rooms","code":"invalid"}`,
		`[]`:                                        `{"code":"bad_command"}`,
		`null`:                                      `{"code":"bad_command"}`,
		`{}`:                                        `{"code":"bad_command"}`,
		`{"cmd":"ping"}}`:                           `{"code":"bad_command"}`,
		`{"cmd":"Ping"}`:                            `{"cmd":"Ping","code":"unknown_command"}`,
		`{"cmd":"` + strings.Repeat("x", 65) + `"}`: `{"code":"unknown_command"}`,
		`{"cmd":"send","room":"lobby","id":"` + id + `","text":"a\u0000b"}`:                        `{"cmd":"send","room":"lobby","id":"` + id + `","code":"invalid"}`,
		`{"cmd":"send","room":"lobby","id":"` + id + `","text":"\u001b[2J"}`:                       `{"cmd":"send","room":"lobby","id":"` + id + `","code":"invalid"}`,
		`{"cmd":"send","room":"lobby","id":"` + id + `","text":"\u009b2J"}`:                        `{"cmd":"send","room":"lobby","id":"` + id + `","code":"invalid"}`,
		`{"cmd":"send","room":"lobby","text":"x"}`:                                                 `{"cmd":"send","room":"lobby","code":"invalid"}`,
		`{"cmd":"join","room":"x","since":1e` + strings.Repeat("9", 900) + `}`:                     `{"cmd":"join","room":"x","code":"bad_command"}`,
		`{"cmd":"send","room":"lobby","id":"` + id + `"}`:                                          `{"cmd":"send","room":"lobby","id":"` + id + `","code":"empty"}`,
		`{"cmd":"send","room":"x","id":"` + id + `","text":"x"}`:                                   `{"cmd":"send","room":"x","id":"` + id + `","code":"not_joined"}`,
		`{"cmd":"send","room":"lobby","id":"` + id + `","text":"` + strings.Repeat("é", 51) + `"}`: `{"cmd":"send","room":"lobby","id":"` + id + `","code":"too_long"}`,
	} {
		s.play("Ann → " + command)
		got := s.hears("Ann", "error")
		sentence, _ := got["message"].(string)
		delete(got, "message")
		delete(got, "event")
		text, err := json.Marshal(got)
		if err != nil || !matches(t, want, string(text)) || !strings.HasSuffix(sentence, ".") || len(sentence) > 200 {
			t.Errorf("%.80s is answered with %s %q instead of %s", command, text, sentence, want)
		}
	}
	s.play(`Ann → {"cmd":"leave","room":"nowhere"}`)
	s.play("Ann → " + sendOf(strings.Repeat("<", 100))) // escaped to six bytes each, exactly the limit
	if got := s.hears("Ann", "message"); got["seq"] != 1.0 {
		t.Errorf("her first message is %v", got)
	}
}

func TestAFrameTooBigForAnyCommandClosesTheConnection(t *testing.T) {
	s := newStory(t, chattest.With(func(c *config.Config) { c.MaxText = 100 }))
	s.enters("Ann")
	s.play("Ann → " + strings.Repeat("x", chatv1.MaxCommand(100)+1))
	ctx, cancel := context.WithTimeout(context.Background(), chattest.Patience)
	defer cancel()
	for {
		if _, _, err := s.people["Ann"].Read(ctx); err != nil {
			if code := websocket.CloseStatus(err); code != 1009 {
				t.Errorf("closed with %d", code)
			}
			return
		}
	}
}

func TestOneConnectionJoinsAHundredRooms(t *testing.T) {
	s := newStory(t)
	s.play("Ann opens /chat/Ann")
	for i := range 100 {
		s.play(fmt.Sprintf(`Ann → {"cmd":"join","room":"r%d"}`, i))
		s.hears("Ann", "room")
	}
	s.play(`Ann → {"cmd":"join","room":"one-more"}`)
	if got := s.hears("Ann", "error"); got["code"] != "too_many_rooms" || got["room"] != "one-more" {
		t.Errorf("she gets %v", got)
	}
	s.play(`Ann → {"cmd":"join","room":"r7","since":0}`) // she is already in it
	s.hears("Ann", "room")
	s.play(`Ann → {"cmd":"leave","room":"r7"}`)
	s.play(`Ann → {"cmd":"join","room":"one-more"}`)
	if got := s.hears("Ann", "room"); got["room"] != "one-more" {
		t.Errorf("she gets %v", got)
	}
}

// Clients of both framings are members of the same room.
func TestPlainTextAndJSONHearEachOther(t *testing.T) {
	s := newStory(t)
	bot := s.world.Connect("bot", "age=7")
	bot.Hears("bot with age 7 connected to chat")
	room, err := json.Marshal(s.enters("Ann")["members"])
	if err != nil || anyShortID(string(room)) != `[{"age":7,"id":"SHORT","name":"bot"},{"id":"SHORT","name":"Ann"}]` {
		t.Errorf("Ann finds %s, %v", room, err)
	}
	bot.Hears("Ann connected to chat")
	s.play("Ann → " + sendOf("from the page"))
	bot.Hears("Ann: from the page")
	bot.Says("from a terminal")
	s.hears("Ann", "message")
	if got := s.hears("Ann", "message"); got["from"] != "bot" || got["seq"] != 2.0 || got["rev"] != 2.0 || uuid.Validate(got["id"].(string)) != nil {
		t.Errorf("Ann hears %v", got)
	}
	s.world.Connect("other", "history=5").Hears("Ann: from the page", "bot: from a terminal", "other connected to chat")
	bot.Hears("bot: from a terminal", "other connected to chat")
	s.play(`Ann → {"cmd":"leave","room":"lobby"}`)
	bot.Hears("Ann left the chat")
	s.play(`Ann → {"cmd":"join","room":"lobby"}`)
	bot.Hears("Ann connected to chat")
}

// A leave takes effect after the client's earlier messages are stored, and their sender
// still receives them.
func TestALeavingMemberHearsTheirOwnLastMessages(t *testing.T) {
	s := newStory(t)
	s.enters("Ann")
	for i := range 40 {
		s.play("Ann → " + sendOf(fmt.Sprint(i)))
	}
	s.play(`Ann → {"cmd":"leave","room":"lobby"}`)
	for i := range 40 {
		if got := s.hears("Ann", "message"); got["text"] != fmt.Sprint(i) {
			t.Fatalf("she hears %v instead of %d", got["text"], i)
		}
	}
	s.play(`Ann → {"cmd":"ping"}`)
	s.play(`Ann ← {"event":"pong","revs":{}}`)
}

// Above the limit clients get only the number of members, and below it the whole list again.
func TestACrowdIsOnlyCounted(t *testing.T) {
	s := newStory(t, chattest.With(func(c *config.Config) { c.AnnounceLimit = 2 }))
	s.enters("Ann")
	if got := s.hears("Ann", "presence"); got["online"] != 1.0 {
		t.Errorf("Ann hears of herself: %v", got)
	}
	s.enters("Bob")
	if got := s.hears("Ann", "presence"); anyShortID(fmt.Sprint(got["joined"])) != "[map[id:SHORT name:Bob]]" {
		t.Errorf("Ann hears of Bob: %v", got)
	}
	if got := s.enters("Cid"); len(got["members"].([]any)) != 3 {
		t.Errorf("Cid finds %v", got["members"])
	}
	if got := s.hears("Ann", "presence"); got["online"] != 3.0 || len(got) != 3 {
		t.Errorf("Ann hears of a crowd: %v", got)
	}
	s.play(`Cid → {"cmd":"typing","room":"lobby"}`)
	s.play(`Cid → {"cmd":"leave","room":"lobby"}`)
	if got := s.next("Ann"); got["event"] != "presence" || anyShortID(fmt.Sprint(got["members"])) != "[map[id:SHORT name:Ann] map[id:SHORT name:Bob]]" || got["online"] != 2.0 {
		t.Errorf("Ann hears that it is no crowd any more: %v", got)
	}
}

// A client that is behind is not sent joins and leaves, but every message; when it has
// caught up, it gets the whole list.
func TestASlowMemberGetsTheWholeListInTheEnd(t *testing.T) {
	s := newStory(t)
	slow := s.world.Dial()
	_ = slow.SetReadBuffer(32 << 10)
	in := upgradeTo(t, s.world, slow, "/chat/Slow", "chat.v1")
	join := `{"cmd":"join","room":"lobby"}`
	if _, err := slow.Write(maskedText(join)); err != nil {
		t.Fatal(err)
	}
	for _, kind := range []string{"welcome", "room"} {
		if _, text := frame(t, in); !strings.Contains(text, `"event":"`+kind+`"`) {
			t.Fatalf("Slow hears %s", text)
		}
	}
	s.enters("Ann")
	const messages = 40
	for range messages { // with their HTML, more than the socket accepts and less than the queue holds
		s.play("Ann → " + sendOf("`"+strings.Repeat("x", 4000)+"`"))
		s.hears("Ann", "message")
	}
	s.enters("Bob")
	if got := s.hears("Ann", "presence"); got["online"] != 3.0 {
		got = s.hears("Ann", "presence")
		if got["online"] != 3.0 {
			t.Fatalf("Ann hears %v", got)
		}
	}
	heard := 0
	for {
		_, text := frame(t, in)
		switch {
		case strings.Contains(text, `"event":"message"`):
			heard++
		case strings.Contains(text, `"event":"presence"`) && strings.Contains(text, `"members"`):
			if heard != messages {
				t.Errorf("the whole list comes after %d messages of %d", heard, messages)
			}
			if !strings.Contains(anyShortID(text), `"members":[{"name":"Slow","id":"SHORT"},{"name":"Ann","id":"SHORT"},{"name":"Bob","id":"SHORT"}],"online":3`) {
				t.Errorf("the whole list is %s", text)
			}
			return
		case strings.Contains(text, `"Bob"`):
			t.Errorf("Slow was behind and hears %s", text)
		}
	}
}

// A client that requests many pages gets them as fast as it reads them, and is not closed
// for having requested them.
func TestManyRequestedPagesAreAllSent(t *testing.T) {
	s := newStory(t)
	s.enters("Ann")
	for range 16 {
		s.play("Ann → " + sendOf(strings.Repeat("x", 8000)))
		s.hears("Ann", "message")
	}
	slow := s.world.Dial()
	_ = slow.SetReadBuffer(32 << 10)
	in := upgradeTo(t, s.world, slow, "/chat/Slow", "chat.v1")
	commands := maskedText(`{"cmd":"join","room":"lobby"}`)
	const pages = 30 // of 24 kB: several times the size of her queue
	for range pages {
		commands = append(commands, maskedText(`{"cmd":"history","room":"lobby","before":9}`)...)
	}
	if _, err := slow.Write(commands); err != nil {
		t.Fatal(err)
	}
	for got := 0; got < pages; {
		opcode, text := frame(t, in)
		if opcode != 1 {
			t.Fatalf("after %d pages she is closed: %q", got, text)
		}
		if strings.Contains(text, `"event":"history"`) {
			got++
		}
	}
}

// A client over the rate is throttled, and is not mistaken for a dead one, although its
// pongs lie unread behind the messages that wait.
func TestAThrottledConnectionIsNotTakenForDead(t *testing.T) {
	const lines = 600
	w := chattest.NewWorld(t, chattest.PingEvery(500*time.Millisecond), chattest.With(func(c *config.Config) { c.Rate = 100 }))
	fast := w.Dial()
	in := upgrade(t, w, fast, "/chat/Fast")
	var all []byte
	for i := range lines {
		all = append(all, maskedText(fmt.Sprint(i))...)
	}
	if _, err := fast.Write(all); err != nil {
		t.Fatal(err)
	}
	for i := 0; i < lines; {
		opcode, text := frame(t, in)
		switch {
		case opcode == 8:
			t.Fatalf("after %d lines closed: %q", i, text)
		case text == fmt.Sprintf("Fast: %d", i):
			i++
		case opcode == 1 && text != "Fast connected to chat":
			t.Fatalf("hears %q instead of %d", text, i)
		}
	}
}

// aShortID is the short id of a user. It differs from server to server.
var aShortID = regexp.MustCompile(`\b[0-9a-f]{16}\b`)

func anyShortID(text string) string { return aShortID.ReplaceAllString(text, "SHORT") }
