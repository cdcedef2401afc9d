package names

import (
	_ "embed"
	"strconv"
	"strings"
	"sync"
	"unicode"

	"golang.org/x/text/unicode/norm"
)

// livingScripts are the scripts in modern use, by ISO 15924 code: those that UAX 31
// recommends for identifiers (table 5), those in limited use (table 7), and Mongolian, which
// is used in Mongolian passports. The other scripts are of interest to scholars only, and
// contain most of the invisible characters.
var livingScripts = map[string]*unicode.RangeTable{
	"Arab": unicode.Arabic, "Armn": unicode.Armenian, "Beng": unicode.Bengali, "Bopo": unicode.Bopomofo,
	"Cyrl": unicode.Cyrillic, "Deva": unicode.Devanagari, "Ethi": unicode.Ethiopic, "Geor": unicode.Georgian,
	"Grek": unicode.Greek, "Gujr": unicode.Gujarati, "Guru": unicode.Gurmukhi, "Hang": unicode.Hangul,
	"Hani": unicode.Han, "Hebr": unicode.Hebrew, "Hira": unicode.Hiragana, "Kana": unicode.Katakana,
	"Khmr": unicode.Khmer, "Knda": unicode.Kannada, "Laoo": unicode.Lao, "Latn": unicode.Latin,
	"Mlym": unicode.Malayalam, "Mong": unicode.Mongolian, "Mymr": unicode.Myanmar, "Orya": unicode.Oriya,
	"Sinh": unicode.Sinhala, "Taml": unicode.Tamil, "Telu": unicode.Telugu, "Thaa": unicode.Thaana,
	"Thai": unicode.Thai, "Tibt": unicode.Tibetan,

	"Adlm": unicode.Adlam, "Bali": unicode.Balinese, "Bamu": unicode.Bamum, "Batk": unicode.Batak,
	"Cakm": unicode.Chakma, "Cans": unicode.Canadian_Aboriginal, "Cham": unicode.Cham, "Cher": unicode.Cherokee,
	"Hmnp": unicode.Nyiakeng_Puachue_Hmong, "Java": unicode.Javanese, "Kali": unicode.Kayah_Li, "Lana": unicode.Tai_Tham,
	"Lepc": unicode.Lepcha, "Limb": unicode.Limbu, "Lisu": unicode.Lisu, "Mand": unicode.Mandaic,
	"Mtei": unicode.Meetei_Mayek, "Newa": unicode.Newa, "Nkoo": unicode.Nko, "Olck": unicode.Ol_Chiki,
	"Osge": unicode.Osage, "Plrd": unicode.Miao, "Rohg": unicode.Hanifi_Rohingya, "Saur": unicode.Saurashtra,
	"Sund": unicode.Sundanese, "Sylo": unicode.Syloti_Nagri, "Syrc": unicode.Syriac, "Tale": unicode.Tai_Le,
	"Talu": unicode.New_Tai_Lue, "Tavt": unicode.Tai_Viet, "Tfng": unicode.Tifinagh, "Vaii": unicode.Vai,
	"Wcho": unicode.Wancho, "Yiii": unicode.Yi,
}

// borrowing are the scripts that use combining marks without a script of their own, such as
// the cedilla.
var borrowing = []string{"Latn", "Grek", "Cyrl"}

const (
	noScript     = ""     // not in modern use
	commonScript = "Zyyy" // punctuation, digits, symbols
)

// scriptOf returns the script of a character that is not a mark.
func scriptOf(r rune) string {
	switch {
	case unicode.Is(unicode.Latin, r): // the most frequent case
		return "Latn"
	case unicode.Is(unicode.Common, r):
		return commonScript
	}
	for code, table := range livingScripts {
		if unicode.Is(table, r) {
			return code
		}
	}
	return noScript
}

// scriptsOf returns the scripts whose letters a combining mark may follow: its
// Script_Extensions (UAX 24), or its Script. own is false for a mark that Unicode allows on
// any letter.
func scriptsOf(mark rune) (scripts []string, own bool) {
	if scripts = markScripts()[mark]; scripts != nil {
		return scripts, len(scripts) <= 2
	}
	switch {
	case !unicode.Is(unicode.Inherited, mark):
		return []string{scriptOf(mark)}, true
	case isAccent(mark):
		return borrowing, false
	}
	return nil, false
}

// isAccent reports whether a mark without a script of its own is an accent of a single
// letter. The other such marks belong to symbols, music or ancient notation, or span two
// letters.
func isAccent(mark rune) bool {
	class := norm.NFD.PropertiesString(string(mark)).CCC()
	return unicode.Is(unicode.Diacritic, mark) && mark <= 0xFFFF && class < classDoubleBelow && !unicode.Is(halfMarks, mark)
}

// halfMarks is the Unicode block of the halves of marks that span two letters.
var halfMarks = &unicode.RangeTable{R16: []unicode.Range16{{Lo: 0xFE20, Hi: 0xFE2F, Stride: 1}}}

//go:generate sh -c "go run mark_scripts_gen.go < ScriptExtensions.txt"
//go:embed mark_scripts.dat
var markScriptsData string

// markScripts returns the Script_Extensions of the marks that have any, as ISO 15924 codes.
// The table is parsed on first use.
var markScripts = sync.OnceValue(func() map[rune][]string {
	table := map[rune][]string{}
	for entry := range strings.Lines(markScriptsData) {
		if strings.HasPrefix(entry, "#") {
			continue
		}
		marks, scripts, _ := strings.Cut(strings.TrimSpace(entry), " ")
		first, last, isRange := strings.Cut(marks, "..")
		if !isRange {
			last = first
		}
		for r := codePoint(first); r <= codePoint(last); r++ {
			table[r] = strings.Fields(scripts)
		}
	}
	return table
})

func codePoint(hex string) rune {
	value, err := strconv.ParseUint(hex, 16, 21)
	if err != nil {
		panic("mark_scripts.dat: " + err.Error())
	}
	return rune(value)
}

const classDoubleBelow = 233 // from here on: spans two letters, or belongs to a Greek vowel
