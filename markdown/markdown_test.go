package markdown_test

import (
	"strings"
	"testing"

	"chatserver/markdown"
)

const (
	p   = `<p dir="auto">`
	rel = `>`
)

func TestWhatIsMeantIsShown(t *testing.T) {
	code := func(language, html string) string {
		return `<figure class="code"><figcaption>` + language + `</figcaption><pre dir="ltr" tabindex="0"><code>` + html + "</code></pre></figure>"
	}
	r := markdown.New()
	for typed, want := range map[string]string{
		"hi":                               "",
		"Don't, \"really\"":                "",
		"one\ntwo\r\nthree":                p + "one<br>two<br>three</p>",
		"one\n\ntwo":                       p + "one</p>" + p + "two</p>",
		"**bold** *em* _em_ ~~del~~":       p + "<strong>bold</strong> <em>em</em> <em>em</em> <del>del</del></p>",
		"`a < b`":                          p + "<code>a &lt; b</code></p>",
		"snake_case_name":                  "",
		`\*stars\*`:                        p + "*stars*</p>",
		"> a\n> b\n\nc":                    `<blockquote dir="auto">` + p + "a<br>b</p></blockquote>" + p + "c</p>",
		"- a\n- b\n  - c":                  `<ul><li dir="auto">a</li><li dir="auto">b<ul><li dir="auto">c</li></ul></li></ul>`,
		"3. a\n4. b":                       `<ol start="3"><li dir="auto">a</li><li dir="auto">b</li></ol>`,
		"- a\n\n  b":                       `<ul><li dir="auto">` + p + "a</p>" + p + "b</p></li></ul>",
		"```\na <b>\n```":                  code("", "a &lt;b&gt;\n"),
		"```nonsense\na\n```":              code("nonsense", "a\n"),
		"```go\nreturn \"x\", 1 // c\n```": code("go", `<span class="k">return</span> <span class="s">"x"</span>, <span class="m">1</span> <span class="c">// c</span>`+"\n"),
		"```diff\n+a\n-b\n```":             code("diff", `<span class="gi">+a`+"\n</span>"+`<span class="gd">-b`+"\n</span>"),
		"[a](https://b.c/?d=1&e=2)":        p + `<a href="https://b.c/?d=1&amp;e=2"` + rel + "a</a></p>",
		"[*a*](<http://b.c> \"title\")":    p + `<a href="http://b.c"` + rel + "<em>a</em></a></p>",
		"see http://localhost:9090/a_(b).": p + `see <a href="http://localhost:9090/a_(b)"` + rel + "http://localhost:9090/a_(b)</a>.</p>",
		"www.b.c and me@b.c":               p + `<a href="http://www.b.c"` + rel + `www.b.c</a> and <a href="mailto:me@b.c"` + rel + "me@b.c</a></p>",
		"<http://b.c> <me@b.c>":            p + `<a href="http://b.c"` + rel + `http://b.c</a> <a href="mailto:me@b.c"` + rel + "me@b.c</a></p>",
		"[<http://a.b>](http://c.d)":       p + `<a href="http://c.d"` + rel + "http://a.b (c.d)</a></p>",
		"yes :+1: and :heart:":             p + "yes 👍 and ❤️</p>",
		":tada: 👍🏽 👨‍👩‍👧\n🇩🇪 1️⃣ ❤️":            `<p dir="auto" class="emoji-only">🎉 👍🏽 👨‍👩‍👧<br>🇩🇪 1️⃣ ❤️</p>`,
		strings.Repeat("🎉", 12):                 `<p dir="auto" class="emoji-only">` + strings.Repeat("🎉", 12) + "</p>",
		strings.Repeat("🎉", 13):                 "",
		"> 🎉":                                   `<blockquote dir="auto">` + p + "🎉</p></blockquote>",
		"**「太字」**です":                            p + "<strong>「太字」</strong>です</p>",
		"これは**「強調」**で、~~（古い）~~新。":               p + "これは<strong>「強調」</strong>で、<del>（古い）</del>新。</p>",
		"이 **용어(This term)**를":                  p + "이 <strong>용어(This term)</strong>를</p>",
		"我可以**这个`code`**吗":                      p + "我可以<strong>这个<code>code</code></strong>吗</p>",
		"***a** b* **a *b***":                   p + "<em><strong>a</strong> b</em> <strong>a <em>b</em></strong></p>",
		"*a **b* c**":                           p + "<em>a <em><em>b</em> c</em></em></p>",
		"a `` b`c `` d ` e":                     p + "a <code>b`c</code> d ` e</p>",
		`\\*a* \# \[b](http://c.d) snake\_case`: p + `\<em>a</em> # [b](<a href="http://c.d">http://c.d</a>) snake_case</p>`,
		`¯\\_(ツ)_/¯`:                            p + `¯\_(ツ)_/¯</p>`,
		"1986\\. a\n\\- b\n\\+ c\n> \\> d":      p + "1986. a<br>- b<br>+ c</p><blockquote dir=\"auto\">" + p + "&gt; d</p></blockquote>",
		`example\.com 5\*3 a\-b`:                p + `example.com 5*3 a-b</p>`,
		"> a\n>\n> b":                           `<blockquote dir="auto">` + p + "a</p>" + p + "b</p></blockquote>",
		"control\x01 \x7fcharacters\x1b[31m":    p + "control characters[31m</p>",
	} {
		if got := r.Render(typed); got != want {
			t.Errorf("%q becomes\n%s\nand not\n%s", typed, got, want)
		}
	}
}

// Text that is not Markdown here is shown as typed, character by character.
func TestWhatIsNoneShowsAsItWasTyped(t *testing.T) {
	r := markdown.New()
	for _, typed := range []string{
		"hello <b>Bob</b>", "<script>alert(1)</script>", "<div>\nx\n</div>", "<!-- a -->", "&lt;b&gt; &copy; &#60;",
		"# head", "## head ##", "x\n===", "x\n---", "---", "***", "___", "- - -", "* * *",
		"|a|b|\n|-|-|\n|1|2|", "    indented\n    code", "\tindented", "a\n    b",
		"[a]: /b", "[a][b]", "[a]", "[a]()", "[^1]", "- ", "-", "1.", ">", "```", "`", "**", "+1", "1.5", "#1",
		"[a](javascript:alert(1))", "[a](data:text/html,x)", "[a](ftp://b.c)", "[a](/b)", "![a](javascript:b)", "<javascript:a>", "<ftp://a.b>",
		":nonsense:", ":octocat:", ">:(", ">_< >.<", ">>> print(1)", ">:(\n>:(", ">a", ">", "a >b",
		`\\server\share\_docs`, `\\server\My Files\_docs\*`, `C:\new_folder\_x\_y`, `C:\Program Files\_x`, `\d+\.\d+\*`, `^\.+$ a\b`, `¯\_(ツ)_/¯`, `C:\*.txt`, `dir C:\*.*`, `..\*`, `.\_docs_`, `copy ~\_a_ "%TEMP%\_b_"`, `(D:\[a]\(b))`, `grep '\.go$' | grep 'a\|b'`, `x{2}\+ *\- <\>`, `\alpha\_{1}\*`, `\\ \o/ \`, "curl \\\n -x", `{"a":"b\/c\"d"}`,
		"**a.**b *(c)*d", "__init__", "x.__class__.__name__ and __main__.py", "snake_case __x", "5*3*2", "2*x", "~5 min ~", "3~5일, 10~20일", "~a~", "2026. What a year", "8) :)", "1) a\n2) b", "#hash", "::1", ":)", "10:100:20", "a:100:b", "1 < 2 > 1", "a_b_c * d * e", "5 * 4 * 3",
	} {
		if got := r.Render(typed); got != "" {
			t.Errorf("%q becomes\n%s", typed, got)
		}
	}
}

// An image becomes a link at most: reading a message must not load anything.
func TestAnImageIsALink(t *testing.T) {
	if got, want := markdown.New().Render("![a](http://b.c/d.png)"), p+`!<a href="http://b.c/d.png"`+rel+"a</a></p>"; got != want {
		t.Errorf("got %s", got)
	}
}

// The shortcut for plain text gives the same paragraph as the parser.
func TestTheShortWayLeadsToTheSame(t *testing.T) {
	r := markdown.New()
	for _, typed := range []string{"hi", "Hello, Bob; how are you?", "a - b (c) \"d\" 'e'", "Grüße 日本 1.5", "a/b/c", "a  b", "w.w"} {
		long := strings.TrimSuffix(strings.TrimPrefix(r.Render(typed+"\n\n`x`"), p), "</p>"+p+"<code>x</code></p>")
		if got := r.Render(typed); got != "" || long != typed {
			t.Errorf("%q becomes %q and the long way %q", typed, got, long)
		}
	}
}
