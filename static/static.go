// Package static holds what a browser loads beside the page: style sheets, modules, icons and
// what others published. It is embedded as it is written, there is no build step: a file is
// made small when it is asked for the first time, and kept.
package static

import (
	"crypto/sha256"
	"embed"
	"encoding/hex"
	"io/fs"
	"sync"
)

// FS holds the files. Their paths, after the prefix with the hash, are those of the URLs.
//
//go:embed css js icons vendor sw.js
var FS embed.FS

// hashDigits is enough to tell two builds apart, and short enough to read in a log.
const hashDigits = 12

// Hash names the contents of FS. It stands in every URL of a file, so a browser may keep what
// it loaded for ever and never mixes the files of two versions.
func Hash() string { return hash() }

var hash = sync.OnceValue(func() string {
	sum := sha256.New()
	// The order is lexical, so the same files give the same hash on every machine.
	for _, name := range names() {
		// The sizes are fixed by the digests, so no two sets of files can run together.
		path, body := sha256.Sum256([]byte(name)), sha256.Sum256(read(name))
		sum.Write(path[:])
		sum.Write(body[:])
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
