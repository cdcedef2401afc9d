package static

import (
	"crypto/sha256"
	"encoding/hex"
	"path"
	"strings"
	"sync"
)

// types maps file name extensions to media types. The machine's own table is not used:
// it may have other types, or none.
var types = map[string]string{
	".css":  "text/css; charset=utf-8",
	".js":   "text/javascript; charset=utf-8",
	".json": "application/json",
	".map":  "application/json",
	".png":  "image/png",
	".svg":  "image/svg+xml; charset=utf-8",
}

// other is the media type of licences and checksums.
const other = "text/plain; charset=utf-8"

// File is one file to serve: bundled if it is an entry, and compressed for clients that
// accept it. Each form is made once, at the first request, and cached.
type File struct {
	name string

	plain    func() []byte
	gzipped  func() []byte // nil if it would not be smaller
	brotlied func() []byte // likewise
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

// Open returns the file at a path of FS, or the source map of an entry, and reports
// whether it exists.
func Open(name string) (*File, bool) {
	f, ok := files()[name]
	return f, ok
}

// Type returns the file's Content-Type.
func (f *File) Type() string {
	if known, ok := types[path.Ext(f.name)]; ok {
		return known
	}
	return other
}

// ETag returns the file's entity tag. It is a weak one, because it stands for all encodings.
func (f *File) ETag() string { return f.etag() }

// Body returns the file in an encoding, "br" or "gzip", and the name of that encoding. For
// another encoding, or one that would not be smaller, it returns the plain file and "".
// Callers must not modify the bytes.
func (f *File) Body(encoding string) (body []byte, encoded string) {
	plain := f.plain()
	if strings.HasPrefix(f.Type(), "image/png") {
		return plain, "" // the format is compressed already
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
