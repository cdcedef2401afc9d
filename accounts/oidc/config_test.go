package oidc_test

import (
	"os"
	"path/filepath"
	"strings"
	"testing"

	"chatserver/accounts/oidc"
)

func configFile(t *testing.T, text string) string {
	path := filepath.Join(t.TempDir(), "oidc.json")
	if err := os.WriteFile(path, []byte(text), 0o600); err != nil {
		t.Fatal(err)
	}
	return path
}

func TestProvidersAreReadFromAFile(t *testing.T) {
	secret := configFile(t, "open sesame\n")
	configs, err := oidc.ReadConfig(configFile(t, `[
		{"id": "harbour", "name": "Harbour ID", "issuer": "https://id.example/", "client_id": "chat", "client_secret_file": "`+secret+`", "domains": ["Skerry.Example"]},
		{"id": "local", "issuer": "http://localhost:8080/realms/x", "client_id": "chat"}]`))
	if err != nil {
		t.Fatal(err)
	}
	if len(configs) != 2 || configs[0].ClientSecret != "open sesame" || configs[0].Domains[0] != "skerry.example" || configs[0].Issuer != "https://id.example/" || configs[1].Name != "local" {
		t.Errorf("the providers are %+v", configs)
	}
}

// The refusal: each mistake in a sentence that says what to write.
func TestMistakesInTheProvidersFileAreNamed(t *testing.T) {
	const provider = `{"id": "a", "issuer": "https://id.example", "client_id": "chat"`
	for text, want := range map[string]string{
		`{}`:                                    "must hold a JSON list",
		`[] []`:                                 "text after the list",
		`[` + provider + `, "clientid": 1}]`:    `unknown field "clientid"`,
		`[` + provider + `},` + provider + `}]`: "two providers have the id a",
		`[{"id": "a", "issuer": "https://id.example"}]`:                                                                                       "client_id is missing",
		`[{"id": "A/b", "issuer": "https://id.example", "client_id": "chat"}]`:                                                                "id must be",
		`[{"id": "a", "issuer": "http://id.example", "client_id": "chat"}]`:                                                                   "must use https",
		`[{"id": "a", "issuer": "id.example", "client_id": "chat"}]`:                                                                          "is not a URL",
		`[{"id": "a", "issuer": "https://login.microsoftonline.com/common/v2.0", "client_id": "chat"}]`:                                       "TENANT-ID",
		`[{"id": "a", "issuer": "https://login.microsoftonline.com/organizations/v2.0", "client_id": "chat"}]`:                                "TENANT-ID",
		`[` + provider + `, "domains": ["*.example"]}]`:                                                                                       "is not a domain",
		`[` + provider + `, "domains": [""]}]`:                                                                                                "is not a domain",
		`[` + provider + `, "groups": [""]}]`:                                                                                                 "a group has no name",
		`[` + provider + `, "client_secret": "x", "client_secret_file": "y"}]`:                                                                "exclude each other",
		`[` + provider + `, "client_secret_file": "/nowhere"}]`:                                                                               "client_secret_file",
		`[{"id": "a", "issuer": "https://appleid.apple.com", "client_id": "chat"}]`:                                                           "belong together",
		`[` + provider + `, "apple": {}}]`:                                                                                                    "belong together",
		`[{"id": "a", "issuer": "https://appleid.apple.com", "client_id": "c", "apple": {"team_id": "T"}}]`:                                   "key_id",
		`[{"id": "a", "issuer": "https://appleid.apple.com", "client_id": "c", "apple": {"team_id":"T","key_id":"K","key_file":"/nowhere"}}]`: "key_file",
	} {
		if _, err := oidc.ReadConfig(configFile(t, text)); err == nil || !strings.Contains(err.Error(), want) || !strings.Contains(err.Error(), "--oidc") {
			t.Errorf("%s: the error is %v, want %q", text, err, want)
		}
	}
	if _, err := oidc.ReadConfig(configFile(t, "")); err == nil {
		t.Error("an empty file is accepted")
	}
	if _, err := oidc.ReadConfig("/nowhere"); err == nil {
		t.Error("a missing file is accepted")
	}
}
