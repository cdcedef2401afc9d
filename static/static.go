// Package static holds the files that a browser loads besides the page: style sheets, modules,
// icons, and third-party files. The sources are embedded unchanged, and there is no build step:
// the program bundles, minifies, and compresses them at the first request, and caches the
// result. A page loads one bundled style sheet and one bundled module; every source is served
// under its own name too, for source maps and tests.
package static

import (
	"crypto/sha256"
	"embed"
	"encoding/hex"
	"io/fs"
	"sync"
)

// FS holds the sources. Their paths are those of the URLs, without the prefix with the hash.
// The tests of modules, in js/test, are not embedded.
//
//go:embed css icons vendor sw.js js/app.js js/details.js js/account.js js/elements js/lib js/model js/net js/page
var FS embed.FS

// hashDigits is enough to tell two builds apart, and short enough to read in a log.
const hashDigits = 12

// Hash identifies the build: the sources and their bundles. It is part of every URL of a file,
// so browsers may cache files indefinitely, and never mix the files of two builds. It is the
// same on every machine that runs the same program.
func Hash() string { return hash() }

var hash = sync.OnceValue(func() string {
	sum := sha256.New()
	add := func(name string, content []byte) {
		// Digests have a fixed size, so different sets of files cannot give the same input.
		path, body := sha256.Sum256([]byte(name)), sha256.Sum256(content)
		sum.Write(path[:])
		sum.Write(body[:])
	}
	for _, name := range names() {
		add(name, read(name))
	}
	for _, name := range entries { // another bundler version makes another build of the same sources
		add(name, bundles()[name])
	}
	return hex.EncodeToString(sum.Sum(nil))[:hashDigits]
})

// names returns the paths of all files, in lexical order.
func names() []string {
	var found []string
	err := fs.WalkDir(FS, ".", func(path string, entry fs.DirEntry, err error) error {
		if err == nil && !entry.IsDir() {
			found = append(found, path)
		}
		return err
	})
	if err != nil {
		panic("static: the embedded files cannot be listed: " + err.Error())
	}
	return found
}

// read returns a source unchanged. The name must be one of names.
func read(name string) []byte {
	content, err := FS.ReadFile(name)
	if err != nil {
		panic("static: an embedded file cannot be read: " + err.Error())
	}
	return content
}
