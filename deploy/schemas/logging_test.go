package schemas_test

import (
	"os"
	"regexp"
	"strings"
	"testing"

	"sigs.k8s.io/yaml"
)

// What docs/logging.md and docs/install.md show to be copied can be read: Filebeat's
// and Kubernetes' as YAML. Of Alloy's there is no parser here, so only its braces are
// counted, and that each part which another leads to is there.
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
		t.Errorf("only %d pieces were read", shown)
	}
}

func checkAlloy(t *testing.T, page, block string) {
	t.Helper()
	if strings.Count(block, "{") != strings.Count(block, "}") {
		t.Errorf("a brace is open:\n%s", block)
	}
	for _, part := range regexp.MustCompile(`((?:loki|discovery)\.\w+)\.(\w+)\.(?:receiver|rules|targets)`).FindAllStringSubmatch(block, -1) {
		if !strings.Contains(page, part[1]+` "`+part[2]+`" {`) {
			t.Errorf("%s leads to nothing:\n%s", part[0], block)
		}
	}
}
