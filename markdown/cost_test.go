package markdown_test

import (
	"cmp"
	"fmt"
	"math/rand/v2"
	"strings"
	"testing"
	"time"

	"chatserver/markdown"
)

// Small messages that take long to render are the cheapest attack on a chat. The texts here look
// for anything that costs more than its length: every kind of markup, repeated, nested,
// in sequence, and in runs of growing length.

// hostileUnits are the building blocks of these texts.
var hostileUnits = []string{
	"*", "**", "***", "_", "__", "~~", "~", "`", "``", "[", "]", "(", ")", "[a](", "](", "[a](b", "[a](http://b.c", "![", "<", ">", "<http://", "http://", "https://a",
	"www.", "www.a.b", "@", "a@", "a@b.c", "a@b.c ", ":", ":a", ":heart:", "\\", "\\a", "\\*", "\\_", ".\\", "a:\\", "%a%\\", "\\-", "&", "&lt;", "\t", "\n", "\r\n", " ", "  \n", "a", "a ", "あ", "「", "」", "。", "é", "👍",
	"- ", "- a\n", "1. a\n", "1.", "> ", "> a\n", "```", "```\n", "```go\n", "~~~\n", "#", "\"", "'", "()", "{", "}", "http://a.b ", "http://a.b/(", "http://a.b/([{", "http://a.b/?a=(&", "%", "%2",
	"[a.b](http://c.d)", "[a](http://b.c)", "*a*", "*a ", "a*", "_a ", "**a", "a**", "(\"", "[a](b \"", "[a](b '", "[a](<", "return ", "\"\\", "/*", "<!--", "'''", "\u200b", "\u0301", "\ufe01", "x", "0", "1 ",
	"> - ", "- > ", "> 1. ", "1. 1. ", "- - - a\n", "-", "+ a\n", "    ", "\x01", "\u2028", "éwww.", "a.", "=", "'a", "h",
}

// hostileShape builds a text of the given size from two units.
func hostileShape(kind uint8, a, b string, size int) string {
	if a+b == "" {
		a = "a"
	}
	var text strings.Builder
	switch both := a + b; kind % 6 {
	case 0:
		text.WriteString(strings.Repeat(both, size/len(both)+1))
	case 1:
		text.WriteString(strings.Repeat(a, size/2/max(len(a), 1)) + strings.Repeat(b, size/2/max(len(b), 1)))
	case 2:
		again := cmp.Or(b, a)
		text.WriteString(a + strings.Repeat(again, size/len(again)+1))
	case 3:
		for run := 1; text.Len() < size; run++ {
			text.WriteString(strings.Repeat(both, run) + " ")
		}
	case 4:
		text.WriteString("```go\n" + strings.Repeat(both, size/len(both)+1))
	case 5:
		for depth := 0; text.Len() < size; depth++ {
			text.WriteString(strings.Repeat(" ", depth%40) + both + "\n")
		}
	}
	return text.String()[:min(size, text.Len())]
}

// plainShape is a paragraph of words that the parser must read to its end.
func plainShape(size int) string { return strings.Repeat("These are words: ", size/17+1)[:size] }

// mostTimesPlain is the highest allowed cost of a text, as a multiple of that of a plain
// paragraph. The worst known text costs a third of it.
const mostTimesPlain = 25

// costRatio returns the cost of a text as a multiple of that of a plain paragraph of the same
// size, the best of several tries: a busy machine does not make every try slow, and an
// expensive text is never fast.
func costRatio(r *markdown.Renderer, typed string) float64 {
	const tries = 40
	best, plain := time.Duration(1<<62), time.Duration(1<<62)
	words := plainShape(len(typed))
	for range tries {
		plain = min(plain, took(r, words))
		best = min(best, took(r, typed))
		if best <= mostTimesPlain*plain {
			break
		}
	}
	return float64(best) / float64(plain)
}

func took(r *markdown.Renderer, typed string) time.Duration {
	began := time.Now()
	r.Render(typed)
	return time.Since(began)
}

// A text that is little more than marks of lists and quotes inside each other, line after
// line, is a paragraph before it is parsed: it used to cost 30 times what words cost. The cost is
// counted in allocations, which do not depend on the machine.
func TestATextOfNestedMarksIsAParagraph(t *testing.T) {
	r := markdown.New()
	for _, line := range []string{"- - a\n", "1. 1. a\n", "> - > - a\n", "- > - > a\n\n", "> 1. > 1. - a\n", "> > > > > > a\n"} {
		text, html := strings.Repeat(line, 32<<10/len(line)), ""
		if cost := testing.AllocsPerRun(1, func() { html = r.Render(text) }); html != "" || cost > 100 {
			t.Errorf("32 kB of %q become %d bytes of HTML with %.0f allocations", line, len(html), cost)
		}
	}
	for _, text := range []string{
		strings.Repeat("- - a\n- > a\n", 10),
		strings.Repeat("> - An item of a list in a quote, such as people write.\n", 500),
		strings.Repeat("- An item.\n  - An item in an item.\n    - And one in that.\n", 30),
		strings.Repeat("> > > A reply to a reply in a mail that somebody pasted.\n", 300),
	} {
		if r.Render(text) == "" {
			t.Errorf("%d bytes of %q have no HTML", len(text), text[:20])
		}
	}
}

// No text may cost more than its length allows.
func FuzzCost(f *testing.F) {
	for i, unit := range hostileUnits {
		f.Add(uint8(i), unit, hostileUnits[(7*i+3)%len(hostileUnits)])
		f.Add(uint8(0), unit, "")
	}
	r := markdown.New()
	f.Fuzz(func(t *testing.T, kind uint8, a, b string) {
		typed := hostileShape(kind, a, b, 32<<10)
		if ratio := costRatio(r, typed); ratio > mostTimesPlain {
			t.Errorf("shape %d of %q and %q costs %.0f times what words cost", kind%6, a, b, ratio)
		}
	})
}

// BenchmarkHostileShapes reports the cost of the worst of a thousand texts, and its ratio to
// plain text.
func BenchmarkHostileShapes(b *testing.B) {
	r := markdown.New()
	for _, size := range []int{8 << 10, 32 << 10} {
		b.Run(fmt.Sprintf("%d kB", size>>10), func(b *testing.B) {
			random := rand.New(rand.NewPCG(15, 1))
			pick := func() string { return hostileUnits[random.IntN(len(hostileUnits))] }
			worst, of, plain := time.Duration(0), "", bestOf(r, plainShape(size))
			for b.Loop() {
				for range 1000 {
					kind, first, second := uint8(random.IntN(6)), pick()+pick(), pick()
					if cost := bestOf(r, hostileShape(kind, first, second, size)); cost > worst {
						worst, of = cost, fmt.Sprintf("shape %d of %q and %q", kind, first, second)
					}
				}
			}
			b.Log(of)
			b.ReportMetric(float64(worst.Microseconds()), "µs/worst")
			b.ReportMetric(float64(plain.Microseconds()), "µs/words")
			b.ReportMetric(float64(worst)/float64(plain), "worst/words")
			b.ReportMetric(0, "ns/op")
		})
	}
}

func bestOf(r *markdown.Renderer, typed string) time.Duration {
	best := time.Duration(1 << 62)
	for range 5 {
		best = min(best, took(r, typed))
	}
	return best
}
