package e2e

import (
	"testing"

	"github.com/google/uuid"

	"chatserver/chattest"
)

// Stores waits until a text is in one of this browser's caches, or in none.
func (tab *Tab) Stores(text string, stored bool) {
	tab.t.Helper()
	tab.SeesLater(text+" in the caches", `async (text, stored) => {
		for (const name of await caches.keys()) {
			const cache = await caches.open(name);
			for (const request of await cache.keys()) {
				const { pathname } = new URL(request.url);
				if (pathname.includes('/static/')) continue;
				if ((await (await cache.match(request, { ignoreVary: true })).text()).includes(text)) return stored;
			}
		}
		return !stored;
	}`, text, stored)
}

// What was taken back while Ann's page was closed is in none of her browser's caches once her
// page is back, neither in the rooms that it shows nor in those that it does not.
func TestACachedTextIsGoneAtTheNextContact(t *testing.T) {
	t.Parallel()
	world, browser := chattest.NewWorld(t), NewBrowser(t)
	bob := world.Connect("Bob", "room=night-watch")
	bob.Says("the secret")
	bob.Hears("Bob connected to chat", "Bob: the secret")
	ann := browser.Person()
	ann.Opens(world.URL("/rooms/night-watch"))
	ann.Keeps("/rooms/night-watch")
	ann.Connects("Ann", "")
	ann.Hears("Bob: the secret")
	ann.IsKept("/rooms/night-watch", "the secret")
	ann.Opens(world.URL("/rooms/night-watch")) // now the page itself was loaded with it
	ann.Hears("Bob: the secret")
	ann.Stores("the secret", true)
	ann.Opens("about:blank")
	world.ChangesBehindTheBack("night-watch", 1, "taken back")
	world.Join("Cid", "night-watch").SaysUntilAcknowledged("night-watch", uuid.NewString(), "next") // by which the server notices

	ann.Opens(world.URL("/"))
	ann.Shows("status", "Connected")
	ann.Stores("taken back", true)
	ann.Stores("the secret", false)
	ann.Runs(`() => document.querySelector('chat-room').dispatchEvent(new CustomEvent('leave-room', { detail: 'night-watch' }))`)
	ann.Stores("taken back", false)
}
