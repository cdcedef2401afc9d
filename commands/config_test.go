package commands_test

import (
	"flag"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"chatserver/chattest"
	"chatserver/commands"
)

var update = flag.Bool("update", false, "write the documents that are made of the program")

func TestTheReferenceIsTheProgram(t *testing.T) {
	const path, begin, end = "../docs/configuration.md", "<!-- settings -->\n", "<!-- end of settings -->"
	document, err := os.ReadFile(path)
	if err != nil {
		t.Fatal(err)
	}
	table, err := commands.Reference()
	if err != nil {
		t.Fatal(err)
	}
	before, rest, found := strings.Cut(string(document), begin)
	written, after, foundEnd := strings.Cut(rest, end)
	if !found || !foundEnd {
		t.Fatal("the table has no place in the document")
	}
	if *update {
		if err := os.WriteFile(path, []byte(before+begin+table+end+after), 0o644); err != nil { //nolint:gosec // a document
			t.Fatal(err)
		}
		return
	}
	if written != table {
		t.Errorf("docs/configuration.md differs from the program: run this test with -update. It should be:\n%s", table)
	}
}

func TestTheSettingsShowTheirSource(t *testing.T) {
	file := filepath.Join(t.TempDir(), "rooms")
	if err := os.WriteFile(file, []byte("7\r\n"), 0o600); err != nil {
		t.Fatal(err)
	}
	command := chattest.Command("config", "--rate", "5", "--ops", "off")
	command.Env = append(command.Env, "CHAT_RATE=3", "CHAT_MAX_TEXT=100", "CHAT_MAX_ROOMS_FILE="+file)
	out, err := command.CombinedOutput()
	if err != nil {
		t.Fatalf("%v: %s", err, out)
	}
	said := map[string]string{}
	for line := range strings.Lines(string(out)) {
		fields := strings.Fields(line)
		said[fields[0]] = strings.Join(fields[1:], " ")
	}
	for name, says := range map[string]string{
		"--listen": ":9090 default", "--rate": "5 flag", "--ops": "off flag", "--max-text": "100 environment CHAT_MAX_TEXT",
		"--max-rooms": "7 environment CHAT_MAX_ROOMS_FILE", "--origins": "(none) default",
	} {
		if said[name] != says {
			t.Errorf("%s is %q instead of %q", name, said[name], says)
		}
	}
}

func TestASettingIsNotGivenTwice(t *testing.T) {
	command := chattest.Command("config")
	command.Env = append(command.Env, "CHAT_RATE=3", "CHAT_RATE_FILE=/nowhere")
	if out, err := command.CombinedOutput(); err == nil || !strings.Contains(string(out), "both set") {
		t.Errorf("%v: %s", err, out)
	}
	command = chattest.Command("config")
	command.Env = append(command.Env, "CHAT_RATE_FILE=/nowhere")
	if out, err := command.CombinedOutput(); err == nil || !strings.Contains(string(out), "CHAT_RATE_FILE: cannot read") {
		t.Errorf("%v: %s", err, out)
	}
}

// All mistakes are reported at once.
func TestEveryMistakeIsReported(t *testing.T) {
	command := chattest.Command("--listen", "here", "--max-text", "0", "--backup-every", "1s", "--backup-keep", "0")
	command.Env = append(command.Env, "CHAT_LISTN=:1", "CHAT_ROMS_FILE=x")
	out, err := command.CombinedOutput()
	said := string(out)
	if err == nil || command.ProcessState.ExitCode() != 2 || strings.Count(said, "\n") != 6 || strings.Count(said, "chatserver: ") != 6 {
		t.Errorf("it ends with %v and says %s", err, said)
	}
	for _, name := range []string{"--listen", "--max-text", "--backup-every", "--backup-keep", "CHAT_LISTN", "CHAT_ROMS_FILE"} {
		if !strings.Contains(said, name) {
			t.Errorf("it does not say what is wrong with %s", name)
		}
	}
}
