package commands_test

import (
	"fmt"
	"os"
	"path/filepath"
	"regexp"
	"slices"
	"strings"

	"chatserver/commands"
	"chatserver/config"
)

// rules check commands that cannot run here, by name.
var rules = map[string]func(args []string) error{
	"docker": ofDocker, "kubectl": ofKubectl, "systemctl": ofSystemctl, "journalctl": ofJournalctl, "make": ofMake, "go": ofGo, "chatserver": parses,
	"install": filesExist, "git": filesExist,
	// Of other commands, only our files among the arguments are checked.
	"sha256sum": filesExist, "df": filesExist, "du": filesExist, "fuser": filesExist, "openssl": filesExist, "chown": filesExist,
	"grep": filesExist, "dmesg": filesExist, "psql": filesExist, "createdb": filesExist, "createuser": filesExist, "pg_dump": filesExist,
	"pg_restore": filesExist, "nats-server": filesExist, "nginx": filesExist, "caddy": filesExist, "haproxy": filesExist, "cp": filesExist, "echo": filesExist, "umask": filesExist,
}

// check applies a command's rule.
func check(command []string) error {
	command, err := withoutPrefix(command)
	if err != nil || len(command) == 0 {
		return err
	}
	name := command[0]
	if name == "bin/chatserver" || name == "/chatserver" {
		name = "chatserver"
	}
	if strings.Contains(name, "/") {
		return filesExist(command)
	}
	rule := rules[name]
	if rule == nil {
		return fmt.Errorf("no rule for %s: add one to commands/documents_rules_test.go", name)
	}
	return rule(command[1:])
}

// withoutPrefix removes sudo, env, export and variables. Variables with our prefix must
// be settings.
func withoutPrefix(command []string) ([]string, error) {
	for len(command) > 0 {
		name, _, variable := strings.Cut(command[0], "=")
		if variable && strings.HasPrefix(name, "CHAT_") {
			table, err := commands.Reference()
			if err != nil {
				return nil, err
			}
			if !strings.Contains(table, "`"+strings.TrimSuffix(name, config.FileSuffix)+"`") {
				return nil, fmt.Errorf("there is no setting %s", name)
			}
		}
		if !variable && name != "sudo" && name != "env" && name != "export" {
			break
		}
		command = command[1:]
		if name == "sudo" && len(command) > 1 && command[0] == "-u" { // as whom
			command = command[2:]
		}
	}
	return command, nil
}

// ours matches words that begin with a folder of the repository: they must be files in
// it.
var ours = regexp.MustCompile(`^(deploy|docs|examples|tools|bench|chat|static|handlers|store|commands)/`)

func filesExist(args []string) error {
	for _, arg := range args {
		if ours.MatchString(arg) {
			if _, err := os.Stat(filepath.Join(top, arg)); err != nil {
				return err
			}
		}
	}
	return nil
}

func parses(args []string) error { return commands.Parses(args) }

// after returns the arguments after one of these words, or nil.
func after(args []string, words ...string) []string {
	for i, arg := range args {
		if slices.Contains(words, arg) {
			return args[i+1:]
		}
	}
	return nil
}

// ofDocker checks the arguments of our program in a container.
func ofDocker(args []string) error {
	switch inner := after(args, "/chatserver"); {
	case inner != nil:
		return parses(inner)
	case args[0] == "run":
		return parses(after(args, "chatserver", "chatserver:before"))
	}
	return filesExist(args)
}

func ofKubectl(args []string) error {
	if inner := after(args, "/chatserver"); inner != nil {
		return parses(inner)
	}
	return filesExist(args)
}

// ofSystemctl checks that every word that is no verb is a unit in deploy/systemd.
func ofSystemctl(args []string) error {
	verbs := []string{"daemon-reload", "enable", "disable", "start", "stop", "restart", "status", "edit"}
	for _, arg := range args {
		if !strings.HasPrefix(arg, "-") && !slices.Contains(verbs, arg) {
			if err := unitExists(arg); err != nil {
				return err
			}
		}
	}
	return nil
}

func ofJournalctl(args []string) error {
	if named := after(args, "-u"); len(named) > 0 {
		return unitExists(named[0])
	}
	return nil
}

func unitExists(unit string) error {
	if !strings.Contains(unit, ".") {
		unit += ".service"
	}
	return filesExist([]string{"deploy/systemd/" + unit})
}

// ofMake checks that the targets and variables are in the Makefile.
func ofMake(args []string) error {
	makefile, err := os.ReadFile(filepath.Join(top, "Makefile"))
	if err != nil {
		return err
	}
	for _, arg := range args {
		pattern := `(?m)^` + regexp.QuoteMeta(arg) + `:`
		if name, _, variable := strings.Cut(arg, "="); variable {
			pattern = `\b` + regexp.QuoteMeta(name) + `\b`
		}
		if !regexp.MustCompile(pattern).Match(makefile) {
			return fmt.Errorf("the Makefile has no %s", arg)
		}
	}
	return nil
}

// ofGo checks that the packages, tests and flags exist.
func ofGo(args []string) error {
	folder, module := "", ""
	if args[0] == "-C" { // a module of its own
		if module, args = args[1], args[2:]; module != "bench" {
			return fmt.Errorf("there is no module %s", module)
		}
	}
	for i, arg := range args[1:] {
		name := strings.TrimLeft(arg, "-")
		switch {
		case folder == "" && strings.HasPrefix(arg, "."):
			folder = filepath.Join(module, strings.TrimSuffix(arg, "/..."))
			if found, err := filepath.Glob(filepath.Join(top, folder, "*.go")); err != nil || len(found) == 0 {
				return fmt.Errorf("there is no package in %s, %w", folder, err)
			}
		case arg == "-run" && args[0] == "test":
			if !inSource(folder, `func (Test|Fuzz)\w*`+strings.TrimPrefix(args[i+2], "Test")) {
				return fmt.Errorf("%s has no test %s", folder, args[i+2])
			}
		case args[0] == "run" && folder == "bench" && args[i] == ".": // the mode comes first
			if !inSource(folder, `(?i)\b`+strings.ReplaceAll(name, "-", "")+`\s+\w+Mode\b`) && !strings.HasPrefix(arg, "-") {
				return fmt.Errorf("the benchmark has no mode %s", arg)
			}
		case args[0] == "run" && folder != "" && strings.HasPrefix(arg, "-") && !inSource(folder, `"`+name+`"`) && !inSource(folder, `(?i)\b`+name+`\b`):
			return fmt.Errorf("%s has no %s", folder, arg)
		}
	}
	return nil
}

// inSource reports whether a package contains a matching text.
func inSource(folder, pattern string) bool {
	files, err := filepath.Glob(filepath.Join(top, folder, "*.go"))
	return err == nil && slices.ContainsFunc(files, func(file string) bool {
		content, err := os.ReadFile(file)
		return err == nil && regexp.MustCompile(pattern).Match(content)
	})
}
