package e2e

import (
	"fmt"
	"testing"

	"github.com/go-rod/rod/lib/proto"
	"github.com/google/uuid"

	"chatserver/chattest"
)

// Headless Chromium does not show notifications, and nobody can click on them. So a
// wrapper of the page's constructor creates the real notification and records the
// arguments. Sounds are recorded likewise.
const recorder = `
	window.notified = [];
	window.toned = 0;
	if ('Notification' in window) window.Notification = class extends Notification {
		constructor(title, options) {
			super(title, options);
			window.notified.push(this);
			this.said = title + ' / ' + options.body;
			this.options = options;
		}
		close() {
			super.close();
			this.closed = true;
		}
	};
	window.OscillatorNode = class extends OscillatorNode {
		start(...when) {
			super.start(...when);
			window.toned++;
		}
	};
`

// permits answers the browser's permission prompt.
func (tab *Tab) permits(is proto.BrowserPermissionSetting) {
	tab.t.Helper()
	err := proto.BrowserSetPermission{
		Permission:       &proto.BrowserPermissionDescriptor{Name: "notifications"},
		Setting:          is,
		BrowserContextID: tab.page.Browser().BrowserContextID,
	}.Call(tab.page.Browser())
	if err != nil {
		tab.t.Fatal(err)
	}
}

// asks runs a function of notifications.js.
func (tab *Tab) asks(js string) string {
	tab.t.Helper()
	return tab.Imports(`async (notifications) => `+js, "lib/notifications.js")
}

// sets changes a setting.
func (tab *Tab) sets(key, value string) {
	tab.t.Helper()
	tab.Imports(fmt.Sprintf(`({ settings }) => { settings.set(%q, %q); }`, key, value), "lib/settings.js")
}

// hides makes the tab believe that it is hidden. Headless Chromium treats every tab as
// visible.
func (tab *Tab) hides(is bool) {
	tab.t.Helper()
	tab.page.MustEval(`(is) => {
		const state = { hidden: is, visibilityState: is ? 'hidden' : 'visible' };
		for (const [name, value] of Object.entries(state)) Object.defineProperty(document, name, { value, configurable: true });
		document.dispatchEvent(new Event('visibilitychange'));
	}`, is)
}

// Notified waits until the visible notifications have these texts.
func (tab *Tab) Notified(said ...string) {
	tab.t.Helper()
	tab.Sees("notifications", `(said) => JSON.stringify(window.notified.filter(({ closed }) => !closed).map(({ said }) => said)) === JSON.stringify(said)`,
		append([]string{}, said...))
}

// Kept waits until the service worker's notifications have these texts. Like the page,
// it never lists them while one is being shown, because Chromium then drops that one.
func (tab *Tab) Kept(said ...string) {
	tab.t.Helper()
	_, err := tab.page.Timeout(chattest.Patience).Eval(`async (said) => {
		const worker = await navigator.serviceWorker.ready;
		for (let shown = ''; shown !== JSON.stringify(said);) {
			await new Promise((resolve) => setTimeout(resolve, 50)); // nothing is drawn in a tab that is behind another
			const kept = await navigator.locks.request('chatserver.notifications', () => worker.getNotifications());
			shown = JSON.stringify(kept.map(({ title, body, data }) => [title, body, data.room].join(' / ')));
		}
	}`, append([]string{}, said...))
	if err != nil {
		tab.t.Fatalf("the notifications are not %q: %v; permission %v, there are %v\n%s", said, err, tab.page.MustEval(`() => Notification.permission`),
			tab.page.MustEval(`async () => (await (await navigator.serviceWorker.ready).getNotifications()).map(({ title, body }) => title + ' / ' + body)`),
			tab.page.MustEval(`() => document.title + document.body.innerText`))
	}
}

func TestMentionsNotifyPeopleWhoDoNotLook(t *testing.T) {
	t.Parallel()
	world, browser := chattest.NewWorld(t), NewBrowser(t)
	ann, bob := browser.Person(), browser.Person()
	ann.Size(1280, 800)
	ann.page.MustEvalOnNewDocument(recorder + `delete Navigator.prototype.serviceWorker;`)
	ann.permits(proto.BrowserPermissionSettingGranted)
	ann.Opens(world.URL("/"))
	ann.Connects("Ann", "")
	ann.GoesTo("bookings")
	ann.GoesTo("lobby")
	bob.Opens(world.URL("/"))
	bob.Connects("Bob", "")

	// Notifications are off until a person turns them on, whatever the browser allows.
	bob.GoesTo("bookings")
	bob.Says("@Ann before")
	ann.Unread("Bookings @1")
	if got := ann.asks(`notifications.notificationState()`); got != "off" {
		t.Errorf("before she turned it on, the setting is %q", got)
	}
	if got := ann.asks(`notifications.enableNotifications()`); got != "on" {
		t.Errorf("turned on, the setting is %q", got)
	}
	ann.Notified()

	// In another room: one notification for the room, which is updated silently.
	bob.Says("to nobody")
	bob.Says("@ann, look")
	ann.Notified("2 mentions in Bookings / Bob: @ann, look")
	bob.Says("@Ann?")
	ann.Sees("one for the room, in place of the other", `() => {
		const [first, second, third] = window.notified;
		return second?.said === '3 mentions in Bookings / Bob: @Ann?' && !third && first.options.tag === second.options.tag
			&& !first.options.silent && second.options.silent;
	}`)

	// It closes when the message is read in another tab.
	again := browser.Again(ann)
	again.Opens(world.URL("/rooms/bookings"))
	again.Shows("status", "Connected")
	again.Hears("Bob: @Ann?")
	again.Reads()
	ann.Unread()
	ann.Sees("that it is withdrawn", `() => window.notified.at(-1).closed`)
	again.page.MustClose()

	// There is none in the visible room. A click on a notification leads to the message.
	ann.page.MustActivate()
	ann.page.MustEval(`() => { window.notified = []; }`)
	bob.GoesTo("lobby")
	bob.Says("@Ann, here")
	ann.Hears("Bob: @Ann, here")
	ann.Reads()
	bob.GoesTo("bookings")
	bob.Says("@Ann, there")
	ann.Notified("Bob in Bookings / @Ann, there")
	ann.page.MustEval(`() => window.notified[0].dispatchEvent(new Event('click'))`)
	ann.Shows("room-title", "Bookings")
	ann.Sees("the message", `() => document.activeElement.dataset.text === '@Ann, there' && location.hash === '#' + document.activeElement.dataset.id`)
	ann.Sees("that it is gone", `() => window.notified[0].closed`)
	ann.Reads()

	// In a hidden tab there is one for the current room as well; it closes when she has
	// read the message.
	ann.page.MustEval(`() => { window.notified = []; }`)
	ann.hides(true)
	bob.Says("to nobody")
	bob.Says("@Ann, are you there?")
	ann.Notified("Bob in Bookings / @Ann, are you there?")
	ann.Titled("(2) Bookings · chatserver")
	ann.hides(false)
	ann.Titled("Bookings · chatserver")
	ann.Reads()
	ann.Notified()
}

// The service worker's notifications, which outlive the page. These
// are real: the test lists the browser's.
func TestNotificationsOfTheServiceWorkerGoWhenTheRoomIsRead(t *testing.T) {
	t.Parallel()
	world, browser := chattest.NewWorld(t), NewBrowser(t)
	ann, bob := browser.Person(), browser.Person()
	ann.permits(proto.BrowserPermissionSettingGranted)
	ann.Opens(world.URL("/"))
	ann.Connects("Ann", "")
	ann.GoesTo("bookings")
	ann.GoesTo("lobby")
	ann.page.MustEval(`async () => { await navigator.serviceWorker.ready; }`)
	ann.sets("notifications", "on")
	bob.Opens(world.URL("/rooms/bookings"))
	bob.Connects("Bob", "")
	bob.Says("@Ann, one")
	ann.Kept("Bob in Bookings / @Ann, one / bookings")
	bob.Says("@Ann, two")
	ann.Kept("2 mentions in Bookings / Bob: @Ann, two / bookings")
	again := browser.Again(ann)
	again.Opens(world.URL("/rooms/bookings"))
	again.Shows("status", "Connected")
	again.Hears("Bob: @Ann, two")
	again.Reads()
	ann.Kept()

	// The page acts on the worker's message about a click.
	ann.page.MustEval(`() => navigator.serviceWorker.dispatchEvent(new MessageEvent('message', { data: { open: 'bookings', message: '' } }))`)
	ann.Shows("room-title", "Bookings")
}

// Chromium drops a notification that is being shown while any tab lists the
// notifications.
func TestANotificationSurvivesTheCleanupOfAnotherRoom(t *testing.T) {
	t.Parallel()
	world, browser := chattest.NewWorld(t), NewBrowser(t)
	ann := browser.Person()
	ann.permits(proto.BrowserPermissionSettingGranted)
	ann.page.MustEvalOnNewDocument(`
		window.showing = 0;
		window.askedMeanwhile = 0;
		const { showNotification, getNotifications } = ServiceWorkerRegistration.prototype;
		ServiceWorkerRegistration.prototype.showNotification = async function (...what) {
			window.showing++;
			window.meanwhile();
			await showNotification.apply(this, what);
			await new Promise((resolve) => setTimeout(resolve, 100)); // long enough to be met
			window.showing--;
		};
		ServiceWorkerRegistration.prototype.getNotifications = function (...what) {
			window.askedMeanwhile += window.showing;
			return getNotifications.apply(this, what);
		};
	`)
	ann.Opens(world.URL("/"))
	ann.Connects("Ann", "")
	ann.GoesTo("chairs")
	ann.GoesTo("bookings")
	ann.GoesTo("lobby")
	ann.page.MustEval(`async () => { await navigator.serviceWorker.ready; }`)
	ann.sets("notifications", "on")
	bob := world.Join("Bob", "bookings")
	bob.JoinsAlso("chairs")
	bob.Sends("chairs", uuid.NewString(), "to nobody")
	ann.Unread("Chairs 1")
	ann.Imports(`({ readPositions }) => {
		const { socket } = document.querySelector('chat-room');
		window.meanwhile = () => readPositions.read('chairs', socket.room('chairs').record.last);
	}`, "model/read-positions.js")
	bob.Sends("bookings", uuid.NewString(), "@Ann, one")
	ann.Unread("Bookings @1")
	ann.Kept("Bob in Bookings / @Ann, one / bookings")
	if n := ann.page.MustEval(`() => window.askedMeanwhile`).Int(); n > 0 {
		t.Errorf("the page listed the notifications %d times while one was being shown", n)
	}
}

func TestBlockedNotificationsComeWithAnExplanation(t *testing.T) {
	t.Parallel()
	world, browser := chattest.NewWorld(t), NewBrowser(t)
	ann, bob := browser.Person(), browser.Person()
	ann.page.MustEvalOnNewDocument(recorder)
	ann.permits(proto.BrowserPermissionSettingDenied)
	ann.Opens(world.URL("/"))
	ann.Connects("Ann", "")
	ann.GoesTo("bookings")
	ann.GoesTo("lobby")
	if got := ann.asks(`notifications.enableNotifications()`); got != "denied" {
		t.Errorf("forbidden, the setting is %q", got)
	}
	if got := ann.asks(`notifications.notificationSentence()`); got != "Notifications are blocked. Allow them in your browser’s settings for this site." {
		t.Errorf("the sentence is %q", got)
	}
	if got := ann.asks(`notifications.testNotification()`); got != "false" {
		t.Errorf("a test notification although they are forbidden: %s", got)
	}
	bob.Opens(world.URL("/rooms/bookings"))
	bob.Connects("Bob", "")
	bob.Says("@Ann")
	ann.Titled("(1) chatserver")
	ann.Notified()
}

// A page over plain HTTP from another machine has neither notifications nor a service
// worker nor locks. Everything else works, and there are no errors.
func TestWithoutNotificationsTheRestWorks(t *testing.T) {
	t.Parallel()
	world, browser := chattest.NewWorld(t), NewBrowser(t)
	ann, bob := browser.Person(), browser.Person()
	ann.page.MustEvalOnNewDocument(`
		delete window.Notification;
		for (const name of ['serviceWorker', 'locks', 'setAppBadge', 'clearAppBadge']) delete Navigator.prototype[name];
	`)
	ann.Opens(world.URL("/"))
	ann.Connects("Ann", "")
	ann.GoesTo("bookings")
	ann.GoesTo("lobby")
	bob.Opens(world.URL("/rooms/bookings"))
	bob.Connects("Bob", "")
	bob.Says("@Ann")
	ann.Titled("(1) chatserver")
	if got := ann.asks(`notifications.enableNotifications()`); got != "unsupported" {
		t.Errorf("without notifications, the setting is %q", got)
	}
	ann.GoesTo("bookings")
	ann.Hears("Bob: @Ann")
	ann.Reads()
	ann.Titled("Bookings · chatserver")
}

func TestSoundsAreOptionalAndLimited(t *testing.T) {
	t.Parallel()
	world, browser := chattest.NewWorld(t), NewBrowser(t)
	ann, bob := browser.Person(), browser.Person()
	ann.Size(1280, 800)
	ann.page.MustEvalOnNewDocument(recorder)
	ann.Opens(world.URL("/"))
	ann.Connects("Ann", "")
	ann.GoesTo("bookings")
	ann.GoesTo("lobby")
	bob.Opens(world.URL("/rooms/bookings"))
	bob.Connects("Bob", "")
	toned := func(want int) {
		t.Helper()
		if got := ann.page.MustEval(`() => window.toned`).Int(); got != want {
			t.Errorf("%d tones, want %d", got, want)
		}
	}

	bob.Says("off by default")
	ann.Unread("Bookings 1")
	toned(0)
	ann.sets("sound", "on")
	ann.Says("mine")
	ann.Hears("Ann: mine")
	bob.GoesTo("lobby")
	bob.Says("what she looks at")
	ann.Hears("Bob: what she looks at")
	toned(0)
	bob.GoesTo("bookings")
	ann.page.MustEval(`() => {
		// The pause lasts until it is over, however slow the machine is.
		const [at, later] = [performance.now(), window.setTimeout];
		window.pauses = [];
		window.setTimeout = (act, ms, ...rest) => (ms === 3_000 ? window.pauses.push(act) : later(act, ms, ...rest));
		performance.now = () => at;
		window.passes = async () => {
			performance.now = () => at + 3_000;
			for (const act of window.pauses) act();
			await navigator.locks.request('chatserver.sound', () => {});
		};
	}`)
	bob.Says("one")
	ann.Sees("two tones", `() => window.toned === 2`)
	bob.Says("two")
	bob.Says("three")
	ann.Unread("Bookings 4")
	ann.settle()
	toned(2)
	ann.page.MustEval(`() => window.passes()`)
	bob.Says("four")
	ann.Sees("four tones", `() => window.toned === 4`)
}
