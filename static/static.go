// Package static holds what a browser loads beside the page: style sheets, modules, icons and
// what others published. The sources are embedded as they are written, and there is no build
// step: the program bundles, minifies and compresses them at the first request, and keeps the
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

// FS holds the sources. Their paths, after the prefix with the hash, are those of the URLs.
// The tests of modules, in js/test, are left out.
//
//go:embed css icons vendor sw.js js/app.js js/elements js/lib js/model js/net js/page
var FS embed.FS

// hashDigits is enough to tell two builds apart, and short enough to read in a log.
const hashDigits = 12

// Hash names the build: the sources and what they were bundled to. It stands in every URL of
// a file, so a browser may cache the file for ever and never mixes the files of two builds.
// It is the same on every machine that runs the same program.
func Hash() string { return hash() }

var hash = sync.OnceValue(func() string {
	sum := sha256.New()
	add := func(name string, content []byte) {
		// Digests have a fixed size, so no two sets of files can run together.
		path, body := sha256.Sum256([]byte(name)), sha256.Sum256(content)
		sum.Write(path[:])
		sum.Write(body[:])
	}
	for _, name := range names() {
		add(name, read(name))
	}
	for _, name := range entries { // another bundler makes another build of the same sources
		add(name, bundles()[name])
	}
	return hex.EncodeToString(sum.Sum(nil))[:hashDigits]
})

// names are the paths of all files, in lexical order.
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

// read returns the file as it is written. It must be one of names.
func read(name string) []byte {
	content, err := FS.ReadFile(name)
	if err != nil {
		panic("static: an embedded file cannot be read: " + err.Error())
	}
	return content
}
