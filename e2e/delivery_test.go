package e2e

import (
	"testing"

	"chatserver/chattest"
)

// The policy forbids styles in the markup; the picker of others must do without,
// too, and with its data from here. A browser complains about each that it stops.
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

// A browser that is told of all modules at once waits for none after another.
func TestEveryModuleIsLoadedInAdvance(t *testing.T) {
	t.Parallel()
	world, browser := chattest.NewWorld(t), NewBrowser(t)
	tab := browser.Person()
	tab.Opens(world.URL("/"))
	tab.Sees("no module that was found late, and none in vain", `() => {
		const told = [...document.querySelectorAll('link[rel=modulepreload]')].map(({ href }) => href).sort();
		const loaded = performance.getEntriesByType('resource').map(({ name }) => name).filter((name) => name.includes('/js/')).sort();
		return told.length > 20 && JSON.stringify(told) === JSON.stringify(loaded);
	}`)
}
