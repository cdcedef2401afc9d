package e2e

import (
	"testing"

	"github.com/go-rod/rod"
	"github.com/go-rod/rod/lib/proto"

	"chatserver/chattest"
)

func TestAnEmptyRoomOffersAnInvitation(t *testing.T) {
	t.Parallel()
	world, browser := chattest.NewWorld(t), NewBrowser(t)
	ann := browser.Person()
	ann.page.MustEvalOnNewDocument(`navigator.clipboard.writeText = async (text) => { window.copied = text; }`)
	ann.Size(1280, 800)
	ann.Opens(world.URL("/rooms/night-watch"))
	ann.Connects("Ann", "")
	ann.Shows("empty", "No messages in Night watch yet")
	ann.Shows("empty", world.URL("/rooms/night-watch"))
	ann.Shows("empty", "/chat/you?room=night-watch'")
	ann.Sees("a code of the link", `() => {
		const code = document.querySelector('.empty [data-testid=qr]');
		return code.complete && code.naturalWidth > 0 && code.checkVisibility() && new URL(code.src).pathname === '/rooms/night-watch/qr.svg' && code.alt.includes('Night watch');
	}`)
	const copyIn = `() => document.querySelector('.empty [data-copy=link] button')`
	before := ann.page.MustEval(`() => (` + copyIn + `)().getBoundingClientRect().width`).Num()
	ann.page.MustEval(`() => (` + copyIn + `)().click()`)
	ann.Sees("that it is copied, in words", `(link) => window.copied === link && (`+copyIn+`)().querySelector('.copy-words').lastElementChild.checkVisibility({ visibilityProperty: true })`, world.URL("/rooms/night-watch"))
	if after := ann.page.MustEval(`() => (` + copyIn + `)().getBoundingClientRect().width`).Num(); after != before {
		t.Errorf("the button was %v px wide and is %v", before, after)
	}

	// Another room has another link, everywhere.
	ann.Link("Lobby").MustClick()
	ann.Chooses("Invite people…")
	ann.Shows("invite", "Invite people to Lobby")
	ann.Sees("the lobby's code", `() => document.querySelector('#invite [data-testid=qr]').src.endsWith('/rooms/lobby/qr.svg')`)
	ann.Sees("the lobby's link", `(link) => document.querySelector('#invite [data-copy=link] code').textContent === link`, world.URL("/"))
}

func TestWithoutAClipboardTheLinkCanBeSelected(t *testing.T) {
	t.Parallel()
	world, browser := chattest.NewWorld(t), NewBrowser(t)
	ann := browser.Person()
	ann.page.MustEvalOnNewDocument(`delete Navigator.prototype.clipboard`) // as over plain HTTP
	ann.Opens(world.URL("/"))
	ann.Connects("Ann", "")
	ann.Shows("empty", world.URL("/"))
	ann.Sees("no button that would do nothing", `() => [...document.querySelectorAll('copy-button')].every((copy) => !copy.checkVisibility())`)
	ann.Sees("the link marked by one click", `() => getComputedStyle(document.querySelector('.empty [data-copy=link] code')).userSelect === 'all'`)
}

func TestACodeThatDoesNotComeLeavesNoHole(t *testing.T) {
	t.Parallel()
	world, browser := chattest.NewWorld(t), NewBrowser(t)
	browser.Expect("qr.svg")
	ann := browser.Person()
	router := ann.page.HijackRequests()
	router.MustAdd("*/qr.svg", func(h *rod.Hijack) { h.Response.Fail(proto.NetworkErrorReasonFailed) })
	go router.Run()
	t.Cleanup(func() { _ = router.Stop() })
	ann.Opens(world.URL("/"))
	ann.Connects("Ann", "")
	ann.Shows("empty", "No messages in Lobby yet")
	ann.Sees("neither picture nor words of it", `() => !document.querySelector('.empty figure').checkVisibility()`)
}
