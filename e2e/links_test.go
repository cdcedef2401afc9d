package e2e

import (
	"os"
	"testing"
)

// The page finds the same links as the server (markdown/links_test.go): one table has
// the cases for both.
func TestThePageFindsTheAddressesThatTheServerFinds(t *testing.T) {
	t.Parallel()
	cases, err := os.ReadFile("../markdown/testdata/links.json")
	if err != nil {
		t.Fatal(err)
	}
	keepTheirPromises(t, []part{
		{"addresses of a text", `({ findLinks, addressOf }) => {
			const tables = ` + string(cases) + `;
			let count = 0;
			const wrong = tables.flatMap(({ why, cases }) => Object.entries(cases).flatMap(([text, want]) => {
				count++;
				const got = findLinks(text).map(([begin, end]) => text.slice(begin, end));
				const led = got.every((link) => /^(https?|mailto):$/.test(new URL(addressOf(link)).protocol));
				return JSON.stringify(got) === JSON.stringify(want) && led ? [] : [why + ': ' + JSON.stringify(text) + ' has ' + JSON.stringify(got)];
			}));
			if (count < 100) wrong.push('only ' + count + ' cases were there');
			return wrong.join('; ');
		}`, []string{"model/links.js"}},
		{"an address alone", `({ isLink }) => {
			const cases = { 'https://example.com/a': true, 'HTTP://b': true, 'https://例え.jp/a(b)': true, 'https://example.com/a.': false, 'https://a b': false, ' https://a': false, 'www.example.com': false, 'ann@example.com': false, '': false };
			return Object.entries(cases).filter(([text, want]) => isLink(text) !== want).map(([text]) => text).join('; ');
		}`, []string{"model/links.js"}},
		{"links open elsewhere, and are there before the server has answered", `({ setMarkup, setText }) => {
			const shown = (fill, ...what) => { const element = document.createElement('div'); fill(element, ...what); return element.innerHTML; };
			const link = '<a href="https://a.example/" target="_blank" rel="noopener noreferrer nofollow">https://a.example/</a>';
			const bare = 'see https://a.example/, so\n<b>';
			const cases = [
				[shown(setMarkup, '<p>see <a href="https://a.example/">https://a.example/</a></p>'), '<p>see ' + link + '</p>'],
				[shown(setText, bare, true), '<p dir="auto">see ' + link + ', so\n&lt;b&gt;</p>'],
				[shown(setText, bare, false), '<p dir="auto">see https://a.example/, so\n&lt;b&gt;</p>'], // the server says that there is none
			];
			return cases.filter(([got, want]) => got !== want).map(([got]) => got).join('; ');
		}`, []string{"elements/markup.js"}},
	})
}
