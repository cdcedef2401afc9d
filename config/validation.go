package config

import (
	"fmt"
	"regexp"
	"slices"
	"strings"
)

// Mistakes are all that is wrong with the settings, a sentence each.
type Mistakes []error

// Error has a line for each.
func (m Mistakes) Error() string {
	lines := make([]string, len(m))
	for i, err := range m {
		lines[i] = err.Error()
	}
	return strings.Join(lines, "\n")
}

// add keeps an error, if it is one.
func (m *Mistakes) add(err error) {
	if err != nil {
		*m = append(*m, err)
	}
}

// orNil is no error if nothing is wrong.
func (m Mistakes) orNil() error {
	if len(m) == 0 {
		return nil
	}
	return m
}

// foreignVariables are names that begin like ours and are not: Kubernetes sets them for
// a service called "chat".
var foreignVariables = regexp.MustCompile(`^CHAT_(.*_)?(SERVICE_(HOST|PORT.*)|PORT(_.*)?)$`)

// CheckEnvironment refuses environment variables that look like settings and
// are none: a typing error would otherwise be a default in silence. known are
// the names of all settings; each may also be given as a file. What it returns
// are Mistakes.
func CheckEnvironment(environ, known []string) error {
	var mistakes Mistakes
	for _, variable := range environ {
		name, _, _ := strings.Cut(variable, "=")
		setting := strings.TrimSuffix(name, FileSuffix)
		if strings.HasPrefix(name, EnvPrefix+"_") && !slices.Contains(known, setting) && !foreignVariables.MatchString(name) {
			mistakes.add(fmt.Errorf("unknown setting %s in the environment: see chatserver --help for those there are", name))
		}
	}
	return mistakes.orNil()
}
