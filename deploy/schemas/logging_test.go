package schemas_test

import (
	"os"
	"regexp"
	"strings"
	"testing"

	"sigs.k8s.io/yaml"
)

// Configuration that docs/logging.md and docs/install.md show is valid: that of Filebeat
// and Kubernetes parses as YAML. There is no parser for Alloy's here, so the test only
// checks its braces, and that each referenced component exists.
func TestExamplesInTheDocsParse(t *testing.T) {
	t.Parallel()
	shown := 0
	for _, page := range []string{"../../docs/logging.md", "../../docs/install.md"} {
		text, err := os.ReadFile(page)
		if err != nil {
			t.Fatal(err)
		}
		for _, block := range regexp.MustCompile("(?s)```(alloy|yaml)\n(.*?)```").FindAllStringSubmatch(string(text), -1) {
			shown++
			if block[1] == "alloy" {
				checkAlloy(t, string(text), block[2])
			} else if err := yaml.UnmarshalStrict([]byte(block[2]), new(map[string]any)); err != nil {
				t.Errorf("%s: %v\n%s", page, err, block[2])
			}
		}
	}
	if shown < 5 {
		t.Errorf("only %d snippets were found", shown)
	}
}

func checkAlloy(t *testing.T, page, block string) {
	t.Helper()
	if strings.Count(block, "{") != strings.Count(block, "}") {
		t.Errorf("unbalanced braces:\n%s", block)
	}
	for _, part := range regexp.MustCompile(`((?:loki|discovery)\.\w+)\.(\w+)\.(?:receiver|rules|targets)`).FindAllStringSubmatch(block, -1) {
		if !strings.Contains(page, part[1]+` "`+part[2]+`" {`) {
			t.Errorf("%s refers to a missing component:\n%s", part[0], block)
		}
	}
}
