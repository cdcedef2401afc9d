package static

import (
	"bytes"
	"compress/gzip"
	"fmt"
	"math/bits"

	brotli "github.com/molecule-man/go-brrr"
)

const (
	// quickLevel takes a millisecond for 40 kB.
	quickLevel = 5
	// bestLevel makes a file a tenth smaller than quickLevel, in forty times as long.
	bestLevel = 11
)

// brotlied compresses with a window no larger than the body: the memory it
// takes grows with the window.
func brotlied(body []byte, level int) []byte {
	const smallest = 10 // of a window, in bits
	var out bytes.Buffer
	w, err := brotli.NewWriterOptions(&out, level, brotli.WriterOptions{
		LGWin: max(smallest, bits.Len(uint(len(body)))), SizeHint: uint(len(body)),
	})
	if err != nil {
		panic(fmt.Sprintf("static: brotli has no level %d: %v", level, err))
	}
	_, _ = w.Write(body) // a buffer in memory takes everything
	_ = w.Close()
	return bytes.Clone(out.Bytes())
}

func gzipped(body []byte) []byte {
	var out bytes.Buffer
	w, err := gzip.NewWriterLevel(&out, gzip.BestCompression)
	if err != nil {
		panic("static: gzip: " + err.Error())
	}
	_, _ = w.Write(body) // as above
	_ = w.Close()
	return bytes.Clone(out.Bytes())
}
