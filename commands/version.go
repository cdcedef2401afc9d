package commands

import (
	"cmp"
	"fmt"
	"runtime"
	"runtime/debug"
)

// The build information of a release, set by tools/dist.sh with -ldflags -X. In other
// builds these are empty, and Go itself records the commit.
var (
	version string // like v1.2.3
	commit  string // the full hash
	built   string // time of the commit in RFC 3339, so that builds are reproducible
)

// versionCommand prints the build information.
type versionCommand struct{}

// Run prints the version, and below it the commit, its time, and the Go version.
func (versionCommand) Run(s streams) error {
	b := buildOf(debug.ReadBuildInfo())
	_, err := fmt.Fprintf(s.out, "chatserver %s\ncommit %s\nbuilt %s\n%s %s/%s\n", b.version, b.commit, b.built, runtime.Version(), runtime.GOOS, runtime.GOARCH)
	return err
}

// build is the build information; "unknown" where it is missing.
type build struct{ version, commit, built string }

// buildOf returns the stamped values, or else those that Go recorded.
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

// buildVersion returns the version, or the commit if there is none.
func buildVersion() string { return buildOf(debug.ReadBuildInfo()).version }
