package e2e

import (
	"testing"

	"github.com/go-rod/rod/lib/input"

	"chatserver/chattest"
)

// ArrowUp in the empty composer edits the last own message in its place; Esc leaves it as it
// was. Others see the new text, that it was edited, and what the earlier texts were.
func TestAnEditedMessageChangesInItsPlace(t *testing.T) {
	t.Parallel()
	world, browser := chattest.NewWorld(t), NewBrowser(t)
	people := together(world, browser, "Ann", "Bob")
	ann, bob := people[0], people[1]
	ann.Says("charged as four")
	bob.Says("thank you")
	ann.Hears("Ann: charged as four", "Bob: thank you")
	ann.Edits("never mind")
	ann.Presses(input.Escape)
	ann.Focused("message-input")
	ann.Hears("Ann: charged as four", "Bob: thank you")

	ann.Edits("charged as three")
	ann.Presses(input.Enter)
	ann.Focused("message-input")
	bob.Hears("Ann: charged as three", "Bob: thank you")
	bob.Lacks("charged as four")
	ann.Edits("charged as two")
	ann.Presses(input.Enter)
	bob.Hears("Ann: charged as two", "Bob: thank you")
	bob.Reloads()
	bob.Hears("Ann: charged as two", "Bob: thank you")
	bob.Part("message-edited").MustClick()
	bob.Sees("all three texts and what changed", `() => {
		const shown = [...document.querySelectorAll('[data-testid=version]')].map((version) => version.querySelector('.version-text').innerHTML.replace(/<\/?span>/g, ''));
		return JSON.stringify(shown) === JSON.stringify(['charged as <del>three</del><ins>two</ins>', 'charged as <del>four</del><ins>three</ins>', 'charged as four']);
	}`)
	bob.Sees("the title, and no way to remove what is not his", `() => document.querySelector('[data-testid=versions] h2').textContent === 'Edited twice'
		&& [...document.querySelectorAll('[data-testid=purge]')].every((button) => !button.checkVisibility())`)
	ann.Part("message-edited").MustClick()
	ann.Sees("her own versions", `() => document.querySelectorAll('[data-testid=purge]:not([hidden])').length === 2`)
	ann.page.MustEval(`() => [...document.querySelectorAll('[data-testid=purge]:not([hidden])')].at(-1).click()`)
	ann.Sees("one version less", `() => document.querySelectorAll('[data-testid=version]').length === 2`)
	ann.Lacks("charged as four")
}

// Two tabs edit one message: the later one sees both texts and chooses. What she wrote for a
// message that was deleted in the meantime returns to the composer.
func TestAConflictLosesNeitherText(t *testing.T) {
	t.Parallel()
	world, browser := chattest.NewWorld(t), NewBrowser(t)
	ann := together(world, browser, "Ann")[0]
	ann.Focus(true)
	ann.Says("original")
	ann.Hears("Ann: original")
	other := browser.Another(ann)
	other.Size(1280, 800)
	other.Focus(true)
	other.Opens(world.URL("/"))
	other.Hears("Ann: original")
	ann.Edits("mine")
	other.Edits("theirs")
	other.Presses(input.Enter)
	ann.Shows("editor-theirs", "theirs")
	ann.Button("Keep mine").MustClick()
	other.Hears("Ann: mine")

	ann.Edits("and more of mine")
	ann.Reloads()
	ann.Sees("the editor as she left it", `() => document.querySelector('[data-testid=editor-text]')?.value === 'and more of mine'`)
	other.Undoes(0)
	other.Picks("mine", "Delete")
	ann.Shows("gone", "Message deleted by Ann")
	ann.Written("and more of mine")
	ann.Shows("trouble", "The message was deleted.")
}

// A deletion can be undone before it is sent. Then the text is gone for everyone, and
// neighbours share a line.
func TestADeletedMessageLeavesALine(t *testing.T) {
	t.Parallel()
	world, browser := chattest.NewWorld(t), NewBrowser(t)
	people := together(world, browser, "Ann", "Bob")
	ann, bob := people[0], people[1]
	for _, text := range []string{"keep", "a secret", "another secret"} {
		ann.Says(text)
		bob.Hears("Ann: " + text)
	}
	bob.Points("keep")
	bob.Part("more").MustClick()
	bob.Sees("no Delete for others", `() => !document.querySelector('[data-testid=menu-delete]').checkVisibility()`)
	bob.Presses(input.Escape)
	ann.Undoes(3_600_000)
	ann.Picks("a secret", "Delete")
	ann.Shows("leaving", "Message deleted")
	ann.Part("undo").MustClick()
	ann.Sees("the text again", `() => !document.querySelector('[data-testid=leaving]') && `+ann.Row("a secret")+`.querySelector('.message-text').checkVisibility()`)
	ann.Undoes(0)
	ann.Picks("a secret", "Delete")
	bob.Shows("gone", "Message deleted by Ann")
	ann.Picks("another secret", "Delete")
	for _, tab := range []*Tab{ann, bob} {
		tab.Shows("gone", "2 messages deleted by Ann")
		tab.Lacks("secret")
		tab.Reloads()
		tab.Shows("gone", "2 messages deleted by Ann")
		tab.Lacks("secret")
	}
	bob.Part("gone-line").MustClick()
	bob.Shows("gone-whole", "deleted at")
	ann.Says("next")
	bob.Hears("Ann: keep", "Ann: next")
}

// What people do while the server is away shows at once, survives a reload, and is done when
// the server is back.
func TestChangesWaitForTheServer(t *testing.T) {
	t.Parallel()
	world, browser := chattest.NewWorld(t), NewBrowser(t)
	browser.ExpectsOutages()
	ann := together(world, browser, "Ann")[0]
	ann.Keeps("/")
	for _, text := range []string{"one", "two", "three"} {
		ann.Says(text)
		ann.Hears("Ann: " + text)
	}
	ann.IsKept("/rooms/lobby", "three")
	world.Stop()
	ann.Shows("status", "Reconnecting")
	ann.Undoes(0)
	ann.Edits("three, edited")
	ann.Presses(input.Enter)
	ann.Picks("two", "Delete")
	ann.Runs(`(id) => document.querySelector('chat-room').dispatchEvent(new CustomEvent('react', { detail: { id, emoji: '👍🏽' } }))`, ann.page.MustEval(`() => `+ann.Row("one")+`.dataset.id`).Str())
	ann.Reacted("one", "👍🏽 1 mine")
	ann.Reloads()
	ann.Sees("what she did", `() => `+ann.Row("three, edited")+` !== undefined && document.querySelector("[data-testid=leaving]") !== null`)
	ann.Reacted("one", "👍🏽 1 mine")
	world.Start()
	bob := browser.Person()
	bob.Opens(world.URL("/"))
	bob.Connects("Bob", "")
	bob.Hears("Ann: one", "Ann: three, edited")
	bob.Shows("gone", "Message deleted by Ann")
	bob.Reacted("one", "👍🏽 1")
	ann.Sees("nothing left to do", `() => Object.keys(localStorage).every((key) => !key.includes('change.'))`)
}

// What one does in a tab while the server is away shows in one's other tab at once; undone in
// either, it is undone in both; and it is done once.
func TestChangesShowInAllTabsOfAPerson(t *testing.T) {
	t.Parallel()
	world, browser := chattest.NewWorld(t), NewBrowser(t)
	browser.ExpectsOutages()
	ann := together(world, browser, "Ann")[0]
	ann.Says("keep")
	ann.Hears("Ann: keep")
	other := browser.Another(ann)
	other.Size(1280, 800)
	other.Opens(world.URL("/"))
	other.Hears("Ann: keep")
	world.Stop()
	other.Shows("status", "Reconnecting")
	ann.Shows("status", "Reconnecting")
	ann.Front()
	ann.Undoes(3_600_000)
	ann.Picks("keep", "Delete")
	other.Front()
	other.Shows("leaving", "Message deleted")
	other.Part("undo").MustClick()
	ann.Front()
	ann.Sees("it is undone", `() => !document.querySelector('[data-testid=leaving]')`)
	ann.Edits("kept")
	ann.Presses(input.Enter)
	other.Front()
	other.Sees("the edit", `() => `+other.Row("kept")+` !== undefined`)
	world.Start()
	other.Sees("that it is done", `() => Object.keys(localStorage).every((key) => !key.includes('change.')) && document.querySelector('[data-testid=message-edited]').checkVisibility()`)
	other.Part("message-edited").MustClick()
	other.Shows("versions", "Edited once")
}

// Reactions toggle at once and count together; what the server refuses is taken back with a
// sentence.
func TestReactionsCountTogether(t *testing.T) {
	t.Parallel()
	world, browser := chattest.NewWorld(t), NewBrowser(t)
	people := together(world, browser, "Ann", "Bob")
	ann, bob := people[0], people[1]
	ann.Says("lunch?")
	bob.Hears("Ann: lunch?")
	bob.Points("lunch?")
	bob.Part("more").MustClick()
	bob.page.MustElement("[data-testid=message-menu] [data-emoji='🎉']").MustClick()
	bob.Reacted("lunch?", "🎉 1 mine")
	ann.Reacted("lunch?", "🎉 1")
	ann.Part("reaction").MustClick()
	ann.Reacted("lunch?", "🎉 2 mine")
	bob.Reacted("lunch?", "🎉 2 mine")
	bob.Sees("who", `() => { const { ariaLabel, dataset } = document.querySelector('[data-testid=reaction]'); return dataset.names.includes('Ann') && dataset.names.includes('Bob') && ariaLabel.includes('Ann'); }`)
	bob.Part("reaction").MustClick()
	ann.Reacted("lunch?", "🎉 1 mine")
	bob.Points("lunch?")
	bob.Part("more").MustClick()
	bob.Sees("the last one first", `() => document.querySelector('[data-testid=message-menu] [data-emoji]').dataset.emoji === '🎉'`)
	bob.Presses(input.Escape)

	id := ann.page.MustEval(`() => ` + ann.Row("lunch?") + `.dataset.id`).Str()
	ann.Runs(`(id) => document.querySelector('chat-room').dispatchEvent(new CustomEvent('react', { detail: { id, emoji: 'abc' } }))`, id)
	ann.Shows("trouble", "Not changed: A reaction is exactly one emoji")
	ann.Reacted("lunch?", "🎉 1 mine")
}

// A reply quotes its message, leads to it, and says when it was deleted.
func TestAReplyQuotesItsMessage(t *testing.T) {
	t.Parallel()
	world, browser := chattest.NewWorld(t), NewBrowser(t)
	people := together(world, browser, "Ann", "Bob")
	ann, bob := people[0], people[1]
	ann.Says("what is open?")
	bob.Hears("Ann: what is open?")
	talks(world, "bot", 60)
	bob.Hears("bot: line 60")
	bob.ScrollsTo(0)
	bob.Picks("what is open?", "Reply")
	bob.Shows("reply-bar", "Reply to Ann what is open?")
	bob.Focused("message-input")
	bob.Presses(input.Escape)
	bob.Sees("no reply", `() => document.querySelector('[data-testid=reply-bar]').hidden`)
	bob.Picks("what is open?", "Reply")
	bob.KeepsTints()
	bob.Reloads()
	bob.Shows("status", "Connected")
	bob.ScrollsTo(0)
	bob.Shows("reply-bar", "what is open?")
	bob.Says("the map")
	for _, tab := range []*Tab{ann, bob} {
		tab.Hears("Bob: the map")
		tab.Shows("quote", "Ann what is open?")
	}
	bob.Sees("no reply any more", `() => document.querySelector('[data-testid=reply-bar]').hidden`)
	bob.Part("quote").MustClick()
	bob.Finds("what is open?")
	ann.ScrollsTo(0)
	ann.Undoes(0)
	ann.Picks("what is open?", "Delete")
	for _, tab := range []*Tab{ann, bob} {
		tab.Shows("quote", "The original was deleted")
		tab.Lacks("what is open?")
	}
}

// A message has an address, which opens the room at the message, however old it is, and says if
// it was deleted. Pinned messages are listed.
func TestAMessageIsFoundByItsAddressAndItsPin(t *testing.T) {
	t.Parallel()
	world, browser := chattest.NewWorld(t), NewBrowser(t)
	people := together(world, browser, "Ann", "Bob")
	ann, bob := people[0], people[1]
	ann.KeepsCopies()
	ann.KeepsTints()
	bob.KeepsTints()
	ann.Reloads()
	ann.Says("the plan")
	ann.Hears("Ann: the plan")
	ann.Picks("the plan", "Copy link")
	seq := ann.page.MustEval(`() => ` + ann.Row("the plan") + `.dataset.seq`).Str()
	ann.Copied(world.URL("/rooms/lobby/") + seq)
	ann.Presses(input.Escape)
	ann.Picks("the plan", "Pin")
	ann.Shows("pinned", "Pinned by Ann")
	talks(world, "bot", 250)
	bob.Opens(world.URL("/rooms/lobby/") + seq)
	bob.Finds("the plan")
	bob.Chooses("Pinned messages")
	bob.Shows("pin", "the plan")
	bob.page.MustElementR("[data-testid=pin] button", "Unpin").MustClick()
	bob.Shows("pins", "Nothing is pinned in this room.")
	ann.Sees("nothing pinned", `() => !document.querySelector('[data-testid=pinned]')`)

	ann.ScrollsTo(0)
	ann.Opens(world.URL("/rooms/lobby/") + seq)
	ann.Finds("the plan")
	ann.Undoes(0)
	ann.Picks("the plan", "Delete")
	ann.Shows("gone", "Message deleted by Ann")
	bob.Opens("about:blank")
	bob.Opens(world.URL("/rooms/lobby/") + seq)
	bob.Shows("trouble", "This message is no longer available.")
}
