package chat

import (
	"reflect"
	"strings"
	"testing"
	"unicode/utf8"
)

// units are characters that JSON escapes, or that must not be split.
var units = []string{"word ", `"`, "\n", "\u2028", "é", "日", "🎉", "\x01", "<b>&"}

// TestAMessageFitsItsFrame checks what is dropped from a large message: first its HTML; its
// text is cut only if it does not fit alone, between two characters, and TextBytes is set.
func TestAMessageFitsItsFrame(t *testing.T) {
	for _, unit := range units {
		for _, bytes := range []int{1, 8192, 15_000, 32_768} {
			text := strings.Repeat(unit, max(bytes/len(unit), 1))
			m := Message{From: strings.Repeat("🎉", 32), Text: text, HTML: PlainHTML(text), HTMLVersion: 1}
			for _, frame := range []int{FrameBytes, LargeFrameBytes} {
				limit, fit := frame-envelope, m.Fit(frame)
				if fit.Size() > limit || !utf8.ValidString(fit.Text) || !strings.HasPrefix(text, fit.Text) {
					t.Errorf("%d bytes of %q take %d in a frame of %d", len(text), unit, fit.Size(), frame)
				}
				cut := fit.Text != text
				if cut != (fit.TextBytes == len(text)) || !cut && fit.TextBytes != 0 || cut && fit.HTML != "" {
					t.Errorf("%d bytes of %q: text of %d, text_bytes %d, HTML of %d", len(text), unit, len(fit.Text), fit.TextBytes, len(fit.HTML))
				}
				mayCut := frame == FrameBytes && (bytes > 15_000 || unit == "\x01") // no message has control characters
				if cut && (!mayCut || fit.Size() < limit-12) {
					t.Errorf("%d bytes of %q are cut to %d in a frame of %d", len(text), unit, len(fit.Text), frame)
				}
				if fits := m.Size() <= limit; fits != reflect.DeepEqual(fit, m) {
					t.Errorf("%d bytes of %q: fits %v, unchanged %v", len(text), unit, fits, !fits)
				}
			}
		}
	}
}
