package static

import (
	"bytes"
	"crypto/sha256"
	"encoding/hex"
	"path"
	"runtime"
	"runtime/debug"
	"strings"
	"sync"
	"sync/atomic"
	"time"

	"github.com/tdewolff/minify/v2"
	"github.com/tdewolff/minify/v2/css"
	"github.com/tdewolff/minify/v2/js"
	"github.com/tdewolff/minify/v2/json"
	"github.com/tdewolff/minify/v2/svg"
)

// types are the media types of the files by how their names end. The machine's
// own table is not asked: it may know other ones, or none.
var types = map[string]string{
	".css":  "text/css; charset=utf-8",
	".js":   "text/javascript; charset=utf-8",
	".json": "application/json",
	".png":  "image/png",
	".svg":  "image/svg+xml; charset=utf-8",
}

// other is the type of a licence and of checksums.
const other = "text/plain; charset=utf-8"

// File is one file as it is sent: minified, and compressed for those who take
// it so. All of it is made once, when it is asked for, and kept.
type File struct {
	name string

	plain    func() []byte
	gzipped  func() []byte
	begun    sync.Once
	brotlied atomic.Pointer[[]byte] // after begun
	etag     func() string
}

var files = sync.OnceValue(func() map[string]*File {
	all := map[string]*File{}
	for _, name := range names() {
		f := &File{name: name}
		f.plain = sync.OnceValue(func() []byte { return minified(name) })
		f.gzipped = sync.OnceValue(func() []byte { return f.ifSmaller(gzipped(f.plain())) })
		f.etag = sync.OnceValue(func() string {
			sum := sha256.Sum256(f.plain())
			return `W/"` + hex.EncodeToString(sum[:8]) + `"`
		})
		all[name] = f
	}
	return all
})

// Open returns the file at a path of FS, and whether there is one.
func Open(name string) (*File, bool) {
	f, ok := files()[name]
	return f, ok
}

// Type is the file's Content-Type.
func (f *File) Type() string {
	if known, ok := types[path.Ext(f.name)]; ok {
		return known
	}
	return other
}

// ETag names the contents. It is a weak one: it stands for all encodings.
func (f *File) ETag() string { return f.etag() }

// Body returns the file in an encoding, "br" or "gzip", and that encoding; the
// file as it is and "" if the encoding is another one or makes it no smaller.
// Nobody may change the bytes.
func (f *File) Body(encoding string) (body []byte, encoded string) {
	plain := f.plain()
	if strings.HasPrefix(f.Type(), "image/png") {
		return plain, "" // compressed already
	}
	switch encoding {
	case "br":
		body = f.brotli()
	case "gzip":
		body = f.gzipped()
	}
	if body == nil {
		return plain, ""
	}
	return body, encoding
}

// settled is how long after its first request a file is improved: the first page
// shall not share the processor with it.
const settled = time.Second

// improving has one file at a time made as small as it can be: that takes up to
// half a second of one core and some 40 MB for as long. waiting are the files
// that are to be.
var (
	improving sync.Mutex
	waiting   atomic.Int32
)

// brotli is quick at the first time, so that nobody waits for a page; what is
// kept for all others is made meanwhile.
func (f *File) brotli() []byte {
	f.begun.Do(func() {
		quick := f.ifSmaller(brotlied(f.plain(), quickLevel))
		f.brotlied.Store(&quick)
		waiting.Add(1)
		time.AfterFunc(settled, f.improve)
	})
	return *f.brotlied.Load()
}

func (f *File) improve() {
	improving.Lock()
	defer improving.Unlock()
	best := f.ifSmaller(brotlied(f.plain(), bestLevel))
	f.brotlied.Store(&best)
	if waiting.Add(-1) == 0 {
		// Or the server would look as if it needed that much. The first time takes
		// what the compressor keeps for a next time, the second all of it.
		runtime.GC()
		debug.FreeOSMemory()
	}
}

func (f *File) ifSmaller(body []byte) []byte {
	if len(body) < len(f.plain()) {
		return body
	}
	return nil
}

var minifier = sync.OnceValue(func() *minify.M {
	m := minify.New()
	m.AddFunc(".css", css.Minify)
	m.AddFunc(".js", js.Minify)
	m.AddFunc(".json", json.Minify)
	m.AddFunc(".svg", svg.Minify)
	return m
})

// minified is the file without what only people read. What is minified by its
// makers stays theirs.
func minified(name string) []byte {
	content := read(name)
	if strings.Contains(name, ".min.") {
		return content
	}
	var out bytes.Buffer
	if minifier().Minify(path.Ext(name), &out, bytes.NewReader(content)) != nil || out.Len() >= len(content) {
		return content // of a kind that is not minified
	}
	return bytes.Clone(out.Bytes())
}
