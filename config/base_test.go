package config

import (
	"strings"
	"testing"
)

func TestABaseIsWrittenAsBrowsersWriteIt(t *testing.T) {
	for written, want := range map[string]string{
		"https://chat.example":            "https://chat.example",
		"https://chat.example/":           "https://chat.example/",
		"https://Chat.Example:443/team":   "https://chat.example/team",
		"http://chat.example:80/a/b.c/":   "http://chat.example/a/b.c/",
		"http://chat.example:443/Team_1~": "http://chat.example:443/Team_1~",
		"https://[::1]:9090/x-y/":         "https://[::1]:9090/x-y/",
	} {
		c := Config{BaseURL: written}
		if base, err := c.Base(); err != nil || base.String() != want {
			t.Errorf("%s is %v, %v", written, base, err)
		}
	}
	var none Config
	if base, err := none.Base(); base != nil || err != nil {
		t.Errorf("none is %v, %v", base, err)
	}
}

func TestWhatIsNoBaseIsSaidInOneLine(t *testing.T) {
	for _, written := range []string{
		"chat.example", "chat.example/team/", "/team/", "//chat.example/", "ftp://chat.example/", "https:chat.example", "https:///team/", "https://:443/",
		"https://chat.example/?", "https://chat.example/?a=b", "https://chat.example/#", "https://chat.example/#top",
		"https://ann@chat.example/", "https://ann:secret@chat.example/", "https://ann:secret@chat example/",
		"https://chat.example//", "https://chat.example/../team", "https://chat.example/.team/", "https://chat.example/-team/", "https://chat.example/a//b",
		"https://chat.example/a%20b/", "https://chat.example/te%61m", "https://chat.example/:name", "https://chat.example/a*", "https://chat.example/a;b", "https://chat.example/\u00e9",
	} {
		c := Config{BaseURL: written}
		base, err := c.Base()
		if err == nil {
			t.Errorf("%s is %v", written, base)
			continue
		}
		said := err.Error()
		if !strings.HasPrefix(said, "--base-url: ") || !strings.Contains(said, "like https://chat.example/team/") || strings.Contains(said, "\n") || strings.Contains(said, "secret") {
			t.Errorf("of %s it is said: %s", written, said)
		}
	}
}
