package markdown

import (
	"strings"
	"sync"
	"time"

	"github.com/alecthomas/chroma/v2"
	"github.com/alecthomas/chroma/v2/lexers"
)

const (
	// maxPainted is up to how many bytes the code of a message gets colours.
	maxPainted = 8 << 10
	// patience is how long the colours of a block may take, and how long a block waits
	// for those of others. What people write takes some milliseconds.
	patience = 100 * time.Millisecond
	// restTimes is for how many times what took too long nothing gets colours after it.
	restTimes = 10
)

// painter gives code its colours, one block at a time. A lexer is a set of patterns
// that look back and ahead, and of most languages somebody who wants to can find a
// text that takes them seconds. So that is given up after a while, and then there is
// a rest: who sends such texts costs a tenth of a core, and the others nothing but
// the colours of their code.
type painter struct {
	turn     chan struct{} // holds one element while somebody has it
	patience time.Duration
	rested   time.Time // when there may be colours again; whoever has the turn has this
}

func newPainter() *painter {
	return &painter{turn: make(chan struct{}, 1), patience: patience}
}

// paint cuts code into parts, or fails.
func (p *painter) paint(language, code string) (parts []part, ok bool) {
	lexer := lexerOf(language)
	if lexer == nil {
		return nil, false
	}
	select {
	case p.turn <- struct{}{}:
		defer func() { <-p.turn }()
	case <-time.After(p.patience):
		return nil, false
	}
	if time.Now().Before(p.rested) {
		return nil, false
	}
	return p.cut(lexer, code)
}

// cut fails if it takes too long, or if the lexer fails or has changed the code.
func (p *painter) cut(lexer chroma.Lexer, code string) (parts []part, ok bool) {
	defer func() {
		if recover() != nil { // a lexer has no other way to say that it failed
			parts, ok = nil, false
		}
	}()
	tokens, err := lexer.Tokenise(nil, code) // the first time, this reads its patterns
	if err != nil {
		return nil, false
	}
	began, at, begun := time.Now(), 0, 0
	for token := tokens(); token != chroma.EOF; token = tokens() {
		if took := time.Since(began); took > p.patience {
			p.rested = time.Now().Add(restTimes * took)
			return nil, false
		}
		if !strings.HasPrefix(code[at:], token.Value) {
			return nil, false
		}
		at += len(token.Value)
		class := classOf(token.Type)
		if last := len(parts) - 1; last < 0 || parts[last].class != class {
			parts, begun = append(parts, part{class: class}), at-len(token.Value)
		}
		parts[len(parts)-1].code = code[begun:at]
	}
	return parts, at == len(code)
}

// classOf is the class of a kind of token: the few that the style sheet has colours
// for, by chroma's names. Most of what is named has none.
func classOf(kind chroma.TokenType) string {
	switch kind {
	case chroma.GenericInserted:
		return "gi"
	case chroma.GenericDeleted, chroma.GenericError, chroma.GenericTraceback:
		return "gd"
	case chroma.GenericHeading, chroma.GenericSubheading, chroma.GenericPrompt:
		return "c"
	case chroma.OperatorWord, chroma.CommentPreproc, chroma.NameTag:
		return "k"
	case chroma.NameAttribute, chroma.NameBuiltin, chroma.NameClass, chroma.NameDecorator, chroma.NameEntity,
		chroma.NameException, chroma.NameFunction, chroma.NameFunctionMagic, chroma.NameProperty:
		return "nf"
	}
	switch {
	case kind.InCategory(chroma.Comment):
		return "c"
	case kind.InCategory(chroma.Keyword):
		return "k"
	case kind.InSubCategory(chroma.LiteralNumber):
		return "m"
	case kind.InCategory(chroma.Literal):
		return "s"
	case kind.InSubCategory(chroma.NameVariable):
		return "nf"
	}
	return ""
}

// languages are those that get colours, by chroma's names: what people paste.
// Vue, TeX, Vim and Zig are not among them: a single pattern of theirs can take half a
// second, and nothing can stop it. All that are hold 7 MB of patterns once they were
// used.
var languages = []string{
	"Bash", "C", "C#", "C++", "Clojure", "CMake", "Common Lisp", "CSS", "Dart", "Diff", "Docker", "Elixir", "Elm", "Erlang",
	"FSharp", "Go", "GraphQL", "Groovy", "Haskell", "HCL", "HTML", "HTTP", "INI", "Java", "JavaScript", "JSON", "Julia",
	"Kotlin", "Lua", "Makefile", "markdown", "MySQL", "Nginx configuration file", "Nix", "OCaml", "Perl", "PHP",
	"PostgreSQL SQL dialect", "PowerShell", "Protocol Buffer", "Python", "R", "react", "Ruby", "Rust", "Scala", "SCSS", "SQL",
	"Swift", "Terraform", "TOML", "TypeScript", "XML", "YAML", "Bash Session", "AWK",
}

// lexersByName are those of the languages, by each name of theirs in lower case.
var lexersByName = sync.OnceValue(func() map[string]chroma.Lexer {
	byName := map[string]chroma.Lexer{}
	for _, language := range languages {
		lexer := lexers.GlobalLexerRegistry.Get(language)
		for _, name := range append([]string{language}, lexer.Config().Aliases...) {
			byName[strings.ToLower(name)] = lexer
		}
	}
	for name, language := range map[string]string{"yml": "yaml", "cs": "c#"} { // which chroma does not know as names
		byName[name] = byName[language]
	}
	return byName
})

// lexerOf is nil if a language has no colours.
func lexerOf(language string) chroma.Lexer {
	return lexersByName()[strings.ToLower(cut(language, maxLanguage))]
}
