package e2e

import (
	"testing"

	"github.com/go-rod/rod/lib/input"
	"github.com/go-rod/rod/lib/proto"

	"chatserver/chattest"
)

// Without IndexedDB, the emoji come from memory: the picker and the suggestions work,
// and the page says that changes are not saved.
func TestEmojiAreChosenWithoutAnIndexedDB(t *testing.T) {
	t.Parallel()
	for name, broken := range map[string]string{
		"there is none":    `Object.defineProperty(window, 'indexedDB', { value: undefined });`,
		"it is forbidden":  `IDBFactory.prototype.open = () => { throw new DOMException('denied', 'SecurityError'); };`,
		"it fails":         `IDBFactory.prototype.open = () => { const request = { error: new DOMException('broken', 'UnknownError') }; setTimeout(() => request.onerror()); return request; };`,
		"it never answers": `IDBFactory.prototype.open = () => ({});`,
		"another tab holds it": `{
			const open = IDBFactory.prototype.open;
			IDBFactory.prototype.open = function (name, version) { // its deletion waits for a connection that stays open
				if (!window.held) window.held = new Promise((resolve) => {
					const first = open.call(this, name, version);
					first.onsuccess = () => resolve([first.result, this.deleteDatabase(name)]);
				});
				const request = {};
				window.held.then(() => {
					const real = open.call(this, name, version);
					real.onsuccess = () => { request.result = real.result; request.onsuccess(); };
				});
				return request;
			};
		}`,
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			world, browser := chattest.NewWorld(t), NewBrowser(t)
			ann := browser.Person()
			ann.Evaluates(broken)
			ann.Opens(world.URL("/"))
			ann.Connects("Ann", "")
			ann.Button("Emoji").MustClick()
			ann.SeesEmoji()
			ann.Shows("emoji-sheet", "won’t be saved. Browser storage is full or blocked.")
			ann.Sees("all of it inside the sheet", `() => {
				const [picker, sheet] = ['emoji-picker', '[data-testid=emoji-sheet]'].map((what) => document.querySelector(what).getBoundingClientRect());
				return picker.bottom <= sheet.bottom && picker.height > 200;
			}`)
			ann.Sees("the keys in its search", `() => `+inPicker+`.activeElement?.matches('input')`)
			ann.page.MustInsertText("face with tears of jo")
			ann.Sees("what was looked for", `() => `+inPicker+`.querySelector('[role=option][id^=emo-]')?.id === 'emo-😂'`)
			ann.page.KeyActions().Type(input.ArrowDown).Type(input.Enter).MustDo()
			ann.Written("😂")
			ann.Button("Emoji").MustClick()
			ann.Sees("it among those used most", `() => [...`+inPicker+`.querySelectorAll('.favorites button')].some(({ id }) => id === 'fav-😂')`)
			ann.page.KeyActions().Type(input.Escape).MustDo()
			ann.Types(" :jo")
			ann.Sees("a suggestion", `() => document.querySelector('[data-testid=suggestions] [role=option]')?.textContent === '😂 :joy:'`)
			ann.page.KeyActions().Type(input.Enter).Type(input.Enter).MustDo()
			ann.Hears("Ann: 😂 😂")
		})
	}
}

// The in-memory emoji database finds the same emoji as the picker's own.
func TestTheEmojiInMemoryMatchTheDatabase(t *testing.T) {
	t.Parallel()
	keepTheirPromises(t, []part{{"emoji in memory", `async ({ EmojiMemory }, { emojiFile, emojiSource }) => {
		const { default: Database } = await import(emojiFile('database.js'));
		const all = [new Database(emojiSource), new EmojiMemory(emojiSource)];
		const wrong = [];
		const same = async (what, ask) => {
			const [kept, memory] = (await Promise.all(all.map(ask))).map((found) => JSON.stringify(found, (_, value) => (value?.unicode && !Array.isArray(value) ? Object.fromEntries(Object.entries(value).filter(([, it]) => it !== undefined).sort()) : value)));
			if (kept !== memory || kept === undefined) wrong.push(what + ': ' + kept.slice(0, 400) + ' but from memory ' + memory.slice(0, 400));
		};
		for (let group = 0; group < 10; group++) await same('group ' + group, (emoji) => emoji.getEmojiByGroup(group));
		for (const query of ['joy', 'jo', 'face tears', 'tears face jo', 'wave', ':D', '<3', 'flag: ger', 'Ger', 'e', 'xyzzy', 'thumbs_up', '+1', 'o’clock', '8 ball', '(blood', 'ñ', ' heart  ', 'a heart']) {
			await same(query, (emoji) => emoji.getEmojiBySearchQuery(query));
		}
		for (const unicode of ['😂', '👋🏿', 'x']) await same(unicode, (emoji) => emoji.getEmojiByUnicodeOrName(unicode));
		for (const unicode of ['👍', '😂', '😂', '👋🏿', '👋🏿', '👋🏿']) for (const emoji of all) await emoji.incrementFavoriteEmojiCount(unicode);
		await same('used most', (emoji) => emoji.getTopFavoriteEmoji(2));
		await same('no tone', (emoji) => emoji.getPreferredSkinTone());
		for (const emoji of all) await emoji.setPreferredSkinTone(3);
		await same('a tone', (emoji) => emoji.getPreferredSkinTone());
		return wrong.join('\n');
	}`, []string{"lib/emoji-memory.js", "lib/emoji-data.js"}}})
}

// If the device's caches fail or never answer, the page shows what the server has, and
// does not wait for them indefinitely.
func TestAPageComesFromTheServerWhenTheCachesDoNotAnswer(t *testing.T) {
	t.Parallel()
	for name, answer := range map[string]string{
		"never":  `new Promise(() => {})`,
		"forbid": `Promise.reject(new DOMException('broken', 'UnknownError'))`,
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			world, browser := chattest.NewWorld(t), NewBrowser(t)
			browser.ExpectsOutages()
			broken := `for (const act of ['open', 'match', 'has', 'keys', 'delete']) CacheStorage.prototype[act] = () => ` + answer + `;`
			ann := browser.Person()
			ann.Opens(world.URL("/rooms/night-watch"))
			ann.Keeps("/rooms/night-watch")
			ann.Connects("Ann", "")
			ann.Says("before")
			ann.Hears("Ann: before")
			ann.Evaluates(broken)
			if _, err := (proto.RuntimeEvaluate{Expression: broken}).Call(browser.worker(world.URL("/sw.js"))); err != nil {
				t.Fatal(err)
			}
			ann.Reloads()
			ann.Shows("status", "Connected")
			ann.Hears("Ann: before")
			ann.Opens(world.URL("/")) // was never stored
			ann.Shows("status", "Connected")
			ann.Button("Emoji").MustClick()
			ann.SeesEmoji() // from files that are not cached yet
			ann.page.KeyActions().Type(input.Escape).MustDo()
			world.Stop()
			ann.Shows("banner", "Trying again")
			ann.Says("meanwhile")
			ann.Writes("meanwhile")
			world.Start()
			ann.Hears("Ann: meanwhile")
		})
	}
}
