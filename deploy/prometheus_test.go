package deploy_test

import (
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"regexp"
	"strconv"
	"strings"
	"testing"
)

// program finds a program by a variable such as PROMTOOL, in the PATH, or in the cache
// of tools/install-test-needs.sh. Without the program the test fails.
func program(t *testing.T, name string) string {
	t.Helper()
	if said := os.Getenv(strings.ToUpper(name)); said != "" {
		return said
	}
	for _, path := range []string{name, filepath.Join("/usr/sbin", name), filepath.Join(cache(t), "chatserver", name)} {
		if found, err := exec.LookPath(path); err == nil {
			return found
		}
	}
	t.Fatalf("there is no %s: make deps installs it", name)
	return ""
}

func promtool(t *testing.T, args ...string) {
	t.Helper()
	command := exec.CommandContext(t.Context(), program(t, "promtool"), args...) //nolint:gosec // our own words
	command.Dir = "prometheus"
	if said, err := command.CombinedOutput(); err != nil {
		t.Errorf("promtool %s: %v\n%s", strings.Join(args, " "), err, said)
	}
}

// cache returns the directory in which tools/install-test-needs.sh keeps programs that
// it does not install.
func cache(t *testing.T) string {
	t.Helper()
	if folder := os.Getenv("XDG_CACHE_HOME"); folder != "" {
		return folder
	}
	home, err := os.UserHomeDir()
	if err != nil {
		t.Fatal(err)
	}
	return filepath.Join(home, ".cache")
}

func TestTheAlertsFireWhenTheyShould(t *testing.T) {
	t.Parallel()
	promtool(t, "check", "config", "prometheus.yml")
	promtool(t, "check", "rules", "alerts.yml")
	promtool(t, "test", "rules", "alerts_test.yml")
}

// Every alert has a test that it fires and one that it does not, and the docs say what
// to do about it.
func TestEveryAlertIsTestedAndDocumented(t *testing.T) {
	t.Parallel()
	rules, tests, doc := read(t, "prometheus/alerts.yml"), read(t, "prometheus/alerts_test.yml"), read(t, "../docs/monitoring.md")
	alerts := regexp.MustCompile(`- alert: (\w+)`).FindAllStringSubmatch(rules, -1)
	if len(alerts) < 10 {
		t.Errorf("there are %d alerts", len(alerts))
	}
	for _, alert := range alerts {
		name := alert[1]
		for _, kind := range []string{" fires", " is silent"} {
			if !strings.Contains(tests, "- name: "+name+kind+"\n") {
				t.Errorf("no test checks that %s%s", name, kind)
			}
		}
		if !strings.Contains(rules, "runbook: docs/monitoring.md#"+strings.ToLower(name)+"\n") || !strings.Contains(doc, "\n### "+name+"\n") {
			t.Errorf("the docs do not say what to do about %s", name)
		}
	}
}

// The dashboard's queries are valid PromQL: promtool checks them as rules.
func TestPrometheusAcceptsTheDashboardsQueries(t *testing.T) {
	t.Parallel()
	rules := strings.Builder{}
	rules.WriteString("groups:\n  - name: dashboard\n    rules:\n")
	for i, p := range readDashboard(t).Panels {
		for j, target := range p.Targets {
			expr := strings.ReplaceAll(target.Expr, "$__rate_interval", "1m")
			fmt.Fprintf(&rules, "      - record: panel_%d_%d\n        expr: %s\n", i, j, strconv.Quote(expr))
		}
	}
	file := filepath.Join(t.TempDir(), "dashboard.yml")
	if err := os.WriteFile(file, []byte(rules.String()), 0o600); err != nil {
		t.Fatal(err)
	}
	promtool(t, "check", "rules", file)
}
