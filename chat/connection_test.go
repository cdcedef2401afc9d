package chat

import "testing"

// keepingSocket is a socket that is behind and keeps what is written to it.
type keepingSocket struct {
	Socket
	kept [][]byte
}

func (k *keepingSocket) Write(frames []byte) bool {
	k.kept = append(k.kept, frames)
	return true
}

type takingSocket struct{ Socket }

func (takingSocket) Write([]byte) bool { return false }

// TestSmallFramesKeepNoLargeMemory checks that a slow connection with small frames does not
// hold memory that was used for large ones.
func TestSmallFramesKeepNoLargeMemory(t *testing.T) {
	of := func(size int) func([]byte) []byte {
		return func(dst []byte) []byte { return append(dst, make([]byte, size)...) }
	}
	behind := &keepingSocket{}
	for range 100 {
		Write(takingSocket{}, of(100_000))
		Write(behind, of(40))
	}
	for _, frames := range behind.kept {
		if len(frames) != 40 || cap(frames) > maxFrameMemory {
			t.Fatalf("%d bytes are kept in a buffer of %d", len(frames), cap(frames))
		}
	}
}
