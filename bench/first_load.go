package main

import (
	"context"
	"errors"
	"fmt"
	"net/http"
	"os"
	"time"

	"github.com/go-rod/rod"
	"github.com/go-rod/rod/lib/launcher"
	"github.com/go-rod/rod/lib/proto"
)

// firstLoadMode measures how long a browser with an empty cache takes to load the page
// over a slow network, from this server and from another commit's.
type firstLoadMode struct {
	Base    string        `required:"" placeholder:"PROGRAM" help:"The chatserver of another commit, built by go build."`
	RTT     time.Duration `default:"150ms" help:"The round-trip time of the network."`
	Loads   int           `default:"5" help:"Loads of each server in a round, alternating."`
	Browser string        `env:"CHROMIUM" default:"chromium" help:"The Chromium to load with."`
}

// Run implements the mode.
func (m *firstLoadMode) Run(ctx context.Context, b *bench) error {
	start := launcher.New().Bin(m.Browser).Leakless(false).Headless(true).Set("disable-gpu").Set("disable-background-networking").
		NoSandbox(os.Geteuid() == 0) // Chromium has no sandbox for root
	address, err := start.Launch()
	if err != nil {
		return fmt.Errorf("start Chromium: %w", err)
	}
	defer start.Cleanup()
	defer start.Kill()
	browser := rod.New().ControlURL(address).Context(ctx)
	if err := browser.Connect(); err != nil {
		return fmt.Errorf("connect to Chromium: %w", err)
	}
	return b.rounds(ctx, func(ctx context.Context, note note) error {
		return b.withServer(ctx, m.Base+limitless, b.data(), func(theirs *server) error {
			return b.with(ctx, b.data(), func(ours *server) error { return m.compare(ctx, browser, theirs, ours, note) })
		})
	})
}

// compare notes the medians of the load times and their ratio.
func (m *firstLoadMode) compare(ctx context.Context, browser *rod.Browser, theirs, ours *server, note note) error {
	const row = "first load"
	var took [2][]float64
	for load := range m.Loads + 1 {
		for i, s := range []*server{theirs, ours} {
			ms, err := m.load(ctx, browser, s)
			if err != nil {
				return err
			}
			if load > 0 { // during the first load, the server bundles and compresses
				took[i] = append(took[i], ms)
			}
		}
	}
	before, now := median(took[0]), median(took[1])
	note(row, "base, ms", before)
	note(row, "now, ms", now)
	note(row, "× base", now/before)
	return nil
}

// load returns how many milliseconds a browser with an empty cache takes until the
// page's program has run.
func (m *firstLoadMode) load(ctx context.Context, browser *rod.Browser, s *server) (ms float64, err error) {
	line, err := newDelayedLine(s.address, m.RTT)
	if err != nil {
		return 0, err
	}
	defer line.Close()
	nobody, err := browser.Incognito()
	if err != nil {
		return 0, fmt.Errorf("open a browser context: %w", err)
	}
	defer func() { err = errors.Join(err, nobody.Close()) }()
	page, err := nobody.Page(proto.TargetCreateTarget{})
	if err != nil {
		return 0, fmt.Errorf("open a page: %w", err)
	}
	page = page.Context(ctx).Timeout(time.Minute)
	if err := errors.Join(page.Navigate("http://"+line.Addr().String()+"/"), page.WaitLoad()); err != nil {
		return 0, fmt.Errorf("load the page: %w", err)
	}
	result, err := page.Eval(`() => new Promise((done) => setTimeout(() => {
		const [{ loadEventEnd, responseStatus }] = performance.getEntriesByType('navigation');
		done(responseStatus === ` + fmt.Sprint(http.StatusOK) + ` && customElements.get('chat-room') ? loadEventEnd : 0);
	}))`)
	if err != nil {
		return 0, fmt.Errorf("query the page: %w", err)
	}
	if ms = result.Value.Num(); ms == 0 {
		return 0, errors.New("the page's program did not run")
	}
	return ms, nil
}
