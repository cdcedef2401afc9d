package handlers_test

import (
	"crypto/sha256"
	"encoding/hex"
	"reflect"
	"regexp"
	"strings"
	"testing"

	"github.com/google/uuid"

	"chatserver/chattest"
)

// Nobody can compute a short id from a key: it is not part of the hash of name and key, it
// differs between two servers, and it has 64 bits.
func TestNobodyCanChooseTheirShortID(t *testing.T) {
	one, other := chattest.NewWorld(t), chattest.NewWorld(t)
	ids := map[string]bool{}
	for _, w := range []*chattest.World{one, other} {
		ann := w.Join("Ann", "lobby", chattest.WithKey(annsKey))
		id := ann.HearsEvent("welcome").User.ID
		if !regexp.MustCompile(`^[0-9a-f]{16}$`).MatchString(id) {
			t.Errorf("Ann's short id is %q, not 16 digits", id)
		}
		sum := sha256.Sum256([]byte("guest/ann/" + annsKey))
		if hash := hex.EncodeToString(sum[:]); strings.HasPrefix(hash, id[:4]) || strings.Contains(hash, id) {
			t.Errorf("the short id %s is part of the hash %s, which anybody can compute", id, hash)
		}
		ids[id] = true
	}
	if len(ids) != 2 {
		t.Error("a key has the same short id on two servers, so whoever runs a server can search for it")
	}
}

// A user's short id is the same in the list of members, in messages, and after a restart.
// The same name with another key has a different one.
func TestAShortIDStaysTheSame(t *testing.T) {
	w := chattest.NewWorld(t)
	ann := w.Join("Ann", "lobby", chattest.WithKey(annsKey))
	id := ann.HearsEvent("welcome").User.ID
	ann.SaysUntilAcknowledged("lobby", uuid.NewString(), "hello")
	ann.Disconnects()
	if eve := w.Join("Ann", "lobby", chattest.WithKey(evesKey)); eve.HearsEvent("welcome").User.ID == id {
		t.Error("another key has Ann's short id")
	} else {
		eve.Disconnects()
	}
	w.Stop()
	w.Start()
	ann = w.Join("Ann", "lobby", chattest.WithKey(annsKey))
	if again := ann.HearsEvent("welcome").User.ID; again != id {
		t.Errorf("after a restart Ann's short id is %s, not %s", again, id)
	}
	if page := ann.HearsEvent("room"); len(page.Messages) != 1 || page.Messages[0].Author != id {
		t.Errorf("Ann's message is %+v, and her short id is %s", page.Messages, id)
	}
}

// Messages that an earlier version stored under another id of the same name and key get the
// present id when their author returns: a member hears each of them once with the next rev, has
// then what a fresh page has, and sees one author. The author can send and edit them again.
// They belong to nobody else.
func TestMessagesStoredUnderAFormerIDBelongToTheirAuthor(t *testing.T) {
	for name, formerKey := range map[string]string{"Ὀδυσσεύς": "ὀδυσσεύς", "Strauß": "strauß", "İpek": "i\u0307pek"} {
		t.Run(name, func(t *testing.T) {
			w := chattest.NewWorld(t)
			message := uuid.NewString()
			author := w.Join(name, "lobby", chattest.WithKey(annsKey))
			seq, _ := author.SaysUntilAcknowledged("lobby", message, "hello")
			author.Disconnects()
			w.Stop()
			sum := sha256.Sum256([]byte("guest/" + formerKey + "/" + annsKey))
			w.ChangesAuthor(message, hex.EncodeToString(sum[:16]))
			w.Start()

			eve := w.Join(name, "lobby", chattest.WithKey(evesKey))
			other := eve.HearsEvent("room").Messages[0].Author
			if _, code := eve.SaysUntilAcknowledged("lobby", message, "hello"); code != "id_conflict" {
				t.Errorf("a user with another key sends it again and gets %q", code)
			}
			eve.Disconnects()
			bob := w.Join("Bob", "lobby")
			bob.HearsEvent("room")

			author = w.Join(name, "lobby", chattest.WithKey(annsKey))
			me, live := author.HearsEvent("welcome").User, bob.HearsEvent("changes").Messages
			author.Reaches("lobby", seq+1)
			fresh := w.Join("Cleo", "lobby").HearsEvent("room")
			if len(fresh.Messages) != 1 || fresh.Rev != seq+1 || fresh.Messages[0].Rev != seq+1 || fresh.Messages[0].Author != me.ID || me.ID == other {
				t.Errorf("the message of %+v is %+v", me, fresh.Messages)
			}
			if has := author.Has("lobby"); !reflect.DeepEqual(live, fresh.Messages) || !reflect.DeepEqual(has, fresh.Messages) {
				t.Errorf("a member hears %+v, the author has %+v, and a fresh page %+v", live, has, fresh.Messages)
			}
			if again, code := author.SaysUntilAcknowledged("lobby", message, "hello"); again != seq {
				t.Errorf("sent again it is message %d (%s) and not %d", again, code, seq)
			}
			author.Disconnects()
			author = w.Join(name, "lobby", chattest.WithKey(annsKey))
			if again := author.HearsEvent("room"); again.Rev != fresh.Rev {
				t.Errorf("the next time the room has the rev %d and not %d", again.Rev, fresh.Rev)
			}
		})
	}
}
