package e2e

import (
	"testing"

	"github.com/google/uuid"

	"chatserver/chattest"
)

// Ann's room gets another address and title while she writes. She stays in it, with her draft;
// the page is at the new address from then on, and everything that she opens there, or goes
// back to, is the same room.
func TestThePageFollowsARenamedRoom(t *testing.T) {
	t.Parallel()
	world, browser := chattest.NewWorld(t), NewBrowser(t)
	bob := world.Join("Bob", "cave")
	bob.SaysUntilAcknowledged("cave", uuid.NewString(), "before")
	ann := browser.Person()
	ann.Opens(world.URL("/rooms/cave"))
	ann.Connects("Ann", "")
	ann.Hears("Bob: before")
	ann.Labelled("Message").MustInput("half a sentence")
	ann.page.MustEval(`() => { window.sameLoad = true; }`)

	world.Operator("rooms", "rename", "cave", "grotto")
	ann.Sees("its new address", `() => location.pathname === '/rooms/grotto' && document.title === 'Grotto · chatserver' && window.sameLoad`)
	ann.Shows("room-title", "Grotto")
	ann.Sees("its link in the list", `() => [...document.querySelectorAll('.room-row')].some((row) => row.getAttribute('href') === '/rooms/grotto' && row.textContent.includes('Grotto'))`)
	ann.Written("half a sentence")
	bob.SaysUntilAcknowledged("cave", uuid.NewString(), "after")
	ann.Hears("Bob: before", "Bob: after")

	ann.Link("Lobby").MustClick()
	ann.Shows("room-title", "Lobby")
	ann.page.MustNavigateBack()
	ann.Shows("room-title", "Grotto")
	ann.Written("half a sentence")
	ann.Hears("Bob: before", "Bob: after")

	ann.Opens(world.URL("/rooms/cave"))
	ann.Sees("the new address", `() => location.pathname === '/rooms/grotto'`)
	ann.Written("half a sentence")
	ann.Hears("Bob: before", "Bob: after")
}
