package markdown_test

import (
	"fmt"
	"net/url"
	"regexp"
	"slices"
	"strings"
	"testing"
	"time"

	"golang.org/x/net/html"
	"golang.org/x/net/html/atom"

	"chatserver/chat"
	"chatserver/jsonstring"
	"chatserver/markdown"
)

// allowed lists the permitted elements and attributes, and their values.
var allowed = map[string]map[string]*regexp.Regexp{
	"p": {"dir": only("auto"), "class": only("emoji-only")}, "li": {"dir": only("auto")}, "blockquote": {"dir": only("auto")},
	"br": {}, "em": {}, "strong": {}, "del": {}, "code": {}, "ul": {}, "ol": {"start": only("[0-9]+")},
	"figure": {"class": only("code")}, "figcaption": {}, "pre": {"dir": only("ltr"), "tabindex": only("0")},
	"span": {"class": only("c|k|s|m|nf|gi|gd")},
	"a":    {"href": only("(?s).*")},
}

func only(value string) *regexp.Regexp { return regexp.MustCompile("^(?:" + value + ")$") }

// checkSafe parses HTML as a browser would.
func checkSafe(t *testing.T, typed, markup string) {
	t.Helper()
	body := &html.Node{Type: html.ElementNode, Data: "body", DataAtom: atom.Body}
	nodes, err := html.ParseFragment(strings.NewReader(markup), body)
	if err != nil {
		t.Fatalf("%.200q becomes what nobody can read: %v", typed, err)
	}
	for len(nodes) > 0 {
		n := nodes[0]
		nodes = nodes[1:]
		for child := n.FirstChild; child != nil; child = child.NextSibling {
			nodes = append(nodes, child)
		}
		if wrong := unsafe(n); wrong != "" {
			t.Fatalf("%.200q becomes %.500s: %s", typed, markup, wrong)
		}
	}
	if size := jsonstring.Size(markup) + jsonstring.Size(typed); len(typed) <= 32768 && size > max(chat.MaxEncoded, 12*len(typed)) {
		t.Fatalf("%d bytes become an event of %d", len(typed), size)
	}
}

func unsafe(n *html.Node) string {
	if n.Type == html.TextNode {
		return ""
	}
	attributes, known := allowed[n.Data]
	if n.Type != html.ElementNode || !known {
		return fmt.Sprintf("a node %d %q", n.Type, n.Data)
	}
	for _, a := range n.Attr {
		if value := attributes[a.Key]; value == nil || !value.MatchString(a.Val) {
			return fmt.Sprintf("%s has %s=%q", n.Data, a.Key, a.Val)
		}
		if a.Key != "href" {
			continue
		}
		if u, err := url.Parse(a.Val); err != nil || !slices.Contains([]string{"http", "https", "mailto"}, u.Scheme) {
			return fmt.Sprintf("a link leads to %q", a.Val)
		}
	}
	return ""
}

// attacks are inputs that have worked against some software.
var attacks = []string{
	"<script>alert(1)</script>", "<img src=x onerror=alert(1)>", "<svg onload=alert(1)>", "<svg><script>alert(1)</script></svg>",
	"<iframe src=javascript:alert(1)>", "<body onload=alert(1)>", "<a href=javascript:alert(1)>x</a>", "<a href=\"jav&#x09;ascript:alert(1)\">x</a>",
	"[x](javascript:alert(1))", "[x](JaVaScRiPt:alert(1))", "[x](java\nscript:alert(1))", "[x](<javascript:alert(1)>)", "[x](javascript&#58;alert(1))",
	"[x](javascript&colon;alert(1))", "[x](&#x6A;avascript:alert(1))", "[x](\x01javascript:alert(1))", "[x](data:text/html;base64,PHNjcmlwdD4=)",
	"[x](vbscript:msgbox(1))", "[x](//evil.example)", "[x](http://a\" onclick=\"alert(1))", "[x](http://a.b \"t\\\" onclick=alert(1)\")",
	"![x](x\" onerror=\"alert(1))", "![x](http://a.b/x.png)", "<javascript:alert(1)>", "<http://a.b/\"onmouseover=alert(1)>",
	"http://a.b/\"onmouseover=\"alert(1)", "www.a.b/<script>alert(1)</script>", "```\"><script>alert(1)</script>\nx\n```",
	"```html\n<script>alert(1)</script>\n```", "`<script>alert(1)</script>`", "<<script>script>alert(1)</script>", "<scr<script>ipt>alert(1)</script>",
	"<math><mtext><table><mglyph><style><!--</style><img title=\"--&gt;&lt;img src=1 onerror=alert(1)&gt;\">", "<noscript><p title=\"</noscript><img src=x onerror=alert(1)>\">",
	"<style>@import 'http://a.b'</style>", "<link rel=stylesheet href=http://a.b>", "<meta http-equiv=refresh content=0>", "<base href=http://a.b>",
	"<form action=http://a.b><input name=x></form>", "<details open ontoggle=alert(1)>", "<textarea><script>alert(1)</script>", "<title></title><img src=x onerror=alert(1)>",
	"<!--><img src=x onerror=alert(1)>-->", "<![CDATA[<img src=x onerror=alert(1)>]]>", "<?xml version=\"1.0\"?>", "</p><script>alert(1)</script>",
	"[a](http://b)[c](javascript:d)", "[[a](javascript:b)](http://c)", "[a\n\n](javascript:b)", "> [a](javascript:b\n> )", "\\<script>alert(1)\\</script>",
	"*<script>*alert(1)</script>", "[<img src=x onerror=alert(1)>](http://a.b)", "mailto:\"><script>@a.b", "<a@b.c\"onclick=alert(1)>", "\xff<script>", "&lt;script&gt;alert(1)&lt;/script&gt;",
}

// expensive are inputs that take parsers long, or have large output.
var expensive = []string{
	">", "> ", "*", "_", "~", "`", "[", "]", "<", "![", "[](", "[a](", "[a](http://b.c)", "[*a](", "*a ", "*a **b ", "a**b* ", "*_~", "`a", "``a`",
	"- ", "- a\n", "1. a\n", "- a\n  ", "a\n", "a\n\n", "http://a.b ", "www.a.b ", "a@b.c ", "<a@b.c>", ":heart:", ":", "😀", "&", "\"", "'", "\t", "\\",
	"```\n", "```go\n```\n", "```\na\n```\n", "> a\n\n", "[<http://a.b>](", "((www.a.b", "\u2028", "\x01a",
}

func TestNothingUnsafeComesOut(t *testing.T) {
	r := markdown.New()
	for _, typed := range attacks {
		for _, around := range []string{"%s", "a %s b", "> %s", "- %s", "**%s**", "[%s](http://a.b)", "`%s", "```%s"} {
			typed := fmt.Sprintf(around, typed)
			checkSafe(t, typed, r.Render(typed))
		}
	}
}

// The worst messages of maximum length render quickly, and fit an event.
func TestTheWorstIsBounded(t *testing.T) {
	r := markdown.New()
	for _, part := range expensive {
		for _, size := range []int{8192, 32768} {
			typed := strings.Repeat(part, size/len(part))
			checkSafe(t, typed, r.Render(typed))
		}
	}
	var nested strings.Builder
	for i := range 1000 {
		nested.WriteString(strings.Repeat(" ", i) + "- a\n")
	}
	for _, typed := range []string{nested.String(), strings.Repeat("[", 9000) + strings.Repeat("]", 9000), strings.Repeat("*a **b ", 2000) + strings.Repeat("b** a*", 2000)} {
		checkSafe(t, typed, r.Render(typed))
	}
}

func FuzzRender(f *testing.F) {
	for _, typed := range slices.Concat(attacks, expensive) {
		f.Add(typed)
		f.Add(strings.Repeat(typed, 20))
	}
	r := markdown.New()
	f.Fuzz(func(t *testing.T, typed string) {
		hang := time.AfterFunc(10*time.Second, func() { panic(fmt.Sprintf("%q takes for ever", typed)) })
		defer hang.Stop()
		checkSafe(t, typed, r.Render(typed))
	})
}

func BenchmarkRender(b *testing.B) {
	r := markdown.New()
	for _, test := range []struct{ name, typed string }{
		{"hi", "hi"},
		{"a line with code", "Have you tried `go test -race ./...`? It is **slow**, see https://go.dev/doc/articles/race_detector :tada:"},
		{"a block of code", "```go\nfunc main() {\n\tfmt.Println(\"hello\", 42) // and so on\n}\n```"},
		{"8 kB of brackets", strings.Repeat("[*a](", 8192/5)},
		{"8 kB of links", strings.Repeat("http://a.b ", 8192/11)},
		{"8 kB of lists", strings.Repeat("- a\n", 8192/4)},
	} {
		b.Run(test.name, func(b *testing.B) {
			b.ReportAllocs()
			for b.Loop() {
				r.Render(test.typed)
			}
		})
	}
}
