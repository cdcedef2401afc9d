package static

import (
	"crypto/sha256"
	"encoding/hex"
	"path"
	"strings"
	"sync"
)

// types are the media types of the files by how their names end. The machine's
// own table is not asked: it may know other ones, or none.
var types = map[string]string{
	".css":  "text/css; charset=utf-8",
	".js":   "text/javascript; charset=utf-8",
	".json": "application/json",
	".map":  "application/json",
	".png":  "image/png",
	".svg":  "image/svg+xml; charset=utf-8",
}

// other is the type of a licence and of checksums.
const other = "text/plain; charset=utf-8"

// File is one file as it is sent: bundled if it is an entry, and compressed for
// clients that accept it. All of it is made once, at the first request, and kept.
type File struct {
	name string

	plain    func() []byte
	gzipped  func() []byte // nil if that is no smaller
	brotlied func() []byte // as above
	etag     func() string
}

var files = sync.OnceValue(func() map[string]*File {
	all := map[string]*File{}
	for _, name := range append(names(), maps()...) {
		all[name] = newFile(name, func() []byte { return content(name) })
	}
	return all
})

func newFile(name string, content func() []byte) *File {
	f := &File{name: name, plain: sync.OnceValue(content)}
	f.gzipped = sync.OnceValue(func() []byte { return f.ifSmaller(gzipped(f.plain())) })
	f.brotlied = sync.OnceValue(func() []byte { return f.ifSmaller(brotlied(f.plain())) })
	f.etag = sync.OnceValue(func() string {
		sum := sha256.Sum256(f.plain())
		return `W/"` + hex.EncodeToString(sum[:8]) + `"`
	})
	return f
}

// Open returns the file at a path of FS, or the source map of an entry, and
// whether there is one.
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
		body = f.brotlied()
	case "gzip":
		body = f.gzipped()
	}
	if body == nil {
		return plain, ""
	}
	return body, encoding
}

func (f *File) ifSmaller(body []byte) []byte {
	if len(body) < len(f.plain()) {
		return body
	}
	return nil
}
