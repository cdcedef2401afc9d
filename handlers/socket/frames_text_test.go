package socket

import (
	"strings"
	"testing"

	"chatserver/chat"
	"chatserver/ws"
)

// A plain-text message is one frame of any size: the guide's clients treat each frame as a
// message.
func TestAPlainTextMessageIsOneFrame(t *testing.T) {
	for _, text := range []string{"hi", strings.Repeat("日", 32_768/3)} {
		frames := textFrames{}.Append(nil, chat.Said{Message: chat.Message{From: "Ann", Text: text}})
		_, payload, size := cutServerFrame(frames)
		if string(payload) != "Ann: "+text || size != len(frames) || frames[0] != ws.FinBit|ws.OpText {
			t.Errorf("%d bytes become %.20q of %d bytes in %d of %d", len(text), payload, len(payload), size, len(frames))
		}
	}
}

// cutServerFrame returns the opcode and payload of the frame at the beginning of b, and its size.
func cutServerFrame(b []byte) (op byte, payload []byte, size int) {
	size = ws.FrameEnd(b, 1)
	head := 2
	if b[1] == 126 {
		head = 4
	}
	return b[0] & 0x0F, b[head:size], size
}
