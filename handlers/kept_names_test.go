package handlers_test

import (
	"net/http"
	"strings"
	"testing"
	"time"

	"chatserver/chat"
	"chatserver/chattest"
)

// A name is kept for its holder's key when the connection is lost, closed by the server, or
// closed with any code but 1000. After a clean disconnect it is free. Other users learn why
// they cannot have it, and the holder can return at once.
func TestANameIsKeptUntilItsHolderDisconnects(t *testing.T) {
	const isKept = "The name Ann is reserved for a user whose connection was lost: choose another name, or try again in a minute.\n"
	closes := func(code uint16) func(*chattest.Person) {
		return func(ann *chattest.Person) { ann.Closes(code) }
	}
	for how, ending := range map[string]struct {
		end  func(ann *chattest.Person)
		kept bool
	}{
		"the network is cut":                 {(*chattest.Person).IsCut, true},
		"a browser leaves the page (1001)":   {closes(1001), true},
		"our page comes back (4001)":         {closes(4001), true},
		"the server closes it (1008)":        {func(ann *chattest.Person) { ann.Says("\x07"); ann.IsClosed() }, true},
		"a clean disconnect (1000)":          {closes(1000), false},
		"a disconnect without a code (1005)": {closes(0), false},
	} {
		t.Run(how, func(t *testing.T) {
			w := chattest.NewWorld(t)
			ann, _, err := w.TryConnect("Ann", "", key(annsKey))
			if err != nil {
				t.Fatal(err)
			}
			ann.Hears("Ann connected to chat")
			ending.end(ann)
			want, wantSaid := http.StatusSwitchingProtocols, ""
			if ending.kept {
				want, wantSaid = http.StatusConflict, isKept
			}
			for began := time.Now(); ; {
				status, said := tryToEnter(w, "Ann", evesKey)
				if status == want && said == wantSaid {
					break
				}
				// Until the server notices that Ann is gone.
				if status != http.StatusConflict || !strings.Contains(said, "is already in use") || time.Since(began) > chattest.Patience {
					t.Fatalf("Eve comes as Ann and gets %d %q instead of %d %q", status, said, want, wantSaid)
				}
			}
			if status, said := tryToEnter(w, "Ann", annsKey); ending.kept && status != http.StatusSwitchingProtocols {
				t.Errorf("Ann comes back and gets %d %q", status, said)
			}
		})
	}
}

// tryToEnter returns the answer to a handshake.
func tryToEnter(w *chattest.World, name, key string) (status int, said string) {
	response, said := w.Handshake("/chat/"+name, "Host", w.Address(), "Connection", "Upgrade", "Upgrade", "websocket",
		"Sec-WebSocket-Version", "13", "Sec-WebSocket-Key", "dGhlIHNhbXBsZSBub25jZQ==", "Cookie", "chat_guest="+key)
	return response.StatusCode, said
}

// The page learns it before it connects, in the reader's language.
func TestThePageSaysThatANameIsKept(t *testing.T) {
	w := chattest.NewWorld(t)
	ann, _, err := w.TryConnect("Ann", "", key(annsKey))
	if err != nil {
		t.Fatal(err)
	}
	ann.Closes(4001)
	for language, want := range map[string]string{"en": "The name \u2068Ann\u2069 is reserved for a user", "ar": "الاسم \u2068Ann\u2069 محجوز"} {
		if _, said := w.Handshake("/check?name=Ann", "Host", w.Address(), "Accept-Language", language, "Cookie", "chat_guest="+evesKey); !strings.Contains(said, want) {
			t.Errorf("in %s Eve reads %s", language, said)
		}
		if _, said := w.Handshake("/check?name=Ann", "Host", w.Address(), "Accept-Language", language, "Cookie", "chat_guest="+annsKey); strings.Contains(said, want) {
			t.Errorf("in %s Ann reads %s", language, said)
		}
	}
}

// After a restart, the server reserves its users' names until the reservation expires. A
// user who disconnected, or who has no key, has no reservation.
func TestARestartGivesNoNamesAway(t *testing.T) {
	now := time.Now()
	w := chattest.NewWorld(t, chattest.Clock(func() time.Time { return now }))
	restart := func(takes time.Duration) {
		w.Stop()
		now = now.Add(takes)
		w.Start()
	}
	refuses := func(when, name string, want bool) {
		t.Helper()
		eve, response, err := w.TryConnect(name, "", key(evesKey))
		if refused := response != nil && response.StatusCode == http.StatusConflict; refused != want {
			t.Errorf("%s: Eve comes as %s: refused %v (%v)", when, name, refused, err)
		}
		if err == nil {
			eve.Leaves()
		}
	}
	w.Join("Ann", "lobby", chattest.WithKey(annsKey))
	w.Join("Bob", "lobby", chattest.WithKey(annsKey)).Disconnects()
	w.Join("Cid", "lobby")
	restart(30 * time.Second)
	restart(chat.KeepName - 31*time.Second)
	for name, refused := range map[string]bool{"Ann": true, "\u0410nn": true, "Bob": false, "Cid": false} {
		refuses("after two restarts", name, refused)
	}
	w.Join("Ann", "lobby", chattest.WithKey(annsKey)).Disconnects()
	w.Join("Dan", "lobby", chattest.WithKey(annsKey))
	restart(-time.Hour)
	refuses("after she disconnected", "Ann", false)
	refuses("when the clock was set back", "Dan", true)
	restart(chat.KeepName)
	refuses("a minute after that", "Dan", false)
}
