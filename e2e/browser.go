// Package e2e tests the page in a real browser: Chromium, driven by two people.
package e2e

import (
	"errors"
	"fmt"
	"os"
	"os/exec"
	"runtime"
	"strings"
	"sync"
	"testing"

	"github.com/go-rod/rod"
	"github.com/go-rod/rod/lib/launcher"
	"github.com/go-rod/rod/lib/proto"

	"chatserver/chattest"
)

// Browser is the browser of one test's people. Errors in a page's console fail the test
// at its end, unless the test expects them.
type Browser struct {
	t       testing.TB
	browser *rod.Browser

	mu         sync.Mutex
	complaints []string
	expected   []string
}

// programs are the names of Chromium, in the order in which tools/install-test-needs.sh
// looks for them.
var programs = []string{
	"chromium", "chromium-browser", "google-chrome", "google-chrome-stable",
	"/Applications/Chromium.app/Contents/MacOS/Chromium",
	"/Applications/Google Chrome.app/Contents/MacOS/Google Chrome",
}

func program() (string, error) {
	if path := os.Getenv("CHROMIUM"); path != "" {
		return path, nil
	}
	for _, name := range programs {
		if path, err := exec.LookPath(name); err == nil {
			return path, nil
		}
	}
	return "", errors.New("there is no Chromium on this machine: run make deps, or set CHROMIUM to the path of one")
}

// chromium is the process that all tests share, because it takes seconds to start. Each
// person has a browser context. stopChromium ends it.
var (
	chromium     = sync.OnceValues(startChromium)
	stopChromium = func() {}
)

// ownPages are the features by which each window of Chromium runs pages of its own beside
// ours, the suggestions under the address bar, although a headless window has no such bar.
// They cost as much CPU as the page under test. A version that does not know a name
// ignores it.
var ownPages = []string{"WebUIOmniboxPopup", "WebUIOmniboxAimPopup", "WebUIOmniboxFullPopup"}

func startChromium() (*rod.Browser, error) {
	path, err := program()
	if err != nil {
		return nil, err
	}
	folder, err := os.MkdirTemp("", "chatserver-e2e-")
	if err != nil {
		return nil, err
	}
	start := launcher.New().Bin(path).Leakless(false).Headless(true).UserDataDir(folder).
		Set("disable-gpu").Set("disable-quic").Set("no-first-run").Set("disable-background-networking").
		Set("disable-component-update").Set("disable-sync").Set("disable-extensions").Set("disable-field-trial-config").
		Append("disable-features", ownPages...)
	if runtime.GOOS == "linux" && os.Geteuid() == 0 {
		start = start.NoSandbox(true) // Chromium has no sandbox for root
	}
	url, err := start.Launch()
	if err != nil {
		return nil, fmt.Errorf("start Chromium: %w", err)
	}
	browser := rod.New().ControlURL(url)
	stopChromium = func() {
		_ = browser.Close() // the process ends below in any case
		start.Kill()
		start.Cleanup()
		_ = os.RemoveAll(folder)
	}
	return browser, browser.Connect()
}

// NewBrowser returns a browser for the people of one test.
func NewBrowser(t testing.TB) *Browser {
	t.Helper()
	browser, err := chromium()
	if err != nil {
		t.Fatal(err)
	}
	b := &Browser{t: t, browser: browser}
	b.Expect("An unknown error occurred when fetching the script") // of the worker, if the tab is reloaded or closed meanwhile
	t.Cleanup(func() {
		b.mu.Lock()
		defer b.mu.Unlock()
		for _, complaint := range b.complaints {
			t.Errorf("the browser's console: %s", complaint)
		}
	})
	return b
}

// Expect allows console errors with this text.
func (b *Browser) Expect(text string) {
	b.mu.Lock()
	defer b.mu.Unlock()
	b.expected = append(b.expected, text)
}

// ExpectsOutages allows the errors that Chromium logs while the server, or the connection to
// it, is away: of requests, of WebSockets, of a server that is stopping, and of the service
// worker's script. Which of them there are depends on what the page does at that moment.
func (b *Browser) ExpectsOutages() {
	for _, text := range []string{"ERR_", "WebSocket connection to", "status of 503", "fetching the script"} {
		b.Expect(text)
	}
}

func (b *Browser) complain(format string, args ...any) {
	b.mu.Lock()
	defer b.mu.Unlock()
	complaint := fmt.Sprintf(format, args...)
	for _, expected := range b.expected {
		if strings.Contains(complaint, expected) {
			return
		}
	}
	b.complaints = append(b.complaints, complaint)
}

// Person opens a tab with its own cookies and storage, as another person.
func (b *Browser) Person() *Tab {
	b.t.Helper()
	other, err := b.browser.Incognito()
	if err != nil {
		b.t.Fatal(err)
	}
	b.t.Cleanup(func() {
		b.shuts()
		_ = other.Close()
	})
	page, err := other.Page(proto.TargetCreateTarget{URL: "about:blank"})
	if err != nil {
		b.t.Fatal(err)
	}
	return b.watch(page)
}

// shuts expects the error of a tab that is closed while it connects.
func (b *Browser) shuts() { b.Expect("WebSocket is closed before the connection is established") }

// watch records the page's errors.
func (b *Browser) watch(page *rod.Page) *Tab {
	go page.EachEvent(
		func(e *proto.LogEntryAdded) {
			if e.Entry.Level == proto.LogLogEntryLevelError || e.Entry.Level == proto.LogLogEntryLevelWarning {
				b.complain("%s %s", e.Entry.Text, e.Entry.URL)
			}
		},
		func(e *proto.RuntimeExceptionThrown) { b.complain("%s", describe(e.ExceptionDetails)) },
		func(e *proto.RuntimeConsoleAPICalled) {
			if e.Type == proto.RuntimeConsoleAPICalledTypeError || e.Type == proto.RuntimeConsoleAPICalledTypeWarning {
				b.complain("%s: %v", e.Type, e.Args)
			}
		},
	)()
	if err := (proto.LogEnable{}).Call(page); err != nil {
		b.t.Fatal(err)
	}
	return &Tab{t: b.t, page: page.Timeout(10 * chattest.Patience)}
}

// describe returns the text of an exception; some of the browser's own have only a text.
func describe(thrown *proto.RuntimeExceptionDetails) string {
	if thrown.Exception == nil {
		return thrown.Text
	}
	return thrown.Exception.Description
}
