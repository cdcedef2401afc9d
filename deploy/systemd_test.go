package deploy_test

import (
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"testing"
)

// unitKeys lists all keys of our units by section. systemd ignores unknown keys with a
// line in its journal that is easily missed.
var unitKeys = map[string]string{
	"[Unit]": "Description Wants After StartLimitIntervalSec StartLimitBurst",
	"[Service]": "Type NotifyAccess ExecStart EnvironmentFile Environment Restart RestartSec WatchdogSec TimeoutStartSec TimeoutStopSec " +
		"DynamicUser StateDirectory StateDirectoryMode UMask LimitNOFILE NoNewPrivileges CapabilityBoundingSet AmbientCapabilities " +
		"ProtectSystem ProtectHome PrivateTmp PrivateDevices PrivateUsers ProtectClock ProtectHostname ProtectKernelLogs " +
		"ProtectKernelModules ProtectKernelTunables ProtectControlGroups ProtectProc ProcSubset RestrictAddressFamilies " +
		"RestrictNamespaces RestrictRealtime RestrictSUIDSGID LockPersonality MemoryDenyWriteExecute RemoveIPC " +
		"SystemCallArchitectures SystemCallFilter SystemCallErrorNumber",
	"[Socket]":  "FileDescriptorName Service ListenStream Backlog NoDelay",
	"[Install]": "WantedBy",
}

var units = []string{"chatserver.service", "chatserver.socket", "chatserver-ops.socket"}

// The units contain only keys that systemd knows, and match what the program does: it
// reports when it is ready, and knows which of its listeners it was passed.
func TestTheUnitsAreWellFormed(t *testing.T) {
	t.Parallel()
	said := map[string]string{}
	for _, unit := range units {
		section := ""
		for line := range strings.Lines(read(t, filepath.Join("systemd", unit))) {
			line = strings.TrimSuffix(line, "\n")
			key, value, pair := strings.Cut(line, "=")
			switch {
			case line == "" || line[0] == '#':
			case line[0] == '[':
				section = line
			case !pair || !strings.Contains(" "+unitKeys[section]+" ", " "+key+" "):
				t.Errorf("%s: unknown key %q in section %s", unit, line, section)
			default:
				said[unit+" "+key] = value
			}
		}
	}
	for what, want := range map[string]string{
		"chatserver.service Type":                  "notify",
		"chatserver.service DynamicUser":           "yes",
		"chatserver.service StateDirectory":        "chatserver",
		"chatserver.socket FileDescriptorName":     "public",
		"chatserver-ops.socket FileDescriptorName": "ops",
	} {
		if said[what] != want {
			t.Errorf("%s is %q, want %q", what, said[what], want)
		}
	}
}

// On machines with systemd, systemd-analyze checks the units as well.
func TestSystemdUnderstandsTheUnits(t *testing.T) {
	t.Parallel()
	analyze, err := exec.LookPath("systemd-analyze")
	if err != nil {
		t.Log("there is no systemd here: only TestTheUnitsAreWellFormed checks the units")
		return
	}
	program, err := os.Executable()
	if err != nil {
		t.Fatal(err)
	}
	folder, args := t.TempDir(), []string{"verify"}
	for _, unit := range units {
		text := strings.ReplaceAll(read(t, filepath.Join("systemd", unit)), "/usr/local/bin/chatserver", program)
		if err := os.WriteFile(filepath.Join(folder, unit), []byte(text), 0o600); err != nil {
			t.Fatal(err)
		}
		args = append(args, filepath.Join(folder, unit))
	}
	said, err := exec.CommandContext(t.Context(), analyze, args...).CombinedOutput() //nolint:gosec // our own words
	if err != nil || strings.Contains(string(said), folder) || strings.Contains(string(said), "chatserver") {
		t.Errorf("systemd-analyze verify: %v\n%s", err, said)
	}
}
