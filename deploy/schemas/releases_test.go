package schemas_test

import (
	"bytes"
	"os"
	"path/filepath"
	"regexp"
	"strings"
	"testing"

	"github.com/rhysd/actionlint"
	"sigs.k8s.io/yaml"
)

// The workflows are valid for GitHub, use actions of fixed versions, and have no more
// permissions than they need.
func TestGitHubUnderstandsTheWorkflows(t *testing.T) {
	t.Parallel()
	files, err := filepath.Glob("../../.github/workflows/*.yml")
	if err != nil || len(files) < 3 {
		t.Fatalf("the workflows are %v, %v", files, err)
	}
	for _, file := range files {
		text, err := os.ReadFile(file)
		if err != nil {
			t.Fatal(err)
		}
		var said bytes.Buffer
		linter, err := actionlint.NewLinter(&said, &actionlint.LinterOptions{})
		if err != nil {
			t.Fatal(err)
		}
		if wrong, err := linter.Lint(file, text, nil); err != nil || len(wrong) > 0 {
			t.Errorf("%s: %v\n%s", file, err, &said)
		}
		for _, action := range regexp.MustCompile(`uses: (\S+)`).FindAllStringSubmatch(string(text), -1) {
			if !regexp.MustCompile(`@v\d+$`).MatchString(action[1]) {
				t.Errorf("%s uses %s, without a version", file, action[1])
			}
		}
		if !strings.Contains(string(text), "\npermissions:\n  contents: ") {
			t.Errorf("%s has all permissions", file)
		}
	}
}

// Every build of a release sets the same variables, and these exist.
func TestEveryReleaseIsStamped(t *testing.T) {
	t.Parallel()
	program, err := os.ReadFile("../../commands/version.go")
	if err != nil {
		t.Fatal(err)
	}
	for _, file := range []string{"../../.goreleaser.yaml", "../../Dockerfile", "../../tools/dist.sh"} {
		text, err := os.ReadFile(file)
		if err != nil {
			t.Fatal(err)
		}
		stamps := regexp.MustCompile(`-X (?:chatserver/commands|\$package)\.(\w+)=`).FindAllStringSubmatch(string(text), -1)
		if len(stamps) != 3 {
			t.Errorf("%s sets %v", file, stamps)
		}
		for _, stamp := range stamps {
			if !regexp.MustCompile(`(?m)^\t` + stamp[1] + ` +string `).Match(program) {
				t.Errorf("%s sets %s, which does not exist", file, stamp[1])
			}
		}
		if filepath.Ext(file) != ".yaml" {
			continue
		}
		if err := yaml.UnmarshalStrict(text, new(map[string]any)); err != nil {
			t.Errorf("%s: %v", file, err)
		}
	}
}
