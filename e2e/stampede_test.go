package e2e

import (
	"encoding/json"
	"fmt"
	"io"
	"slices"
	"testing"
	"time"

	"github.com/go-rod/rod"
	"github.com/google/uuid"

	"chatserver/chattest"
)

// flock is a script that opens many of the page's sockets in one tab, without drawing
// anything. A browser allows a tab 255 of them.
const flock = `async ({ ChatSocket }, { check }) => {
	window.flock = [];
	for (let i = 0; i < %d; i++) {
		const socket = new ChatSocket(location.origin.replace('http', 'ws'), (who) => check({ ...who, room: 'lobby' }));
		const one = { socket, backAt: 0, told: {} };
		const connected = new Promise((done) => socket.addEventListener('state', () => {
			one.backAt = socket.state === 'connected' ? performance.timeOrigin + performance.now() : 0;
			if (one.backAt) done();
		}));
		socket.addEventListener('message', ({ detail }) => (one.told[detail.message.id] = (one.told[detail.message.id] ?? 0) + 1));
		socket.connect({ name: 'flock-%d-' + i, age: '' });
		socket.enter('lobby');
		window.flock.push(one);
		await connected;
	}
}`

// bird is one socket of a flock.
type bird struct {
	BackAt float64  `json:"backAt"` // ms since 1970
	Texts  []string `json:"texts"`  // of its messages, in order
	Told   int      `json:"told"`   // the highest number of deliveries of one message
}

// After a restart of the server, all clients reconnect within half a minute and not all
// at once, and each gets every message that it missed once.
func TestManyComeBackWithoutAStampede(t *testing.T) {
	t.Parallel() // it mostly waits
	tabs, each := chattest.LongOr(8, 1), chattest.LongOr(250, 150)
	world, browser := chattest.NewWorld(t, chattest.Log(io.Discard)), NewBrowser(t)
	browser.ExpectsOutages()
	var all []*Tab
	for i := range tabs {
		tab := browser.Person()
		tab.Opens(world.URL("/"))
		tab.Imports(fmt.Sprintf(flock, each, i), "net/socket.js", "net/check.js")
		all = append(all, tab)
	}
	speaker := world.Join("speaker", "lobby", chattest.ComesBack(), chattest.Relaxed())
	var said []string
	says := func(n int) {
		for range n {
			said = append(said, fmt.Sprint("no. ", len(said)))
			speaker.SaysUntilAcknowledged("lobby", uuid.NewString(), said[len(said)-1])
		}
	}
	says(3)
	flockHas(t, all, len(said))
	world.Stop()
	stopped := time.Now()
	world.Start()
	says(20)
	flockHas(t, all, len(said))
	says(3)
	birds := flockHas(t, all, len(said))
	checkFlock(t, birds, said, stopped)
}

// flockHas waits until all are connected and have the given number of messages.
func flockHas(t *testing.T, tabs []*Tab, messages int) (birds []bird) {
	t.Helper()
	for _, tab := range tabs {
		if err := tab.page.Wait(rod.Eval(`(many) => window.flock.every(({ socket }) =>
			socket.state === 'connected' && socket.room('lobby').here && socket.room('lobby').record.messages.length >= many)`, messages)); err != nil {
			t.Fatalf("not everybody is back with %d messages: %v", messages, err)
		}
		var some []bird
		result := tab.page.MustEval(`() => JSON.stringify(window.flock.map(({ socket, backAt, told }) => ({
			backAt, texts: socket.room('lobby').record.messages.map(({ text }) => text), told: Math.max(0, ...Object.values(told)),
		})))`).Str()
		if err := json.Unmarshal([]byte(result), &some); err != nil {
			t.Fatal(err)
		}
		birds = append(birds, some...)
	}
	return birds
}

func checkFlock(t *testing.T, birds []bird, said []string, stopped time.Time) {
	t.Helper()
	var back []time.Duration
	missed := 0
	for i, b := range birds {
		if !slices.Equal(b.Texts, said) || b.Told > 1 {
			missed++
			t.Errorf("no. %d has %d of %d messages, and got one of them %d times", i, len(b.Texts), len(said), b.Told)
		}
		back = append(back, time.UnixMicro(int64(b.BackAt*1000)).Sub(stopped))
	}
	first, last := chattest.Quantile(0, back), chattest.Quantile(1, back)
	most := 0 // in any one second
	for i, at := range back {
		within := 0
		for within < len(back)-i && back[i+within] < at+time.Second {
			within++
		}
		most = max(most, within)
	}
	// The browser spreads connections a little by itself. That some are back early shows
	// that the delays were random.
	if last-first < 5*time.Second || chattest.Exceeds(first, 3*time.Second) || chattest.Exceeds(last, 30*time.Second) || chattest.Long() && most > len(back)*2/5 {
		t.Errorf("they were back after %v to %v, %d of %d in one second", first, last, most, len(back))
	}
	chattest.Figure(t, "P5", "a restart with %d sockets of the page's own script: back after %.1f to %.1f s, at most %d in a second; who missed or doubled any of %d messages: %d",
		len(birds), first.Seconds(), last.Seconds(), most, len(said), missed)
}
