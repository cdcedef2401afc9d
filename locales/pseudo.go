package locales

import (
	"encoding/json"
	"regexp"
	"strings"
)

// PseudoTag is the language tag of AddPseudo: the region XA is reserved for private use.
const PseudoTag = "en-XA"

// AddPseudo adds a pseudo-language for tests: English in letters that only look similar, longer,
// and in brackets, [Ñáɱé~~]. Plain English on a page in this language is missing from the
// catalogue. Call it before anything requests a language.
func AddPseudo() {
	english := all[0]
	pseudo := &Locale{Tag: PseudoTag, Name: pseudoOf(english.Name), Dir: english.Dir, page: map[string]string{}, errors: map[string]string{}}
	for key, text := range english.page {
		pseudo.page[key] = pseudoOf(text)
	}
	var script any
	if err := json.Unmarshal(english.script, &script); err != nil {
		panic("locales: " + err.Error())
	}
	pseudo.script, _ = json.Marshal(pseudoAll(script)) // it was decoded from JSON, so it can be encoded
	all = append(all, pseudo)
	matcher = newMatcher()
}

func pseudoAll(value any) any {
	switch v := value.(type) {
	case string:
		return pseudoOf(v)
	case map[string]any:
		for key, inner := range v {
			v[key] = pseudoAll(inner)
		}
	}
	return value
}

var (
	places = regexp.MustCompile(`\{\w+\}|%[a-z%]`)
	alike  = strings.NewReplacer(
		"a", "á", "b", "ƀ", "c", "ç", "d", "ð", "e", "é", "f", "ƒ", "g", "ĝ", "h", "ĥ", "i", "í", "j", "ĵ", "k", "ķ", "l", "ļ", "m", "ɱ",
		"n", "ñ", "o", "ó", "p", "þ", "q", "ǫ", "r", "ŕ", "s", "š", "t", "ţ", "u", "ú", "v", "ṽ", "w", "ŵ", "x", "ẋ", "y", "ý", "z", "ž",
		"A", "Á", "B", "Ɓ", "C", "Ç", "D", "Ð", "E", "É", "F", "Ƒ", "G", "Ĝ", "H", "Ĥ", "I", "Í", "J", "Ĵ", "K", "Ķ", "L", "Ļ", "M", "Ṁ",
		"N", "Ñ", "O", "Ó", "P", "Þ", "Q", "Ǫ", "R", "Ŕ", "S", "Š", "T", "Ţ", "U", "Ú", "V", "Ṽ", "W", "Ŵ", "X", "Ẋ", "Y", "Ý", "Z", "Ž",
	)
)

// pseudoOf preserves placeholders, and lengthens the text by a third: other languages are longer.
func pseudoOf(text string) string {
	var b strings.Builder
	b.WriteByte('[')
	at := 0
	for _, place := range places.FindAllStringIndex(text, -1) {
		b.WriteString(alike.Replace(text[at:place[0]]))
		b.WriteString(text[place[0]:place[1]])
		at = place[1]
	}
	b.WriteString(alike.Replace(text[at:]))
	b.WriteString(strings.Repeat("~", (len([]rune(text))+2)/3))
	b.WriteByte(']')
	return b.String()
}
