//go:build !unix || netbsd || openbsd || solaris || illumos

package telemetry

// FreeBytes is not known here.
func FreeBytes(string) (bytes float64, known bool) { return 0, false }
