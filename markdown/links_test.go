package markdown_test

import (
	"encoding/json"
	"os"
	"slices"
	"strings"
	"testing"

	"golang.org/x/net/html"

	"chatserver/markdown"
)

// linkCases returns the texts of testdata/links.json with the addresses that people see in
// them. The modules of the page are tested with the same table (e2e/links_test.go).
func linkCases(t *testing.T) []struct {
	Why   string
	Cases map[string][]string
} {
	t.Helper()
	encoded, err := os.ReadFile("testdata/links.json")
	if err != nil {
		t.Fatal(err)
	}
	var cases []struct {
		Why   string
		Cases map[string][]string
	}
	if err := json.Unmarshal(encoded, &cases); err != nil {
		t.Fatal(err)
	}
	return cases
}

// Addresses that people recognise become links, whatever surrounds them.
func TestAddressesAreLinks(t *testing.T) {
	r := markdown.New()
	for _, table := range linkCases(t) {
		for text, want := range table.Cases {
			if got := linksIn(t, r.Render(text)); !slices.Equal(got, want) {
				t.Errorf("%s: %q has %q and not %q", table.Why, text, got, want)
			}
		}
	}
}

// linksIn returns the texts of the links of a message, without the host that some show beside
// it.
func linksIn(t *testing.T, markup string) (links []string) {
	t.Helper()
	document, err := html.Parse(strings.NewReader(markup))
	if err != nil {
		t.Fatal(err)
	}
	for n := range document.Descendants() {
		if n.Type == html.ElementNode && n.Data == "a" {
			text, _, _ := strings.Cut(textIn(n), " (")
			links = append(links, text)
		}
	}
	return links
}

func textIn(n *html.Node) string {
	var b strings.Builder
	for child := range n.Descendants() {
		if child.Type == html.TextNode {
			b.WriteString(child.Data)
		}
	}
	return b.String()
}

// The target of a link is the typed address, in the form that browsers look up.
func TestLinksLeadWhereTheySay(t *testing.T) {
	r := markdown.New()
	for typed, href := range map[string]string{
		"https://example.com/100%":             "https://example.com/100%25",
		"https://example.com/?q=50%+off%20x":   "https://example.com/?q=50%25+off%20x",
		"https://例え.jp/a":                      "https://xn--r8jz45g.jp/a",
		"www.example.com":                      "http://www.example.com",
		"ann@example.com":                      "mailto:ann@example.com",
		"[a](https://example.com/50%)":         "https://example.com/50%25",
		"[a](https://example.com/b_(c) \"d\")": "https://example.com/b_(c)",
		"<https://example.com/a>":              "https://example.com/a",
		"https://example.com/?a=1&b=2":         "https://example.com/?a=1&b=2",
	} {
		if got, want := r.Render(typed), `href="`+strings.ReplaceAll(href, "&", "&amp;")+`"`; !strings.Contains(got, want) {
			t.Errorf("%q becomes %s without %s", typed, got, want)
		}
	}
}

// If a link's text names another address than its target, the target's host is shown beside it.
func TestALinkThatNamesAnotherAddressShowsItsHost(t *testing.T) {
	r := markdown.New()
	for typed, want := range map[string]string{
		"[https://bank.example](https://evil.example)":                   "https://bank.example (evil.example)",
		"[bank.example](https://evil.example/bank.example)":              "bank.example (evil.example)",
		"[www.bank.example/login](https://www.evil.example)":             "www.bank.example/login (evil.example)",
		"[**bank**.example](https://evil.example)":                       "bank.example (evil.example)",
		"[`bank.example`](https://evil.example)":                         "bank.example (evil.example)",
		"[bank\\.example](https://evil.example)":                         "bank.example (evil.example)",
		"[b\u200bank.example](https://evil.example)":                     "b\u200bank.example (evil.example)",
		"[bank。example](https://evil.example)":                           "bank。example (evil.example)",
		"[ｂａｎｋ.example](https://evil.example)":                           "ｂａｎｋ.example (evil.example)",
		"[log in at bank.example now](https://evil.example)":             "log in at bank.example now (evil.example)",
		"[https://bank.example](https://bank.example@evil.example/)":     "https://bank.example (evil.example)",
		"[log in](https://bank.example@evil.example/)":                   "log in (evil.example)",
		"https://bank.example@evil.example/":                             "https://bank.example@evil.example/ (evil.example)",
		"<https://bank.example:80@evil.example/>":                        "https://bank.example:80@evil.example/ (evil.example)",
		"[https://bank.example](https://b\u0430nk.example)":              "https://bank.example (xn--bnk-6cd.example)",
		"[https://b\u0430nk.example](https://bank.example)":              "https://b\u0430nk.example (bank.example)",
		"[https://bank.example](https://bank.example:8443)":              "https://bank.example (bank.example:8443)",
		"[https://bank.example](mailto:a@evil.example)":                  "https://bank.example (a@evil.example)",
		"[a@bank.example](mailto:b@bank.example)":                        "a@bank.example (b@bank.example)",
		"[a@bank.example](https://bank.example)":                         "a@bank.example (bank.example)",
		"[ftp://bank.example](https://evil.example)":                     "ftp://bank.example (evil.example)",
		"[192.168.0.1](http://10.0.0.1)":                                 "192.168.0.1 (10.0.0.1)",
		"[https://bank.example and evil.example](https://evil.example/)": "https://bank.example and evil.example (evil.example)",
		"[<https://bank.example>](https://evil.example)":                 "https://bank.example (evil.example)",
		"[//bank.example](https://evil.example)":                         "//bank.example (evil.example)",
		`[\\bank.example\x](https://evil.example)`:                       `\\bank.example\x (evil.example)`,
		"[https:/bank.example](https://evil.example)":                    "https:/bank.example (evil.example)",
		"[https:///bank.example](https://evil.example)":                  "https:///bank.example (evil.example)",
		"[https://nas/a](https://evil.example)":                          "https://nas/a (evil.example)",
		"[http://bank.example@evil.example](https://evil.example)":       "http://bank.example@evil.example (evil.example)",
		// these show their target, or name no address
		"[/etc/nginx.conf and n/a](https://bank.example)":    "/etc/nginx.conf and n/a",
		"[https:/bank.example/a](https://bank.example)":      "https:/bank.example/a",
		"[https://bank.example](https://bank.example/login)": "https://bank.example",
		"[www.bank.example](https://bank.example)":           "www.bank.example",
		"[BANK.example.](https://bank.example)":              "BANK.example.",
		"[https://bank.example:443/](https://bank.example)":  "https://bank.example:443/",
		"[the bank](https://bank.example)":                   "the bank",
		"[v1.2.3, e.g. this: 8:30](https://bank.example)":    "v1.2.3, e.g. this: 8:30",
		"[a@bank.example](mailto:A@bank.example)":            "a@bank.example",
		"[https://例え.jp](https://xn--r8jz45g.jp/a)":          "https://例え.jp",
	} {
		document, err := html.Parse(strings.NewReader(r.Render(typed)))
		if err != nil {
			t.Fatal(err)
		}
		for n := range document.Descendants() {
			if n.Data == "a" && textIn(n) != want {
				t.Errorf("%q shows %q and not %q", typed, textIn(n), want)
			}
		}
		if !strings.Contains(r.Render(typed), "<a href=") {
			t.Errorf("%q is no link", typed)
		}
	}
}
