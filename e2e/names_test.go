package e2e

import (
	"errors"
	"io"
	"net/http"
	"strings"
	"testing"
	"time"

	"chatserver/chattest"
)

// If names begin alike, a mention addresses the longest one.
func TestAMentionMeansTheLongestName(t *testing.T) {
	t.Parallel()
	world, browser := chattest.NewWorld(t), NewBrowser(t)
	example := world.Connect("Ann Example", "")
	example.Hears("Ann Example connected to chat")
	ann := together(world, browser, "Ann")[0]
	example.Says("@Ann Example is me")
	example.Says("@Ann is you")
	ann.Hears("Ann Example: @Ann Example is me", "Ann Example: @Ann is you")
	ann.Sees("one mention", `() => { const said = [...document.querySelectorAll('.mention')]; return said.length === 1 && said[0].closest('.message').dataset.text === '@Ann is you'; }`)
}

// The clock may be set back while the connection is being lost: the banner appears
// anyway, and no timer fires continuously (setTimeout takes at most 2^31 ms, which is 25
// days).
func TestTheBannerAppearsAfterTheClockIsSetBack(t *testing.T) {
	t.Parallel()
	world, browser := chattest.NewWorld(t), NewBrowser(t)
	browser.ExpectsOutages()
	ann := together(world, browser, "Ann")[0]
	ann.page.MustEval(`() => {
		const real = Date.now;
		let back = 0;
		Date.now = () => real() - back;
		window.timers = 0;
		const set = window.setTimeout;
		window.setTimeout = (act, ms, ...more) => { if (ms > 2 ** 31 - 1) window.timers++; return set(act, ms, ...more); };
		new MutationObserver(() => (back ||= 40 * 86_400_000)).observe(document.querySelector('[data-testid=status]'), { attributeFilter: ['data-state'] });
	}`)
	world.Stop()
	ann.Shows("banner", "Trying again")
	ann.Sees("no timer beyond what one can be", `() => window.timers === 0`)
}

// Leaving the page by a reload or for another page keeps the name for a minute.
// Disconnect releases it.
func TestAReloadKeepsTheName(t *testing.T) {
	t.Parallel()
	world, browser := chattest.NewWorld(t), NewBrowser(t)
	watch := world.Connect("Bob", "")
	watch.Hears("Bob connected to chat")
	ann := together(world, browser, "Ann")[0]
	watch.Hears("Ann connected to chat")
	ann.Opens("about:blank")
	watch.Hears("Ann left the chat")
	isAnswered(t, world, "is reserved")
	eve := browser.Person()
	eve.Size(360, 740)
	eve.Opens(world.URL("/"))
	eve.Labelled("Name").MustSelectAllText().MustInput("Ann")
	eve.Button("Connect").MustClick()
	eve.Shows("join", "The name Ann is reserved for a user whose connection was lost: choose another name, or try again in a minute.")
	eve.NoSideways()
	ann.Opens(world.URL("/"))
	ann.Shows("status", "Connected")
	watch.Hears("Ann connected to chat")
	ann.Button("Disconnect").MustClick()
	watch.Hears("Ann left the chat")
	isAnswered(t, world, `"errors":{}`)
	eve.Connects("Ann", "")
	watch.Hears("Ann connected to chat")
}

// isAnswered waits until a request for the name Ann gets this answer: the name is
// released shortly after the room receives that she left.
func isAnswered(t testing.TB, world *chattest.World, want string) {
	t.Helper()
	for began := time.Now(); ; {
		response, err := http.Get(world.URL("/check?name=Ann")) //nolint:noctx // it ends with the test's server
		if err != nil {
			t.Fatal(err)
		}
		said, err := io.ReadAll(response.Body)
		if err := errors.Join(err, response.Body.Close()); err != nil {
			t.Fatal(err)
		}
		if strings.Contains(string(said), want) {
			return
		}
		if time.Since(began) > chattest.Patience {
			t.Fatalf("the name Ann: %s", said)
		}
	}
}
