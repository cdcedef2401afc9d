package commands

import (
	"cmp"
	"fmt"
	"runtime"
	"runtime/debug"
)

// What a release was built from: tools/dist.sh sets them with -ldflags -X. They are
// empty in what go build makes, which knows the commit by itself.
var (
	version string // like v1.2.3
	commit  string // the whole hash
	built   string // when the commit was made, in RFC 3339, so that all who build it build the same
)

// versionCommand prints what this program was built from.
type versionCommand struct{}

// Run prints the version, and below it the commit, its time, and what built it.
func (versionCommand) Run(s streams) error {
	b := buildOf(debug.ReadBuildInfo())
	_, err := fmt.Fprintf(s.out, "chatserver %s\ncommit %s\nbuilt %s\n%s %s/%s\n", b.version, b.commit, b.built, runtime.Version(), runtime.GOOS, runtime.GOARCH)
	return err
}

// build is what a program was built from; "unknown" where nobody says.
type build struct{ version, commit, built string }

// buildOf is what was stamped, else what Go wrote into the program.
func buildOf(info *debug.BuildInfo, known bool) build {
	b := build{version, commit, built}
	if known {
		for _, setting := range info.Settings {
			switch setting.Key {
			case "vcs.revision":
				b.commit = cmp.Or(b.commit, setting.Value)
			case "vcs.time":
				b.built = cmp.Or(b.built, setting.Value)
			}
		}
		if info.Main.Version != "(devel)" {
			b.version = cmp.Or(b.version, info.Main.Version)
		}
	}
	return build{cmp.Or(b.version, b.commit, "unknown"), cmp.Or(b.commit, "unknown"), cmp.Or(b.built, "unknown")}
}

// buildVersion is the version in one word, or the commit it was built from.
func buildVersion() string { return buildOf(debug.ReadBuildInfo()).version }
