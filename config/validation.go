package config

import (
	"fmt"
	"regexp"
	"slices"
	"strings"
)

// Mistakes are all errors in the settings, one sentence each.
type Mistakes []error

// Error returns one line per mistake.
func (m Mistakes) Error() string {
	lines := make([]string, len(m))
	for i, err := range m {
		lines[i] = err.Error()
	}
	return strings.Join(lines, "\n")
}

// add appends an error unless it is nil.
func (m *Mistakes) add(err error) {
	if err != nil {
		*m = append(*m, err)
	}
}

// orNil returns nil if there are no mistakes.
func (m Mistakes) orNil() error {
	if len(m) == 0 {
		return nil
	}
	return m
}

// foreignVariables are variables with our prefix that are not ours: Kubernetes sets them
// for a service named "chat".
var foreignVariables = regexp.MustCompile(`^CHAT_(.*_)?(SERVICE_(HOST|PORT.*)|PORT(_.*)?)$`)

// CheckEnvironment refuses unknown environment variables with our prefix, because a typo
// would otherwise silently fall back to the default. known has the names of all settings;
// each may also have the suffix of a file. The error has the type Mistakes.
func CheckEnvironment(environ, known []string) error {
	var mistakes Mistakes
	for _, variable := range environ {
		name, _, _ := strings.Cut(variable, "=")
		setting := strings.TrimSuffix(name, FileSuffix)
		if strings.HasPrefix(name, EnvPrefix+"_") && !slices.Contains(known, setting) && !foreignVariables.MatchString(name) {
			mistakes.add(fmt.Errorf("unknown environment variable %s (run chatserver --help for a list)", name))
		}
	}
	return mistakes.orNil()
}
