package e2e

import (
	"testing"

	"chatserver/chattest"
)

// The policy forbids inline styles. The third-party emoji picker must work without them,
// and with data from this server. The browser reports every violation.
func TestTheEmojiPickerWorksUnderThePolicy(t *testing.T) {
	t.Parallel()
	world, browser := chattest.NewWorld(t), NewBrowser(t)
	tab := browser.Person()
	tab.Opens(world.URL("/"))
	tab.Imports(`({ default: Picker }, { default: i18n }) => {
		const dataSource = new URL('../vendor/emoji-picker/data.json', document.querySelector('script[type=module]').src).pathname;
		const picker = new Picker({ locale: 'en', dataSource, i18n });
		document.body.prepend(picker);
	}`, "../vendor/emoji-picker/picker.js", "../vendor/emoji-picker/i18n/ar.js")
	tab.Sees("emojis in columns", `() => {
		const root = document.querySelector('emoji-picker').shadowRoot;
		const emojis = [...root.querySelectorAll('.tabpanel .emoji')].slice(0, 2).map((emoji) => emoji.getBoundingClientRect());
		return emojis.length === 2 && emojis[0].width > 20 && emojis[0].top === emojis[1].top;
	}`)
	tab.Sees("its groups in one row", `() => {
		const groups = [...document.querySelector('emoji-picker').shadowRoot.querySelectorAll('.nav-button')].map((button) => button.getBoundingClientRect().top);
		return groups.length > 5 && new Set(groups).size === 1;
	}`)
	tab.page.MustEval(`() => document.querySelector('emoji-picker').shadowRoot.querySelectorAll('.nav-button')[3].click()`)
	tab.Sees("another group", `() => document.querySelector('emoji-picker').shadowRoot.querySelector('.nav-button[aria-selected=true]').ariaLabel !== null
		&& document.querySelector('emoji-picker').shadowRoot.querySelectorAll('.nav-button')[3].ariaSelected === 'true'`)
}

// A first load begins with an empty cache. The bytes are counted on the network: bodies
// and headers. The page's requests are counted in both directions, and the service
// worker's additional requests as received.
func TestAFirstLoadIsAFewRequestsAndSmall(t *testing.T) {
	t.Parallel()
	const maxRequests = 12
	world, browser := chattest.NewWorld(t), NewBrowser(t)
	wire, tab := newWire(t, world.Address()), browser.Person()
	within := func(when string, maxBytes int, countSent bool) {
		requests, sent, received := wire.Carried()
		t.Logf("%s: %d requests, %d bytes sent, %d received: %q", when, len(requests), sent, received, requests)
		bytes := received
		if countSent {
			bytes += sent
		}
		if len(requests) > maxRequests || bytes > maxBytes {
			t.Errorf("%s: %d requests and %d bytes are more than %d and %d", when, len(requests), bytes, maxRequests, maxBytes)
		}
	}
	// The worker registers once the page has been counted.
	tab.Evaluates(`{
		const { register } = ServiceWorkerContainer.prototype;
		const counted = new Promise((resolve) => { window.counted = resolve; });
		ServiceWorkerContainer.prototype.register = async function (...what) { await counted; return register.apply(this, what); };
	}`)
	tab.Opens(wire.URL("/"))
	tab.Sees("the page alive", `() => customElements.get('chat-room') !== undefined`)
	within("loaded", 75_000, true)
	tab.page.MustEval(`() => window.counted()`)
	tab.Keeps("/")
	within("kept for when there is no network", 90_000, false)
}
