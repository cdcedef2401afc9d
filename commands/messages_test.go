package commands_test

import (
	"fmt"
	"io"
	"net/http"
	"strings"
	"testing"

	"github.com/google/uuid"

	"chatserver/chattest"
)

// The operator moves a thread beside a running server. Everybody in both rooms has it at once:
// live, away, and in plain text. Nobody learns from the stub where it is.
func TestEverybodyHasWhatTheOperatorMoves(t *testing.T) {
	t.Parallel()
	onEveryDatabase(t, func(t *testing.T, args ...string) {
		args = append(args, "--data", t.TempDir())
		program := chattest.StartProgram(t, append(args, "--rate", "0")...)
		w := program.World()
		ann, bob, cid := w.Join("Ann", "lobby", chattest.ComesBack()), w.Join("Bob", "den", chattest.ComesBack()), w.Join("Cid", "lobby")
		cid.JoinsAlso("den")
		root, _ := ann.SaysUntilAcknowledged("lobby", uuid.NewString(), "the secret of the lobby")
		reply, _ := cid.RepliesUntilAcknowledged("lobby", uuid.NewString(), "is a thread", root)
		bob.SaysUntilAcknowledged("den", uuid.NewString(), "first")
		tom := w.Connect("Tom", "room=den")
		tom.Hears("Tom connected to chat")
		bob.StaysAway()
		tom.Hears("Bob left the chat")

		move := func(more ...string) []string { return append(append([]string{"messages", "move"}, more...), args...) }
		for _, refused := range [][]string{
			{"lobby", "99", "--to", "den"}, {"lobby", fmt.Sprint(root), "--to", "nowhere"}, {"lobby", fmt.Sprint(root), "--to", "lobby"}, {"nowhere", "1", "--to", "den"},
		} {
			if said, code := run(t, move(refused...)...); code != 1 || !strings.HasPrefix(said, "chatserver: nothing was moved: ") {
				t.Errorf("move %v ends with %d: %s", refused, code, said)
			}
		}
		said := succeeds(t, move("Lobby", fmt.Sprint(root), "--to", "den")...)
		if said != "/rooms/den/2\n" {
			t.Errorf("it prints %q", said)
		}
		tom.Hears("Ann: the secret of the lobby", "Cid: is a thread")
		bob.Returns()
		w.Agree(t, "lobby", ann, cid)
		w.Agree(t, "den", bob, cid)
		for _, stub := range w.Stored("lobby") {
			if stub.Text != "" || stub.Seq != root && stub.Seq != reply {
				t.Errorf("in the lobby is left %+v", stub)
			}
		}
		for _, m := range ann.Has("lobby") {
			if shown := fmt.Sprint(m.Deleted); !strings.Contains(shown, "moved:true") || strings.Contains(shown, "den") {
				t.Errorf("the stub is %s", shown)
			}
		}
		if again := succeeds(t, move("lobby", fmt.Sprint(root), "--to", "den")...); again != said {
			t.Errorf("the second time it prints %q", again)
		}
		permalink := fmt.Sprintf("/rooms/lobby/%d", root)
		if response, _ := visits(t, w.URL(permalink)); response.Header.Get("Location") != "/rooms/den/2" {
			t.Errorf("the permalink is answered with %s, %v", response.Status, response.Header)
		}
		succeeds(t, append([]string{"rooms", "remove", "den", "--yes"}, args...)...)
		response, body := visits(t, w.URL(permalink))
		if response.StatusCode != 200 || !strings.Contains(body, "moved to another room") || strings.Contains(body, "rooms/den") {
			t.Errorf("when the room is removed, the permalink is answered with %s\n%s", response.Status, body)
		}
	})
}

// visits requests a page and follows no redirect.
func visits(t *testing.T, url string) (response *http.Response, body string) {
	t.Helper()
	client := &http.Client{CheckRedirect: func(*http.Request, []*http.Request) error { return http.ErrUseLastResponse }}
	response, err := client.Get(url) //nolint:noctx // it ends with the test's server
	if err != nil {
		t.Fatal(err)
	}
	defer response.Body.Close()
	text, err := io.ReadAll(response.Body)
	if err != nil {
		t.Fatal(err)
	}
	return response, string(text)
}
