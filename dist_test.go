package main

import (
	"crypto/sha256"
	"encoding/hex"
	"encoding/json"
	"os"
	"os/exec"
	"path/filepath"
	"runtime"
	"strings"
	"testing"
)

// A release can be run, prints its version, and has checksums and a list of its parts.
// Only this platform of the five is built.
func TestAReleaseSaysWhatItIs(t *testing.T) {
	t.Parallel()
	dist := t.TempDir()
	command := exec.CommandContext(t.Context(), "tools/dist.sh")
	command.Env = append(os.Environ(), "DIST="+dist, "PLATFORMS="+runtime.GOOS+"/"+runtime.GOARCH,
		"VERSION=v1.2.3", "COMMIT=0123456789abcdef", "BUILT=2026-01-02T03:04:05Z")
	if said, err := command.CombinedOutput(); err != nil {
		t.Fatalf("%v\n%s", err, said)
	}
	name := "chatserver-v1.2.3-" + runtime.GOOS + "-" + runtime.GOARCH
	program := filepath.Join(dist, name)
	said, err := exec.CommandContext(t.Context(), program, "version").Output() //nolint:gosec // we built it
	if want := "chatserver v1.2.3\ncommit 0123456789abcdef\nbuilt 2026-01-02T03:04:05Z\n"; err != nil || !strings.HasPrefix(string(said), want) {
		t.Errorf("it prints %q, %v", said, err)
	}
	sum := sumOf(t, program)
	if sums := readFile(t, filepath.Join(dist, "checksums.txt")); !strings.Contains(sums, sum+"  "+name+"\n") ||
		!strings.Contains(sums, sumOf(t, program+".cdx.json")+"  "+name+".cdx.json\n") {
		t.Errorf("the checksums are\n%s", sums)
	}
	var parts struct {
		BOMFormat, SpecVersion string
		Metadata               struct {
			Component struct{ Hashes []struct{ Content string } }
		}
		Components []struct{ Name, Version, PURL string }
	}
	if err := json.Unmarshal([]byte(readFile(t, program+".cdx.json")), &parts); err != nil || parts.BOMFormat != "CycloneDX" || parts.SpecVersion != "1.6" {
		t.Fatalf("its parts are %+v, %v", parts, err)
	}
	if parts.Metadata.Component.Hashes[0].Content != sum {
		t.Error("the list is of another program")
	}
	versions := map[string]string{}
	for _, part := range parts.Components {
		if part.Version == "" || part.PURL == "" {
			t.Errorf("the list says nothing about the part %q", part.Name)
		}
		versions[part.Name] = part.Version
	}
	if want := strings.TrimPrefix(runtime.Version(), "go"); versions["std"] != want || versions[fiber] == "" || versions["modernc.org/sqlite"] == "" {
		t.Errorf("its parts are %v", versions)
	}
}

func readFile(t *testing.T, name string) string {
	t.Helper()
	text, err := os.ReadFile(name)
	if err != nil {
		t.Fatal(err)
	}
	return string(text)
}

func sumOf(t *testing.T, file string) string {
	t.Helper()
	sum := sha256.Sum256([]byte(readFile(t, file)))
	return hex.EncodeToString(sum[:])
}
