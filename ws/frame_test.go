package ws

import (
	"strings"
	"testing"
)

// The header's size depends on the payload, which is appended first.
func TestFramesOfEverySizeHaveTheirHeader(t *testing.T) {
	for _, size := range []int{0, 1, 124, 125, 126, 127, 1000, 65535, 65536, 65537, 200_000} {
		payload := strings.Repeat("x", size)
		dst, at := BeginFrame([]byte("before"))
		got := EndFrame(append(dst, payload...), at)
		want := append(AppendHeader([]byte("before"), OpText, size), payload...)
		if string(got) != string(want) {
			t.Errorf("a payload of %d bytes becomes a frame of %d bytes and not of %d", size, len(got), len(want))
		}
	}
}
