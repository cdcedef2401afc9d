package commands

import (
	"runtime/debug"
	"testing"
)

// A release reports the stamped values, go build the commit, go install the module's
// version, and everything else is unknown.
func TestAProgramReportsItsBuild(t *testing.T) {
	git := []debug.BuildSetting{{Key: "vcs.revision", Value: "abc"}, {Key: "vcs.time", Value: "2026-01-02T03:04:05Z"}}
	for _, test := range []struct {
		what    string
		stamped build
		info    *debug.BuildInfo
		want    build
	}{
		{"a release", build{"v1.2.3", "def", "2026-02-03T04:05:06Z"}, &debug.BuildInfo{Main: debug.Module{Version: "(devel)"}, Settings: git}, build{"v1.2.3", "def", "2026-02-03T04:05:06Z"}},
		{"go build", build{}, &debug.BuildInfo{Main: debug.Module{Version: "(devel)"}, Settings: git}, build{"abc", "abc", "2026-01-02T03:04:05Z"}},
		{"go install", build{}, &debug.BuildInfo{Main: debug.Module{Version: "v1.0.0"}}, build{"v1.0.0", "unknown", "unknown"}},
		{"an archive", build{}, &debug.BuildInfo{Main: debug.Module{Version: "(devel)"}}, build{"unknown", "unknown", "unknown"}},
		{"nothing", build{}, nil, build{"unknown", "unknown", "unknown"}},
	} {
		version, commit, built = test.stamped.version, test.stamped.commit, test.stamped.built
		if is := buildOf(test.info, test.info != nil); is != test.want {
			t.Errorf("%s reports %v", test.what, is)
		}
	}
	version, commit, built = "", "", ""
}
