package commands

import (
	"fmt"
	"strings"
)

// Reference returns the table of all settings for docs/configuration.md, generated from
// config.Config.
func Reference() (string, error) {
	parser, err := newParser(&commands{})
	if err != nil {
		return "", err
	}
	var table strings.Builder
	table.WriteString("| flag | environment | default | meaning |\n|---|---|---|---|\n")
	for _, flag := range settingsOf(parser.Model) {
		byDefault := "none"
		if flag.HasDefault {
			byDefault = "`" + flag.Default + "`"
		}
		meaning := flag.Help
		if flag.Tag.Has("secret") {
			meaning += " A secret."
		}
		fmt.Fprintf(&table, "| `--%s` | `%s` | %s | %s |\n", flag.Name, strings.Join(flag.Envs, "`, `"), byDefault, meaning)
	}
	return table.String(), nil
}
