//go:build !linux

package doctor

// clockSynced always returns unknown on this system.
func clockIsKept() (kept, known bool) { return false, false }

// fileSystem always returns unknown on this system.
func fileSystem(string) (name string, certain bool) { return "", false }
