// Package static holds what a browser loads beside the page: style sheets, modules, icons and
// the vendored Bootstrap. It is embedded and used as it is written; there is no build step.
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
//go:embed css js icons vendor
var FS embed.FS

// hashDigits is enough to tell two builds apart, and short enough to read in a log.
const hashDigits = 12

// Hash names the contents of FS. It stands in every URL of a file, so a browser may keep what
// it loaded for ever and never mixes the files of two versions.
func Hash() string { return hash() }

var hash = sync.OnceValue(func() string {
	sum := sha256.New()
	// WalkDir goes in lexical order, so the same files give the same hash on every machine.
	err := fs.WalkDir(FS, ".", func(path string, entry fs.DirEntry, err error) error {
		if err != nil || entry.IsDir() {
			return err
		}
		content, err := FS.ReadFile(path)
		if err != nil {
			return err
		}
		// The sizes are fixed by the digests, so no two sets of files can run together.
		name, body := sha256.Sum256([]byte(path)), sha256.Sum256(content)
		sum.Write(name[:])
		sum.Write(body[:])
		return nil
	})
	if err != nil {
		panic("static: the embedded files cannot be read: " + err.Error())
	}
	return hex.EncodeToString(sum.Sum(nil))[:hashDigits]
})
