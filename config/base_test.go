package config

import (
	"slices"
	"strings"
	"testing"
)

func TestABaseURLIsNormalizedAsInBrowsers(t *testing.T) {
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
		t.Errorf("without a base URL, it is %v, %v", base, err)
	}
}

func TestAnInvalidBaseURLGivesOneLine(t *testing.T) {
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
			t.Errorf("for %s the error is: %s", written, said)
		}
	}
}

func TestHostsAreWrittenAsBrowsersSendThem(t *testing.T) {
	c := Config{
		Listen: "chat.lan:9090", Ops: "ops.example:9797", Hosts: []string{"Team.Example.", "b\u00fccher.example", ""}, TLSDomains: []string{"tls.example"},
		BaseURL: "https://base.example:8443/team/", Origins: []string{"https://B\u00fccher.example:8443", "http://[2001:db8::1]:80"},
	}
	public := []string{"team.example", "xn--bcher-kva.example", "tls.example", "base.example", "xn--bcher-kva.example", "2001:db8::1", "chat.lan"}
	if got := c.HostNames(); !slices.Equal(got, public) {
		t.Errorf("the public port answers to %q", got)
	}
	if got := c.OpsHostNames(); !slices.Equal(got, []string{"ops.example"}) {
		t.Errorf("the admin listener answers to %q", got)
	}
	if got := c.BrowserOrigins(); !slices.Equal(got, []string{"https://xn--bcher-kva.example:8443", "http://[2001:db8::1]:80"}) {
		t.Errorf("the origins are %q", got)
	}
	c = Config{BaseURL: "https://B\u00fccher.example:8443/team/"}
	if base, err := c.Base(); err != nil || base.String() != "https://xn--bcher-kva.example:8443/team/" {
		t.Errorf("the base is %v, %v", base, err)
	}
}

func TestAnInvalidHostGivesOneLine(t *testing.T) {
	for _, written := range []string{"https://chat.example", "chat.example:9090", "*.chat.example", "chat example", "chat.example/", "ann@chat.example", "*"} {
		var wrong Mistakes
		(&Config{Hosts: []string{"chat.example", written}}).checkHosts(&wrong)
		if len(wrong) != 1 || !strings.Contains(wrong.Error(), "--hosts: ") || !strings.Contains(wrong.Error(), "like chat.example") {
			t.Errorf("for %s the error is: %v", written, wrong)
		}
	}
	var wrong Mistakes
	if (&Config{Hosts: []string{"chat.example", "CHAT.example.", "chat_a", "192.0.2.1", "2001:db8::1", "b\u00fccher.example"}}).checkHosts(&wrong); wrong != nil {
		t.Errorf("valid hosts are refused: %v", wrong)
	}
}
