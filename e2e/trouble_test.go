package e2e

import (
	"testing"

	"chatserver/chattest"
	"chatserver/config"
)

// Break cuts all open connections; new ones are carried.
func (w *wire) Break() {
	w.mu.Lock()
	defer w.mu.Unlock()
	for _, conn := range w.conns {
		_ = conn.Close()
	}
	w.conns = nil
}

// watchBanner records whether the banner is ever visible, and when the connection was lost,
// when it was back, and when the banner was gone.
const watchBanner = `() => {
	const [status, banner] = [document.querySelector('[data-testid=status]'), document.querySelector('[data-testid=banner]')];
	const seen = window.banner = { shown: false, lost: 0, back: 0, gone: 0 };
	new MutationObserver(() => {
		const now = performance.now();
		if (!banner.hidden) [seen.shown, seen.gone] = [true, 0];
		else seen.gone ||= now;
		if (status.dataset.state !== 'connected') [seen.lost, seen.back] = [now, 0];
		else seen.back ||= now;
	}).observe(document.querySelector('chat-room'), { attributes: true, subtree: true, attributeFilter: ['hidden', 'data-state'] });
}`

func TestAShortInterruptionIsNotShown(t *testing.T) {
	t.Parallel()
	world, browser := chattest.NewWorld(t), NewBrowser(t)
	browser.ExpectsOutages()
	wire := newWire(t, world.Address())
	ann := browser.Person()
	ann.Opens("http://" + wire.listener.Addr().String() + "/")
	ann.Connects("Ann", "")
	ann.page.MustEval(watchBanner)
	// By the page's clock it is short, however long this machine takes to connect again.
	ann.page.MustEval(`() => { const now = performance.now(); performance.now = () => now; }`)
	wire.Break()
	ann.Sees("the connection back", `() => window.banner.lost > 0 && window.banner.back > 0`)
	if ann.page.MustEval(`() => window.banner.shown`).Bool() {
		t.Error("the banner was shown")
	}
}

// The page reconnects at once when there is a reason to.
func TestThePageReconnectsAtOnceWhenThereIsAReason(t *testing.T) {
	t.Parallel()
	world, browser := chattest.NewWorld(t), NewBrowser(t)
	browser.ExpectsOutages()
	ann := browser.Person()
	ann.Size(1280, 800)
	// The next scheduled attempt would be after 2700 s, and the test does not wait that long.
	ann.page.MustEvalOnNewDocument(`Math.random = () => .9`)
	ann.Opens(world.URL("/"))
	ann.Imports(`({ TIMES }) => { TIMES.goingAway = 3_000_000; }`, "net/connection.js")
	ann.Connects("Ann", "")
	ann.Says("before")
	ann.Hears("Ann: before")
	for _, reason := range []struct{ what, js string }{
		{"somebody does not want to wait", `() => document.querySelector('[data-testid=connect-again]').click()`},
		{"the network is back", `() => window.dispatchEvent(new Event('online'))`},
		{"somebody looks at the tab", `() => document.dispatchEvent(new Event('visibilitychange'))`},
	} {
		ann.page.MustEval(watchBanner)
		world.Stop()
		ann.Shows("banner", "Server closed the connection")
		ann.Shows("banner", "Trying again in 2")
		ann.Shows("banner", "Try now")
		world.Start()
		ann.page.MustEval(reason.js)
		ann.Shows("status", "Connected")
		ann.Sees("no banner", `() => window.banner.gone > 0`)
	}
	ann.Hears("Ann: before")
}

// The seconds are in words, in the right plural form.
func TestTheBannerCountsTheSeconds(t *testing.T) {
	t.Parallel()
	world, browser := chattest.NewWorld(t), NewBrowser(t)
	ann := browser.Person()
	ann.Opens(world.URL("/"))
	said := ann.page.MustEval(`() => {
		const banner = document.querySelector('connection-banner');
		const lines = [900, 4900].map((wait) => {
			banner.show({ state: 'waiting', lostFor: 5000, retryIn: wait, reached: true, why: 'The connection was lost.' });
			return banner.querySelector('.banner-why').textContent;
		});
		banner.show({ state: 'connecting', lostFor: 5000, retryIn: 0, reached: true, why: '' });
		lines.push(banner.querySelector('.banner-why').textContent, String(banner.querySelector('button').disabled));
		return lines.join(' | ');
	}`).Str()
	if want := "The connection was lost. Messages you write now will be sent when you’re back online. Trying again in 1 second. | " +
		"The connection was lost. Messages you write now will be sent when you’re back online. Trying again in 5 seconds. | " +
		"Messages you write now will be sent when you’re back online. Trying again now. | true"; said != want {
		t.Errorf("the banner says %q", said)
	}
}

func TestAFullServerIsReportedAndRetried(t *testing.T) {
	t.Parallel()
	one := 1
	world, browser := chattest.NewWorld(t, chattest.With(func(c *config.Config) { c.MaxConnections = &one })), NewBrowser(t)
	bob := world.Connect("Bob", "")
	bob.Hears("Bob connected to chat")
	ann := browser.Person()
	ann.Opens(world.URL("/"))
	ann.Labelled("Name").MustInput("Ann")
	ann.Button("Connect").MustClick()
	ann.Shows("form-error", "full")
	bob.Leaves()
	ann.page.MustEval(`async () => {
		while ((await (await fetch('/check?name=Ann&room=lobby')).json()).errors?.form);
	}`)
	ann.Button("Connect").MustClick()
	ann.Shows("status", "Connected")
}

func TestANewVersionIsOfferedAndLosesNoDraft(t *testing.T) {
	t.Parallel()
	world, browser := chattest.NewWorld(t), NewBrowser(t)
	ann := browser.Person()
	ann.Size(360, 740)
	ann.Opens(world.URL("/"))
	ann.Connects("Ann", "")
	ann.Says("before")
	ann.Hears("Ann: before")
	ann.Labelled("Message").MustInput("half a sentence")
	const isThere = `() => document.dispatchEvent(new CustomEvent('new-version', { detail: { build: '1234' } }))`
	ann.page.MustEval(isThere)
	ann.Shows("version-bar", "A new version is available")
	ann.Shows("version-bar", "Your draft is kept")
	ann.NoSideways()
	ann.Button("Not now").MustClick()
	ann.Sees("it gone", `() => !document.querySelector('[data-testid=version-bar]').checkVisibility()`)

	ann.page.MustEval(isThere)
	ann.LoadsAnew(func() { ann.Button("Reload").MustClick() })
	ann.Shows("status", "Connected")
	ann.Hears("Ann: before")
	ann.Written("half a sentence")
}
