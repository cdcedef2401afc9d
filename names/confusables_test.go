package names

import (
	"strings"
	"testing"
)

func TestNamesThatOnlyResembleAreFree(t *testing.T) {
	for _, pair := range [][2]string{{"Ann", "Anna"}, {"Zoe", "Zo\u00eb"}, {"Ann 2", "Ann 3"}, {"Ann", "\u0410\u043d\u043d"}, {"\u7530\u4e2d", "\u7530\u53e3"}} {
		if a, b := keyOf(t, pair[0]), keyOf(t, pair[1]); Skeleton(a) == Skeleton(b) {
			t.Errorf("%q and %q have the same skeleton", pair[0], pair[1])
		}
	}
}

func TestAnInvisibleDotMakesNoOtherName(t *testing.T) {
	for _, alike := range [][2]string{{"Ali", "Alı\u0307"}, {"Jo", "ȷ\u0307o"}, {"Ipek", "İpek"}} {
		if a, b := keyOf(t, alike[0]), keyOf(t, alike[1]); Skeleton(a) != Skeleton(b) {
			t.Errorf("%s (%+q) and %s (%+q) do not look alike", alike[0], Skeleton(a), alike[1], Skeleton(b))
		}
	}
}

func TestTheTableOfConfusablesIsUnicodes(t *testing.T) {
	head, _, _ := strings.Cut(confusables, "\n\n")
	if !strings.Contains(head, "Version: 17.0.0") || len(prototypes()) < 5000 {
		t.Errorf("%d entries, with the header\n%s", len(prototypes()), head)
	}
	for from, want := range map[rune]string{'\u0430': "a", 'm': "rn", '0': "O", '1': "l", '\u03bf': "o"} {
		if got := prototypes()[from]; got != want {
			t.Errorf("%q looks like %q, not %q", from, got, want)
		}
	}
}
