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

// countingFrames encodes frames of a given size, and counts the encoded events.
type countingFrames struct {
	size    int
	encoded *int
}

func (f countingFrames) Append(dst []byte, event Event) []byte {
	*f.encoded++
	return append(dst, event.(Said).Message.Fit(f.size).Text...)
}

// TestARoomEncodesAnEventOnceForBothSizes also checks the exception: an event that does not
// fit the smaller size is encoded a second time.
func TestARoomEncodesAnEventOnceForBothSizes(t *testing.T) {
	for text, times := range map[string]int{"hi": 1, strings.Repeat("x", 40_000): 2} {
		encoded := 0
		b := &batch{}
		frames := [kinds]Frames{JSON: countingFrames{FrameBytes, &encoded}, LargeJSON: countingFrames{LargeFrameBytes, &encoded}}
		b.append(frames, [kinds]int{JSON: 3, LargeJSON: 2}, Said{Message{Text: text}})
		small, large := string(b.bytes[JSON]), string(b.bytes[LargeJSON])
		if encoded != times || large != text || small == "" || len(small) > FrameBytes || !strings.HasPrefix(text, small) {
			t.Errorf("%d bytes are encoded %d times, as %d and %d bytes", len(text), encoded, len(small), len(large))
		}
	}
}
