package e2e

import (
	"context"
	"errors"
	"net"
	"regexp"
	"slices"
	"strings"
	"sync"
	"sync/atomic"
	"testing"

	"chatserver/chat"
	"chatserver/chattest"
)

// Messages written while the server is down are kept, also through a reload, and sent
// once and in order when it returns.
func TestMessagesWrittenOfflineAreSentOnceAndInOrder(t *testing.T) {
	t.Parallel()
	world, browser := chattest.NewWorld(t), NewBrowser(t)
	browser.ExpectsOutages()
	ann := browser.Person()
	ann.Opens(world.URL("/"))
	ann.Connects("Ann", "")
	ann.Says("before")
	ann.Hears("Ann: before")

	world.Stop()
	ann.Shows("status", "Reconnecting")
	for _, text := range []string{"one", "two", "three"} {
		ann.Says(text)
	}
	ann.Writes("one", "two", "three")
	ann.Sees("where she writes, open, saying that it waits", `() => {
		const text = document.querySelector('[data-testid=message-input]');
		return !text.disabled && text.placeholder === 'Message Lobby. It will be sent when you reconnect.';
	}`)
	ann.Shows("pending", "3 messages will be sent when the connection is back")
	ann.Shows("banner", "Messages you write now will be sent when you’re back online.")

	// She reloads before the page can know that the server is back.
	ann.page.MustEval(`() => { window.stop(); document.querySelector('chat-room').remove(); }`)
	world.Start()
	bob := world.Connect("Bob", "")
	bob.Hears("Bob connected to chat")
	ann.Opens(world.URL("/rooms/elsewhere"))
	bob.Hears("Ann connected to chat", "Ann: one", "Ann: two", "Ann: three")
	ann.Link("Lobby").MustClick()
	ann.Hears("Ann: before", "Ann: one", "Ann: two", "Ann: three")
	ann.Writes()
	ann.Opens(world.URL("/"))
	ann.Hears("Ann: before", "Ann: one", "Ann: two", "Ann: three")
	ann.Sees("nothing kept", `() => Object.keys(localStorage).every((key) => !key.includes('outbox'))`)
}

// A reload does not sign people out: they come back, with their outbox. After a
// disconnect, the page asks for the name.
func TestAReloadDoesNotSignOut(t *testing.T) {
	t.Parallel()
	disk, world, browser := onFullDisk(t)
	ann := browser.Person()
	ann.Opens(world.URL("/rooms/night-watch"))
	ann.Connects("Ann", "25")
	ann.Says("before")
	ann.Hears("Ann: before")
	disk.now.Store(true)
	ann.Says("not stored")
	ann.Shows("failed", "couldn’t be saved")
	ann.Labelled("Message").MustInput("half a sentence")
	disk.now.Store(false)

	ann.Reloads()
	ann.Shows("status", "Connected")
	ann.Shows("room-title", "Night watch")
	ann.Hears("Ann: before")
	ann.Writes("not stored")
	ann.Written("half a sentence")
	ann.Part("retry").MustClick()
	ann.Hears("Ann: before", "Ann: not stored")

	ann.Button("Disconnect").MustClick()
	ann.Shows("status", "Disconnected")
	ann.Reloads()
	ann.Shows("join", "Join the chat")
	ann.Filled("Name", "Ann")
}

// Somebody else may take the name during a reload.
func TestAPersonWhoCannotRejoinIsAskedForAName(t *testing.T) {
	t.Parallel()
	world, browser := chattest.NewWorld(t), NewBrowser(t)
	witness := world.Connect("witness", "")
	witness.Hears("witness connected to chat")
	ann := browser.Person()
	ann.Opens(world.URL("/"))
	ann.Connects("Ann", "")
	ann.page.MustEval(`() => document.querySelector('chat-room').remove()`) // she has left, but the tab still has her session
	witness.Hears("Ann connected to chat", "Ann left the chat")
	world.Connect("Ann", "").Hears("Ann connected to chat")
	ann.Reloads()
	ann.Shows("join", "This name is already in use")
	ann.Button("Use Ann 2").MustClick()
	ann.Shows("status", "Connected")
}

// full is a real store that refuses messages once it is told to.
type full struct {
	chat.Store
	now atomic.Bool
}

// onFullDisk starts a world on a disk that is full while now is true, and a browser.
func onFullDisk(t *testing.T) (*full, *chattest.World, *Browser) {
	t.Helper()
	disk := &full{}
	return disk, chattest.NewWorld(t, chattest.Store(func(real chat.Store) chat.Store {
		disk.Store = real
		return disk
	})), NewBrowser(t)
}

func (f *full) Commit(ctx context.Context, changes []chat.Change) ([]chat.Outcome, error) {
	if f.now.Load() {
		return nil, errors.New("the disk is full")
	}
	return f.Store.Commit(ctx, changes)
}

// RetriesInVain retries the first failed message, and waits until it has failed again.
func (tab *Tab) RetriesInVain() {
	tab.t.Helper()
	tab.page.MustEval(`() => {
		window.changes = 0; // of what waits or failed: first it waits, then it has failed
		document.querySelector('chat-room').socket.addEventListener('drafts', () => changes++);
		document.querySelector('[data-testid=retry]').click();
	}`)
	tab.Sees("it failed again", `() => changes >= 2 && document.querySelector('[data-testid=message][data-state]').dataset.state === 'failed'`)
}

func TestAMessageThatIsNotStoredIsRetriedOrDiscarded(t *testing.T) {
	t.Parallel()
	disk, world, browser := onFullDisk(t)
	ann := browser.Person()
	ann.Opens(world.URL("/"))
	ann.Connects("Ann", "")
	ann.Says("kept")
	ann.Hears("Ann: kept")

	disk.now.Store(true)
	ann.Says("this one again")
	ann.Shows("failed", "couldn’t be saved")
	ann.Says("this one never")
	ann.Sees("both failed", `() => document.querySelectorAll('[data-testid=failed]').length === 2`)
	ann.Writes("this one again", "this one never")
	ann.RetriesInVain() // still full

	disk.now.Store(false)
	ann.page.MustElements("[data-testid=discard]").Last().MustClick()
	ann.Writes("this one again")
	ann.Part("retry").MustClick()
	ann.Hears("Ann: kept", "Ann: this one again")
	ann.Writes()
	ann.Sees("nothing kept", `() => Object.keys(localStorage).every((key) => !key.includes('outbox'))`)
	world.Connect("Bob", "history=10").Hears("Ann: kept", "Ann: this one again", "Bob connected to chat")
}

func TestADoubleClickSendsOnce(t *testing.T) {
	t.Parallel()
	world, browser := chattest.NewWorld(t), NewBrowser(t)
	ann := browser.Person()
	ann.Opens(world.URL("/"))
	ann.Connects("Ann", "")
	ann.Labelled("Message").MustInput("once")
	ann.Button("Send").MustDoubleClick()
	ann.Says("and this")
	ann.Hears("Ann: once", "Ann: and this")
	ann.Sees("two messages", `() => document.querySelectorAll('[data-testid=message]').length === 2`)
}

// wire carries bytes between a page and the server until it is told to carry none, like
// a network that fails silently. While held, it delays what the server sends. It counts
// the bytes in both directions.
type wire struct {
	listener net.Listener
	mu       sync.Mutex
	cut      bool
	held     bool
	released *sync.Cond
	conns    []net.Conn
	sent     int      // bytes from the page
	received int      // bytes to the page
	requests []string // their paths, in order
}

// requestLine matches the start of a request. Chromium sends the line and the headers in
// one write.
var requestLine = regexp.MustCompile(`^[A-Z]+ (\S+) HTTP/1\.1\r\n`)

func newWire(t *testing.T, to string) *wire {
	t.Helper()
	listener, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	w := &wire{listener: listener}
	w.released = sync.NewCond(&w.mu)
	t.Cleanup(func() {
		w.Hold(false)
		_ = listener.Close()
		w.mu.Lock()
		defer w.mu.Unlock()
		for _, conn := range w.conns {
			_ = conn.Close()
		}
	})
	go func() {
		for {
			page, err := listener.Accept()
			if err != nil {
				return
			}
			server, err := net.Dial("tcp", to)
			if err != nil {
				_ = page.Close()
				continue
			}
			w.mu.Lock()
			w.conns = append(w.conns, page, server)
			w.mu.Unlock()
			dead := new(atomic.Bool)
			go w.carry(page, server, dead, false)
			go w.carry(server, page, dead, true)
		}
	}()
	return w
}

func (w *wire) carry(from, to net.Conn, dead *atomic.Bool, toPage bool) {
	buffer := make([]byte, 16<<10)
	for {
		n, err := from.Read(buffer)
		if err != nil {
			_ = to.Close()
			return
		}
		w.mu.Lock()
		if toPage {
			w.received += n
		} else {
			w.sent += n
		}
		if line := requestLine.FindSubmatch(buffer[:n]); !toPage && line != nil {
			w.requests = append(w.requests, string(line[1]))
		}
		for toPage && w.held {
			w.released.Wait()
		}
		if w.cut {
			dead.Store(true)
		}
		w.mu.Unlock()
		if dead.Load() {
			continue // dropped silently
		}
		if _, err := to.Write(buffer[:n]); err != nil {
			return
		}
	}
}

func (w *wire) Cut(cut bool) {
	w.mu.Lock()
	defer w.mu.Unlock()
	w.cut = cut
}

// Hold delays what the server sends, or stops delaying it.
func (w *wire) Hold(held bool) {
	w.mu.Lock()
	defer w.mu.Unlock()
	w.held = held
	w.released.Broadcast()
}

// Carried returns the paths of the page's requests so far, and the bytes that it has
// sent and received.
func (w *wire) Carried() (requests []string, sent, received int) {
	w.mu.Lock()
	defer w.mu.Unlock()
	return slices.Clone(w.requests), w.sent, w.received
}

// URL returns the page's URL through the wire.
func (w *wire) URL(path string) string { return "http://" + w.listener.Addr().String() + path }

func TestAConnectionThatIsSilentlyDeadIsNoticed(t *testing.T) {
	t.Parallel()
	world, browser := chattest.NewWorld(t), NewBrowser(t)
	browser.ExpectsOutages()
	wire := newWire(t, world.Address())
	ann, bob := browser.Person(), browser.Person()
	ann.Opens(wire.URL("/"))
	if within := ann.Imports(`({ TIMES }) => { const real = TIMES.beat + TIMES.answer; TIMES.beat = 200; TIMES.answer = 400; return real <= 30_000; }`, "net/connection.js"); within != "true" {
		t.Error("a dead connection may go unnoticed for more than 30 s")
	}
	ann.Connects("Ann", "")
	ann.Says("before")
	ann.Hears("Ann: before")
	wire.Cut(true)
	ann.Shows("status", "Reconnecting")
	ann.Imports(`({ TIMES }) => { TIMES.open = 400; }`, "net/connection.js") // so that attempts fail
	ann.Says("into the void")
	bob.Opens(world.URL("/"))
	bob.Connects("Bob", "")
	bob.Says("can you hear me?")
	bob.Hears("Ann: before", "Bob: can you hear me?")
	ann.Imports(`({ TIMES }) => { TIMES.answer = TIMES.open = 60_000; }`, "net/connection.js") // on a slow machine, too
	wire.Cut(false)
	ann.Hears("Ann: before", "Bob: can you hear me?", "Ann: into the void")
	bob.Hears("Ann: before", "Bob: can you hear me?", "Ann: into the void")
}

// The server restarts while many messages are sent: none is lost or doubled.
func TestARestartLosesAndDoublesNothing(t *testing.T) {
	t.Parallel()
	world, browser := chattest.NewWorld(t), NewBrowser(t)
	browser.ExpectsOutages()
	ann, bob := browser.Person(), browser.Person()
	for name, tab := range map[string]*Tab{"Ann": ann, "Bob": bob} {
		tab.Opens(world.URL("/"))
		tab.Imports(`({ TIMES }) => { TIMES.goingAway = 500; }`, "net/connection.js")
		tab.Connects(name, "")
	}
	const many = 30
	ann.page.MustEval(`(many) => {
		const room = document.querySelector('chat-room');
		let n = 0;
		const timer = setInterval(() => {
			room.dispatchEvent(new CustomEvent('send', { detail: 'number ' + n }));
			if (++n === many) clearInterval(timer);
		}, 20);
	}`, many)
	bob.Sees("some", `() => document.querySelectorAll('[data-testid=message]').length >= 5`)
	world.Stop()
	world.Start()
	for _, tab := range []*Tab{ann, bob} {
		tab.Sees("all, once and in order", `(many) => {
			const heard = [...document.querySelectorAll('[data-testid=message]:not([data-state]) [data-testid=message-text]')].map((text) => text.textContent);
			return heard.length === many && heard.every((text, i) => text === 'number ' + i);
		}`, many)
	}
	reader := world.Connect("reader", "history=100")
	for range many {
		line, err := reader.Line()
		if err != nil || !strings.HasPrefix(line, "Ann: number ") {
			t.Fatalf("stored is %q, %v", line, err)
		}
	}
	reader.Hears("reader connected to chat")
}
