package e2e

import (
	"fmt"
	"net/url"
	"strings"
	"testing"

	"github.com/go-rod/rod/lib/input"
	"github.com/go-rod/rod/lib/proto"

	"chatserver/chattest"
)

// canary is where an injected script would run: its call is logged to the console, like
// every violation of the page's policy. Either fails the test.
const canary = `
	window.ran = () => { console.error('a script of others ran', new Error().stack); return true; };
	window.alert = window.ran;
	window.addEventListener('securitypolicyviolation', ({ violatedDirective, blockedURI, sample }) =>
		console.error('the policy had to forbid ' + violatedDirective + ' ' + blockedURI + ' ' + sample));
`

// unsafe lists elements that only injected markup could have created, including those in
// templates.
const unsafe = `() => {
	const wrong = [];
	const look = (root) => {
		for (const e of root.querySelectorAll('*')) {
			if (e instanceof HTMLTemplateElement) look(e.content);
			for (const { name, value } of e.attributes) {
				if (/^on/i.test(name) || ['srcdoc', 'formaction', 'style'].includes(name) && e.closest('.message-text, template')) wrong.push(name + ' of ' + e.outerHTML);
				if (/^(href|src|action|xlink:href|data|poster)$/.test(name) && /^\s*(javascript|data|vbscript|blob):/i.test(value)) wrong.push(e.outerHTML);
			}
			if (e.matches('iframe, object, embed, base, meta[http-equiv], math, foreignObject, animate, set, audio, video, marquee')) wrong.push(e.outerHTML);
			if (e.matches('script') && e.id !== 'words' && !(e.type === 'module' && e.getAttribute('src').startsWith('/static/'))) wrong.push(e.outerHTML);
			if (e.matches('img') && !/^\/rooms\/[a-z0-9_-]+\/qr\.svg$/.test(e.getAttribute('src'))) wrong.push(e.outerHTML);
			if (e.matches('a[href]') && !['http:', 'https:', 'mailto:'].includes(e.protocol)) wrong.push(e.outerHTML);
			if (e.matches('.message-text a') && (e.target !== '_blank' || !/noopener noreferrer/.test(e.rel))) wrong.push(e.outerHTML);
			if (e.matches('form') && new URL(e.action).origin !== location.origin) wrong.push(e.outerHTML);
		}
	};
	look(document);
	return wrong.join('\n');
}`

// hostile are valid names that would be markup in a page that does not escape them. The
// last one is so only after the server has normalized it.
var hostile = []string{
	`<img src=x onerror=ran()>`, `"onfocus=ran() autofocus x="`, `'><script>ran()`, `&lt;img src=x onerror=ran()&gt;`, `${ran()}{{ran()}}<!--`, `＜svg onload=ran()＞`,
}

// said are messages of the same kind.
var said = []string{
	`<script>ran()</script>`, `<img src=x onerror=ran()>`, `<svg onload=ran()>`, `<svg><animate onbegin=ran() attributeName=x dur=1s>`, `<details open ontoggle=ran()>`,
	`<iframe srcdoc="<script>parent.ran()</script>"></iframe>`, `<iframe src=javascript:parent.ran()>`, `</p></div></template><script>ran()</script>`,
	`<math><mtext><table><mglyph><style><!--</style><img title="--&gt;&lt;img src=1 onerror=ran()&gt;">`, `<noscript><p title="</noscript><img src=x onerror=ran()>">`,
	`<a href="javascript:ran()" autofocus onfocus=ran()>x</a>`, `<form><button formaction=javascript:ran()>x</button></form>`, `<base href=//evil.example>`,
	`<meta http-equiv=refresh content="0;url=javascript:ran()">`, `&lt;img src=x onerror=ran()&gt;`, "\"onfocus=\"ran()\" autofocus=\"",
	`[x](javascript:ran())`, `[x](JaVaScRiPt:ran())`, "[x](java\tscript:ran())", `[x](&#106;avascript:ran())`, `[x](<javascript:ran()>)`, `[x](data:text/html,<script>ran()</script>)`,
	`[x](http://a.b/" onmouseover="ran())`, `[x](http://a.b "x\" onmouseover=ran()")`, `[<img src=x onerror=ran()>](http://a.b/)`, `<javascript:ran()>`, `<http://a.b/"onmouseover="ran()>`,
	`http://a.b/"onmouseover="ran()`, `www.a.b/<img src=x onerror=ran()>`, `![x](x"onerror="ran())`, `![x](data:image/svg+xml,<svg onload=ran()>)`, `![x](http://127.0.0.1:1/x.png)`,
	"```\"><img src=x onerror=ran()>\nran()\n```", "```html\n<script>ran()</script>\n```", "`<script>ran()</script>`", "**<b onmouseover=ran()>**", "> <img src=x onerror=ran()>",
	`:smile" onload="ran():`, `@<img src=x onerror=ran()>, look`,
}

// Each runs with the page's policy, which must find nothing to block, and without it, so
// that nothing depends on the policy.
func TestHostileTextsNeverRun(t *testing.T) {
	for name, lax := range map[string]bool{"with its policy": false, "without": true} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			world, browser := chattest.NewWorld(t), NewBrowser(t)
			ann := careful(t, browser, lax)
			speakers := speak(world, hostile[1:])
			ann.Opens(world.URL("/"))
			ann.IsSafe("the first paint")
			ann.Connects(hostile[0], "25")
			ann.Sees("everybody", `(n) => document.querySelectorAll('[data-testid=member]').length === n`, len(hostile))
			speakers[0].Leaves()
			for _, text := range said {
				speakers[1].Says(text)
			}
			speakers[1].Says("the last")
			ann.Hears(hostile[2] + ": the last")
			ann.Sees("who was here", `(name) => [...document.querySelectorAll('[data-testid=notes]')].some((line) => line.textContent.includes(name))`, hostile[1])
			for _, text := range []string{said[0], said[1], said[16], said[len(said)-1]} {
				ann.Says(text)
				ann.Hears(hostile[0] + ": " + text)
			}
			ann.IsSafe("what is said, and who comes and goes")
			ann.meets(world)
			ann.isCalled(world)
			ann.findsInStorage(browser, lax)
		})
	}
}

// meets makes the card, the switcher and the typing line show hostile names.
func (tab *Tab) meets(world *chattest.World) {
	tab.t.Helper()
	writer := world.Join(`'><svg onload=ran()>`, "lobby")
	tab.Sees("somebody more", `() => [...document.querySelectorAll('.member-name')].some((name) => name.textContent === "'><svg onload=ran()>")`)
	tab.Imports(`({ TIMES }) => { TIMES.believed = 60_000; }`, "model/typing.js")
	writer.Asks("typing", "room", "lobby")
	tab.Shows("typing", `'><svg onload=ran()> is typing…`)
	for i, name := range []string{hostile[0], hostile[2], hostile[3]} {
		tab.page.MustEval(`(name) => document.querySelector('message-list').dispatchEvent(new CustomEvent('person', { bubbles: true, detail: { name, author: '' } }))`, name)
		tab.Shows("card", name)
		tab.IsSafe(fmt.Sprint("card ", i))
		tab.Presses(input.Escape)
	}
	tab.presses(true, false, false, "k")
	tab.Sees("the switcher", `() => document.querySelector('[data-testid=switcher-row]') !== null`)
	for _, typed := range []string{"onerror", "script", `<img src=x onerror=ran()>`} {
		tab.page.MustEval(`(typed) => { const field = document.activeElement; field.value = typed; field.dispatchEvent(new Event('input', { bubbles: true })); }`, typed)
		tab.settle()
		tab.IsSafe("the switcher with " + typed)
	}
	tab.Presses(input.Escape)
	tab.IsSafe("whom she meets")
}

// isCalled makes a notification and the page's title show a hostile message.
func (tab *Tab) isCalled(world *chattest.World) {
	tab.t.Helper()
	tab.GoesTo("img-src-x-onerror-ran")
	tab.GoesTo("lobby")
	tab.sets("notifications", "on")
	bot := world.Connect(`"><script>ran()`, "room=img-src-x-onerror-ran")
	bot.Says("@" + hostile[0] + " <script>ran()</script>")
	tab.Sees("the notification", `(said) => window.notified.some((one) => one.said === said)`,
		`"><script>ran() in Img src x onerror ran / @`+hostile[0]+" <script>ran()</script>")
	tab.Sees("the title", `() => document.title === '(1) chatserver'`)
	tab.IsSafe("what calls her")
}

// findsInStorage fills the browser's storage from another tab with hostile values.
func (tab *Tab) findsInStorage(browser *Browser, lax bool) {
	tab.t.Helper()
	other := browser.Another(tab)
	guard(tab.t, other, lax)
	other.Opens(strings.TrimSuffix(tab.page.MustEval(`() => location.origin`).Str(), "/") + "/version.json")
	other.page.MustEval(`(bad) => {
		const keep = (key, value) => localStorage.setItem('chatserver.' + key, value);
		for (const key of ['name', 'age', 'draft.lobby', 'draft.' + bad, 'read.lobby', 'read.' + bad]) keep(key, bad);
		keep('settings', JSON.stringify({ theme: bad, density: bad, language: bad, notes: bad, sound: bad }));
		keep('rooms', JSON.stringify(['lobby', 'night-watch']));
		document.cookie = 'chat_page=' + new URLSearchParams({ theme: bad, density: bad, language: bad, zone: bad }) + '; path=/';
	}`, `"><img src=x onerror=ran()>`)
	tab.Front()
	tab.settle()
	tab.IsSafe("what another tab has left")
	tab.Reloads()
	tab.Shows("status", "Connected")
	tab.IsSafe("the page that finds it")
	tab.Written(`"><img src=x onerror=ran()>`)
}

// Text from an address and from the cookie of the first paint is only text.
func TestHostileAddressesNeverRun(t *testing.T) {
	for name, lax := range map[string]bool{"with the page's policy": false, "without": true} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			world, browser := chattest.NewWorld(t), NewBrowser(t)
			browser.Expect("the server responded with a status of 4") // the browser logs this when a request is refused
			speak(world, hostile[2:3])
			for _, bad := range []string{`"><img src=x onerror=ran()>`, `</script><script>ran()</script>`, `'><svg onload=ran()>`} {
				ann := careful(t, browser, lax)
				query, path := url.QueryEscape(bad), url.PathEscape(bad)
				for _, address := range []string{
					"/rooms/lobby?name=" + query + "&age=" + query + "&room=" + query + "#" + bad, "/rooms/" + path, "/" + path, "/chat/" + path + "?age=" + query + "&room=" + query,
				} {
					ann.Opens(world.URL(address))
					ann.IsSafe(address)
				}
				ann.page.MustSetCookies(&proto.NetworkCookieParam{URL: world.URL("/"), Name: "chat_page", Value: url.Values{
					"name": {bad}, "age": {bad}, "theme": {bad}, "density": {bad}, "language": {bad}, "zone": {bad},
				}.Encode()})
				ann.Opens(world.URL("/#javascript:ran()"))
				ann.IsSafe("the cookie with " + bad)
			}
			// If a name is taken, the page suggests it with a number.
			ann := careful(t, browser, lax)
			ann.Opens(world.URL("/")) // for a key of her own
			ann.Opens(world.URL("/?name=" + url.QueryEscape(hostile[2])))
			ann.Shows("join", hostile[2]+" 2")
			ann.IsSafe("the name that is offered")
		})
	}
}

// Without JavaScript, the page is as the server renders it.
func TestTheFirstPaintIsSafeWithoutJavaScript(t *testing.T) {
	t.Parallel()
	world, browser := chattest.NewWorld(t), NewBrowser(t)
	speak(world, hostile)
	ann := browser.Person()
	if err := (proto.EmulationSetScriptExecutionDisabled{Value: true}).Call(ann.page); err != nil {
		t.Fatal(err)
	}
	for _, address := range []string{"/", "/?name=" + url.QueryEscape(hostile[0]) + "&age=" + url.QueryEscape(hostile[2])} {
		ann.Begins(world.URL(address))
		ann.Shows("message-text", "ran()")
		ann.IsSafe(address)
		ann.Sees("every message as it was typed", `(texts) => {
			const shown = new Set([...document.querySelectorAll('[data-testid=message]')].map(({ dataset }) => dataset.text));
			return texts.every((text) => shown.has(text));
		}`, said)
	}
}

// careful opens a tab that reports every script that is not ours.
func careful(t *testing.T, browser *Browser, lax bool) *Tab {
	t.Helper()
	tab := browser.Person()
	tab.Size(1280, 800)
	tab.permits(proto.BrowserPermissionSettingGranted)
	tab.page.MustEvalOnNewDocument(recorder + `delete Navigator.prototype.serviceWorker;`)
	guard(t, tab, lax)
	return tab
}

func guard(t testing.TB, tab *Tab, lax bool) {
	t.Helper()
	tab.page.MustEvalOnNewDocument(canary)
	if err := (proto.PageSetBypassCSP{Enabled: lax}).Call(tab.page); err != nil {
		t.Fatal(err)
	}
}

// speak makes people with these names send everything there is to send, the last of them
// most.
func speak(world *chattest.World, names []string) []*chattest.Person {
	people := make([]*chattest.Person, 0, len(names))
	for _, name := range names {
		people = append(people, world.Connect(name, "age=25"))
		people[len(people)-1].Says("I am " + name)
	}
	sayAll(people[0], said)
	return people
}

// IsSafe checks that there is no injected markup, and that no script ran that the page
// would report only later.
func (tab *Tab) IsSafe(where string) {
	tab.t.Helper()
	if wrong := tab.page.MustEval(unsafe).Str(); wrong != "" {
		tab.t.Errorf("%s: %s", where, wrong)
	}
}
