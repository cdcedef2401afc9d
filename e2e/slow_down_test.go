package e2e

import (
	"io"
	"net/http"
	"strconv"
	"strings"
	"testing"

	"github.com/google/uuid"

	"chatserver/chattest"
	"chatserver/config"
)

// A page that gets slow_down keeps the message pending, sends it again after the delay
// that the server set, and then the later ones, without a click on Retry.
func TestAThrottledPageSendsAgain(t *testing.T) {
	t.Parallel()
	world := chattest.NewWorld(t, chattest.With(func(c *config.Config) { c.ByteRate = 700 }))
	ann := NewBrowser(t).Person()
	ann.Opens(world.URL("/"))
	ann.Connects("Ann", "")
	key := ""
	for _, cookie := range ann.page.MustCookies() {
		if cookie.Name == "chat_guest" {
			key = cookie.Value
		}
	}
	// On another device, the same user sends so much that the budget is overdrawn for ten
	// seconds.
	phone := world.Join("Ann", "elsewhere", chattest.WithKey(key))
	laptop := world.Join("Ann", "elsewhere", chattest.WithKey(key))
	phone.Sends("elsewhere", uuid.NewString(), strings.Repeat("x", 8000))
	for refused := false; !refused; {
		id := uuid.NewString()
		laptop.Sends("elsewhere", id, "?")
		refused = laptop.HearsEventThat("answer", func(e chattest.Event) bool {
			return e.ID == id && (e.Event == "message" || e.Event == "error")
		}).Event == "error"
	}
	ann.page.MustEval(`() => {
		window.failed = 0;
		new MutationObserver(() => { failed += document.querySelectorAll('[data-testid=failed]').length; })
			.observe(document.querySelector('[role=log]'), { childList: true, subtree: true });
	}`)
	ann.Says("one")
	ann.Says("two")
	ann.Hears("Ann: one", "Ann: two")
	ann.Sees("no message that failed", `() => failed === 0`)
	if !denied(t, world, "slow_down", 2) {
		t.Error("the page never got slow_down")
	}
}

// denied reports whether at least the given number of commands was refused with a code.
func denied(t *testing.T, world *chattest.World, code string, least int) bool {
	t.Helper()
	response, err := http.Get("http://" + world.Ops() + "/metrics") //nolint:noctx // a test
	if err != nil {
		t.Fatal(err)
	}
	defer func() { _ = response.Body.Close() }()
	metrics, err := io.ReadAll(response.Body)
	if err != nil {
		t.Fatal(err)
	}
	_, after, _ := strings.Cut(string(metrics), `chatserver_commands_denied_total{code="`+code+`"} `)
	count, _, _ := strings.Cut(after, "\n")
	times, err := strconv.Atoi(count)
	return err == nil && times >= least
}
