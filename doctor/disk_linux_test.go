package doctor_test

import (
	"os"
	"path/filepath"
	"syscall"
	"testing"

	"chatserver/config"
	"chatserver/doctor"
)

func TestADiskThatFillsUpIsReported(t *testing.T) {
	folder := t.TempDir()
	if err := syscall.Mount("none", folder, "tmpfs", 0, "size=1m"); err != nil {
		t.Skip("NOT TESTED HERE: only root may mount a disk of 1 MB; CI runs as root:", err)
	}
	t.Cleanup(func() { _ = syscall.Unmount(folder, syscall.MNT_DETACH) })
	d := &doctor.Doctor{Config: config.Config{Listen: "127.0.0.1:0", Ops: "off", Data: folder}}
	ballast := filepath.Join(folder, "ballast")
	for _, filled := range []struct {
		bytes int
		says  string
	}{ // for a disk of 1 MB the floor is 52 kB
		{900 << 10, "the server stores only messages of up to 1000 bytes"},
		{1000 << 10, "less than --min-free-disk (52 kB)"},
	} {
		if err := os.WriteFile(ballast, make([]byte, filled.bytes), 0o600); err != nil {
			t.Fatal(err)
		}
		has(t, finds(t, d), "disk", doctor.Problem, filled.says)
	}
	if err := os.WriteFile(ballast, make([]byte, 1<<20), 0o600); err != nil {
		t.Fatal(err)
	}
	has(t, finds(t, d), "disk", doctor.Problem, "cannot write to the data directory")
	if left := filesOf(t, folder); len(left) != 1 {
		t.Errorf("left are %v", left)
	}
}
