package e2e

import (
	"testing"

	"github.com/go-rod/rod/lib/input"

	"chatserver/chattest"
)

func TestTwoTabsAreOnePerson(t *testing.T) {
	t.Parallel()
	world, browser := chattest.NewWorld(t), NewBrowser(t)
	ann, bob := browser.Person(), browser.Person()
	bob.Opens(world.URL("/"))
	bob.Connects("Bob", "")
	ann.Size(1280, 800)
	ann.Opens(world.URL("/"))
	ann.Connects("Ann", "")
	ann.Shows("people-count", "2 people")
	beside := browser.Another(ann)
	beside.Size(1280, 800)
	beside.Front()
	beside.Opens(world.URL("/"))
	beside.Shows("status", "Connected")
	for _, tab := range []*Tab{ann, beside} {
		tab.Members("Bob", "Ann")
		tab.Shows("people-count", "2 people")
		tab.Shows("member-count", "2 online")
	}
	beside.page.MustClose()
	ann.Front()
	ann.Says("still here")
	bob.Hears("Ann: still here")
	bob.Notes("Ann joined") // once, and nobody has left
	ann.Members("Bob", "Ann")
}

func TestACardDescribesAPerson(t *testing.T) {
	t.Parallel()
	world, browser := chattest.NewWorld(t), NewBrowser(t)
	ann := browser.Person()
	ann.Size(1280, 800)
	ann.Opens(world.URL("/"))
	ann.Connects("Ann", "")
	ann.page.MustEval(`() => document.addEventListener('mention', ({ detail }) => { window.mentioned = detail; })`)
	bob := world.Connect("Bob <b>", "age=25")
	ann.Members("Ann", "Bob <b>")
	ann.page.MustElement("[data-testid=member] button").MustFocus()
	ann.Presses(input.ArrowDown, input.Enter)
	ann.Shows("card", "Bob <b>")
	ann.Shows("card", "25 years old")
	ann.Shows("card", "Online since")
	ann.Button("Mention").MustClick()
	ann.Sees("his name on its way into the composer", `() => window.mentioned === 'Bob <b>' && !document.querySelector('#person-card:popover-open')`)

	bob.Leaves()
	ann.Members("Ann")
	ann.page.MustEval(`() => document.querySelector('message-list').dispatchEvent(new CustomEvent('person', { bubbles: true, detail: { name: 'Bob <b>', author: '' } }))`)
	ann.Shows("card", "Left at")
	ann.Sees("no age that is not known", `() => !document.querySelector('.card-age').checkVisibility()`)
	ann.page.MustEval(`() => document.querySelector('message-list').dispatchEvent(new CustomEvent('person', { bubbles: true, detail: { name: 'Nobody', author: '' } }))`)
	ann.Shows("card", "Offline")
	ann.Presses(input.Escape)
	ann.page.MustElement("[data-testid=member] button").MustClick()
	ann.Shows("card", "You")
}

func TestNamesakesCanBeToldApart(t *testing.T) {
	t.Parallel()
	world, browser := chattest.NewWorld(t), NewBrowser(t)
	tab := browser.Person()
	tab.Opens(world.URL("/"))
	if wrong := tab.Imports(`({ Identities, isUser }, { tone, paintAvatar }, { LastSeen }) => {
		const wrong = [];
		const is = (what, got, want) => got === want || wrong.push(what + ': ' + got);
		const people = new Identities();
		const news = [];
		people.addEventListener('change', ({ detail }) => news.push(detail));
		is('told by an earlier version', people.suffixFor('Ann', '12345678'), '');
		is('one alone', people.suffixFor('Ann', 'a1b2c3d400000000'), '');
		is('the same again', people.suffixFor('Ann', 'a1b2c3d400000000'), '');
		is('an earlier version again', people.suffixFor('Ann', '12345678'), '');
		is('another name', people.suffixFor('Bob', 'ffff000000000000'), '');
		is('without an id', people.suffixFor('Ann'), '');
		is('no news', news.join(), '');
		is('a second', people.suffixFor('ann', '9988776600000000'), '·99887766');
		is('the first from now on', people.suffixFor('Ann', 'a1b2c3d400000000'), '·a1b2c3d4');
		is('still without an id', people.suffixFor('Ann', ''), '');
		is('told once', news.join(), 'ann');
		const me = { name: 'Ann', id: 'a1b2c3d400000000' };
		is('I am I', isUser(me, 'Ann', 'a1b2c3d400000000'), true);
		is('another Ann is not', isUser(me, 'Ann', '9988776600000000'), false);
		is('another name is not', isUser(me, 'Bob', 'a1b2c3d400000000'), false);
		is('an id of an earlier version says nothing', isUser(me, 'Ann', '12345678'), true);
		is('no id says nothing', isUser(me, 'Ann'), true);
		is('without an id of my own', isUser({ name: 'Ann' }, 'Ann', '9988776600000000'), true);
		is('alike at the beginning', people.suffixFor('Ann', 'a1b2c3d499999999'), '·a1b2c3d49');
		is('told no more', news.length, 1);

		const picture = document.createElement('span');
		paintAvatar(picture, 'Ann Lee', 'a1b2c3d4');
		is('by the identity', picture.dataset.tone + picture.textContent, tone('a1b2c3d4') + 'AL');
		paintAvatar(picture, 'Ann Lee');
		is('by the name', picture.dataset.tone, tone('ann lee'));

		const seen = new LastSeen();
		is('never', seen.of('lobby', 'Ann'), undefined);
		seen.saw('lobby', { joined: ['Ann'], left: [] }, 1);
		seen.saw('other', { joined: [], left: ['Ann'] }, 2);
		is('here', JSON.stringify(seen.of('lobby', 'Ann')), '{"here":true,"at":1}');
		is('there', JSON.stringify(seen.of('other', 'Ann')), '{"here":false,"at":2}');
		for (let i = 0; i < 1000; i++) seen.saw('lobby', { joined: ['n' + i], left: [] }, 3);
		is('long ago', seen.of('lobby', 'Ann'), undefined);
		return wrong.join('; ');
	}`, "model/identities.js", "elements/avatar.js", "model/last-seen.js"); wrong != "" {
		t.Error(wrong)
	}
}
