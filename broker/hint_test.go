package broker

import (
	"encoding/json"
	"reflect"
	"testing"
	"time"

	"chatserver/chat"
)

// changedMessages are messages to which everything has happened that can happen to one.
func changedMessages() []chat.Message {
	at := time.UnixMilli(1700000000123).UTC()
	bob := chat.UserRef{ID: "b0b", Name: "Bob"}
	m := chat.Message{
		Room: "lobby", Seq: 3, Rev: 9, ID: "0198c5a0-7f3e-7cc2-a1b2-3c4d5e6f7a8b", AuthorID: "a11", From: "Ann",
		Text: "two", At: at, HTML: "<p>two</p>", HTMLVersion: 1, Thread: 1, ReplyTo: 2,
		Quote: &chat.Quote{AuthorID: "b0b", From: "Bob", Text: "which?"},
		State: chat.State{
			EditedAt: at.Add(time.Second), TextRev: 5, Edits: 1, Versions: 1, Pinned: &chat.PinMark{By: bob, At: at},
			Reactions: []chat.Reaction{{Emoji: "👍", Users: []chat.UserRef{bob}}},
			Replies:   &chat.ThreadSummary{Count: 1, Last: at, Users: []chat.UserRef{bob}},
		},
	}
	return []chat.Message{m, {
		Room: "lobby", Seq: 3, Rev: 10, ID: m.ID, AuthorID: "a11", From: "Ann", At: at, Thread: 1,
		State: chat.State{Replies: m.Replies, Deleted: &chat.Deletion{By: bob, At: at, Reason: "spam"}},
	}}
}

// Other nodes get a changed message whole.
func TestAHintCarriesAllOfAChangedMessage(t *testing.T) {
	for _, m := range changedMessages() {
		var got wireHint
		if err := json.Unmarshal(encoded(t, m), &got); err != nil {
			t.Fatal(err)
		}
		if event := got.hint("lobby").Event; !reflect.DeepEqual(event, chat.Said{Message: m}) || !got.idempotent() {
			t.Errorf("%+v arrives as %+v", m, event)
		}
	}
}

// previousHint is what the version before changes knows of a hint.
type previousHint struct {
	Said     *json.RawMessage `json:"said"`
	Joined   *json.RawMessage `json:"joined"`
	Left     *json.RawMessage `json:"left"`
	Typing   string           `json:"typing"`
	Presence bool             `json:"presence"`
}

// A node of the version before sees no event in the hint of a changed message, and therefore
// reads the room from the store. A new message is the same to it as before.
func TestThePreviousVersionReadsAChangedMessageFromTheStore(t *testing.T) {
	for _, m := range changedMessages() {
		var has previousHint
		if err := json.Unmarshal(encoded(t, m), &has); err != nil || has != (previousHint{}) {
			t.Errorf("it sees %+v, %v", has, err)
		}
	}
	var has previousHint
	if err := json.Unmarshal(hintOf(t), &has); err != nil || has.Said == nil {
		t.Errorf("of a new message it sees %+v, %v", has, err)
	}
}

func encoded(t *testing.T, m chat.Message) []byte {
	t.Helper()
	wire, err := wireOf(chat.Hint{Room: m.Room, Epoch: "e", Event: chat.Said{Message: m}})
	if err != nil {
		t.Fatal(err)
	}
	data, err := json.Marshal(wire)
	if err != nil {
		t.Fatal(err)
	}
	return data
}
