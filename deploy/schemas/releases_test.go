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

// The workflows are what GitHub runs, by actions of a version, and may no more than
// they need.
func TestGitHubUnderstandsTheWorkflows(t *testing.T) {
	t.Parallel()
	files, err := filepath.Glob("../../.github/workflows/*.yml")
	if err != nil || len(files) < 3 {
		t.Fatalf("there are the workflows %v, %v", files, err)
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
				t.Errorf("%s uses %s, of no version", file, action[1])
			}
		}
		if !strings.Contains(string(text), "\npermissions:\n  contents: ") {
			t.Errorf("%s may do anything", file)
		}
	}
}

// Whatever builds a release stamps the same, into variables that exist.
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
			t.Errorf("%s stamps %v", file, stamps)
		}
		for _, stamp := range stamps {
			if !regexp.MustCompile(`(?m)^\t` + stamp[1] + ` +string `).Match(program) {
				t.Errorf("%s stamps %s, which is not there", file, stamp[1])
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
