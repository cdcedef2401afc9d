package static

import (
	"bytes"
	"compress/gzip"
	"fmt"
	"math/bits"

	brotli "github.com/molecule-man/go-brrr"
)

// brotliLevel takes 170 ms of processor time for the two bundles of a page, once per process.
// Level 10 takes half of that and adds 2 % to every first load, level 9 adds 7 %.
const brotliLevel = 11

// brotlied compresses with a window no larger than the body, because the memory that
// Brotli needs grows with the window.
func brotlied(body []byte) []byte {
	const smallest = 10 // of a window, in bits
	var out bytes.Buffer
	w, err := brotli.NewWriterOptions(&out, brotliLevel, brotli.WriterOptions{
		LGWin: max(smallest, bits.Len(uint(len(body)))), SizeHint: uint(len(body)),
	})
	if err != nil {
		panic(fmt.Sprintf("static: brotli has no level %d: %v", brotliLevel, err))
	}
	_, _ = w.Write(body) // writing to memory cannot fail
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
