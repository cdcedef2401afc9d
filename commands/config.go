package commands

import (
	"fmt"
	"math"
	"net/url"
	"os"
	"reflect"
	"slices"
	"strings"
	"text/tabwriter"

	"github.com/alecthomas/kong"

	"chatserver/config"
	"chatserver/telemetry"
)

// lookUp returns a variable of an environment.
func lookUp(environ []string, name string) (value string, found bool) {
	for _, variable := range environ {
		if key, value, _ := strings.Cut(variable, "="); key == name {
			return value, true
		}
	}
	return "", false
}

// fileResolver resolves settings that the environment gives as files: CHAT_X_FILE names a
// file that contains the value of CHAT_X.
func fileResolver(environ []string) kong.ResolverFunc {
	return func(_ *kong.Context, _ *kong.Path, flag *kong.Flag) (any, error) {
		for _, name := range flag.Envs {
			path, found := lookUp(environ, name+config.FileSuffix)
			if !found {
				continue
			}
			if _, both := lookUp(environ, name); both {
				return nil, fmt.Errorf("%s and %s are both set: remove one of them", name, name+config.FileSuffix)
			}
			value, err := os.ReadFile(path)
			if err != nil {
				return nil, fmt.Errorf("%s: cannot read the value: %w", name+config.FileSuffix, err)
			}
			return strings.TrimRight(string(value), "\r\n"), nil
		}
		return nil, nil //nolint:nilnil // for kong this means that there is no value
	}
}

// configCommand prints the effective configuration.
type configCommand struct{}

// Run prints one line per setting: its flag, value and source.
func (configCommand) Run(k *kong.Context, c config.Config, std streams) error {
	table := tabwriter.NewWriter(std.out, 0, 0, 2, ' ', 0)
	for _, flag := range settingsOf(k.Model) {
		value := displayValue(flag)
		if flag.Name == "max-connections" && c.MaxConnections == nil {
			value = fmt.Sprint(c.ConnectionLimit())
		}
		if flag.Name == "min-free-disk" && c.MinFreeDisk == nil && c.Database == "" {
			value = defaultFloor(c).String()
		}
		fmt.Fprintf(table, "--%s\t%s\t%s\n", flag.Name, value, source(k, flag))
	}
	return table.Flush()
}

// defaultFloor returns the default of --min-free-disk for the disk of the data directory; if
// that folder does not exist yet, for a large disk.
func defaultFloor(c config.Config) config.Size {
	space, err := telemetry.DiskSpace(c.Data)
	if err != nil {
		space.Total = math.Inf(1)
	}
	return config.Size(c.DiskFloor(space.Total))
}

// settingsOf returns the flags that are settings.
func settingsOf(model *kong.Application) (flags []*kong.Flag) {
	for _, flag := range model.Flags {
		if len(flag.Envs) > 0 {
			flags = append(flags, flag)
		}
	}
	return flags
}

// source returns where the value of a setting comes from.
func source(k *kong.Context, flag *kong.Flag) string {
	if slices.ContainsFunc(k.Path, func(p *kong.Path) bool { return p.Flag == flag && !p.Resolved }) {
		return "flag"
	}
	for _, name := range flag.Envs {
		for _, name := range []string{name, name + config.FileSuffix} {
			if _, found := os.LookupEnv(name); found {
				return "environment " + name
			}
		}
	}
	return "default"
}

const masked = "********"

// displayValue returns the value of a setting without secrets.
func displayValue(flag *kong.Flag) string {
	value := flag.Target
	if value.Kind() == reflect.Pointer && !value.IsNil() {
		value = value.Elem()
	}
	if value.IsZero() && value.Kind() != reflect.Int && value.Kind() != reflect.Int64 {
		return "(none)"
	}
	if flag.Tag.Has("secret") {
		return masked
	}
	if list, ok := value.Interface().([]string); ok {
		parts := make([]string, len(list))
		for i, part := range list {
			parts[i] = withoutPassword(part)
		}
		return strings.Join(parts, ",")
	}
	return withoutPassword(fmt.Sprint(value.Interface()))
}

// withoutPassword masks the password of a URL, including one in a query parameter, which
// Postgres URLs may have.
func withoutPassword(text string) string {
	u, err := url.Parse(text)
	if err != nil {
		return text
	}
	hidden := false
	parameters := strings.Split(u.RawQuery, "&")
	for i, parameter := range parameters {
		if name, value, _ := strings.Cut(parameter, "="); strings.Contains(name, "password") && value != "" {
			parameters[i], hidden = name+"=xxxxx", true
		}
	}
	u.RawQuery = strings.Join(parameters, "&")
	password, has := u.User.Password()
	if u.User != nil && !has && (u.Scheme == "nats" || u.Scheme == "tls") { // a token, not a name
		u.User = url.User("xxxxx")
		return u.String()
	}
	if hidden || has && password != "" {
		return u.Redacted()
	}
	return text
}
