package names

import "fmt"

// Invalid is a name that breaks a rule. The message is kept as a format and arguments, so
// that it can be translated.
type Invalid struct {
	Format string // one English sentence for people that states the rule and what was found
	Args   []any
}

func (e *Invalid) Error() string { return fmt.Sprintf(e.Format, e.Args...) }

func refuseName(format string, args ...any) error { return &Invalid{format, args} }
