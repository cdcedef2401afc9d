//go:build !linux

package doctor

// clockIsKept is not known here.
func clockIsKept() (kept, known bool) { return false, false }

// fileSystem is not known here.
func fileSystem(string) (name string, certain bool) { return "", false }
