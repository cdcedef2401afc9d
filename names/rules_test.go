package names

import (
	"errors"
	"strings"
	"testing"
	"unicode"

	"golang.org/x/text/cases"
	"golang.org/x/text/language"
	"golang.org/x/text/unicode/norm"
	"golang.org/x/text/unicode/rangetable"
)

// TestPeopleOfAllLanguagesUseTheirNames has names in all scripts of modern use. A rule that
// refuses one of them is wrong.
func TestPeopleOfAllLanguagesUseTheirNames(t *testing.T) {
	for _, name := range []string{
		// Latin
		"Ann", "Zoë Müller", "Nguyễn Thị Hồng Phước", "Đặng Ngọc Ẩn", "Łukasz Żółć", "İpek Işık", "Ğülşen Çağrı", "Ștefan Țîrlea",
		"Þórður Ólafsson", "Søren Kjær", "Dvořák Jiří", "Žydrūnas Šarūnas", "Ėglė Ąžuolas", "Bjǫrn", "Àbíọ́dún Ọláolúwa", "Chukwuẹ́mẹka",
		"Nāhienaʻena", "O'Brien-Smith Jr.", "D’Angelo", "Strauß", "Kó\u030dng-tō\u0358", "J\u030canis", "Sa\u0304ra\u0301", "Ḥasan al-ʿAbbās",
		// Greek and Cyrillic
		"Ὀδυσσεύς", "ΟΔΥΣΣΕΥΣ", "ᾍδης", "Μαΐου Ελένη", "Наталья Орлова", "Ёжи Йовович", "Їжакевич Ґалина", "Ђорђе Љубица", "Петро\u0301", "Ғалымжан Әсел",
		// Hebrew, Arabic, Syriac, Thaana, N'Ko, Adlam
		"דוד לוי", "שָׂרָה", "שִׁמְעוֹן", "שּׁוּלָה", "سامي حداد", "مُحَمَّد", "عبدالله", "اللّٰه بخش", "علی\u200cرضا", "رُؤُّوف", "فاطمہ ہاشمی", "گۆران", "ܐܦܪܝܡ", "މުޙައްމަދު", "ߛߎ߬ߟߋߡߊ߫ߣߊ", "𞤀𞤣𞤤𞤢𞤥",
		// South Asia
		"अर्जुन", "श्रीकृष्ण", "ज़ाकिर ख़ाँ", "क्\u200dषितिज", "रवींद्रनाथ", "অনির্বাণ", "ਗੁਰਪ੍ਰੀਤ", "કૃષ્ણા", "ଜଗନ୍ନାଥ", "முருகன்", "శ్రీనివాస్", "ಕೃಷ್ಣಮೂರ್ತಿ", "ശ്രീജിത്ത്", "ශ්\u200dරී ලක්ෂ්මී", "བསྟན་འཛིན་རྒྱ་མཚོ", "བསྒྲུབས",
		// South-East Asia
		"สมชาย ใจดี", "น้ำฝน", "ปิ่นเกล้า", "ກຸຫຼາບ", "មករា ស្ត្រី", "မင်းအောင်လှိုင်", "စိုးမြင့်", "ကျွန်ုပ်", "ᬫᬤᬾ", "ꦱꦶꦠꦶ",
		// East Asia, and the rest of the world
		"たなか", "ガビー", "か\u3099", "田中一郎", "王小明", "김민준", "ㄅㄆㄇ", "ᠪᠠᠲᠤ", "ꀀꀁ", "አበበ በቂላ", "Գարեգին", "გიორგი", "ᏣᎳᎩ", "ᐃᓄᒃ", "ⵎⵓⵃⵎⵎⴷ", "ꤊꤢꤛꤢ꤭", "ᱥᱟᱱᱛᱟᱲᱤ",
		// what is not a letter
		"Ann 2", "٣ سامي", "😀", "👍🏽 Bob", "🇩🇪", "★ Ann ♥", "bot-7_x.y", "(=^_^=)", "✿", "1⃣", "½ Ann", "№ 5",
	} {
		canonical, err := Parse(name)
		if err != nil {
			t.Errorf("%s (%+q): %v", name, name, err)
			continue
		}
		if _, err := Parse(norm.NFD.String(name)); err != nil {
			t.Errorf("%s, decomposed: %v", name, err)
		}
		if again, err := Parse(canonical); err != nil || again != canonical {
			t.Errorf("%s becomes %s, which becomes %s, %v", name, canonical, again, err)
		}
	}
}

// TestDeceptiveNamesAreRefused has names with characters that are invisible, that imitate
// others, or that stand where no one writes them.
func TestDeceptiveNamesAreRefused(t *testing.T) {
	for name, why := range map[string]string{
		"Ann\U0001D159":                   "a musical symbol without ink",
		"\U0001D159":                      "the same alone",
		"A\U0001D173nn":                   "a format character of music",
		"\U00013441\U00013442":            "Egyptian blanks",
		"Ann\U00013430":                   "an Egyptian joiner",
		"Ann\U00016FE4":                   "the filler of Khitan",
		"𘬀\U00016FE4":                     "a filler among its own",
		"Ann\uFFFC":                       "the place of an object",
		"Ann\uFFFD":                       "what was not decoded",
		"Ann\uFFF9x\uFFFA":                "an annotation",
		"Ann\u034F":                       "a joiner of graphemes",
		"កា\u17B4":                        "an inherent vowel of Khmer",
		"ᠪᠠ\u180B":                        "a variation selector of Mongolian",
		"\u115F\u1160":                    "Hangul fillers",
		"김\u3164":                         "a Hangul filler in a name",
		"Ann\u2800":                       "blank Braille",
		"Ann\u2061":                       "an invisible operator",
		"Ann\U0001BCA0":                   "a format control of shorthand",
		"\u2FF0日月":                        "a description of an ideograph",
		"Ann\U000F0000":                   "a private character",
		"Ann\uFDD0":                       "a noncharacter",
		"Ann\U000E0141":                   "a variation selector",
		"𐌰𐌽𐌽𐌰":                            "a script that nobody writes today",
		"i\u0307rem":                      "a second dot on an i",
		"j\u0307":                         "a second dot on a j",
		"і\u0307рина":                     "a second dot on a Ukrainian i",
		"\u1ECB\u0307":                    "a second dot above one below",
		"į\u0307":                         "a second dot above an ogonek",
		"Ann\u05B0":                       "a Hebrew point on a Latin letter",
		"Ann\u0941":                       "a vowel of Devanagari on a Latin letter",
		"Ann\u064B":                       "a vowel of Arabic on a Latin letter",
		"Ann\u0E31":                       "a vowel of Thai on a Latin letter",
		"Ann\u3099":                       "a mark of Kana on a Latin letter",
		"क\u0301":                         "an accent on a letter of Devanagari",
		"ד\u0301":                         "an accent on a Hebrew letter",
		"क\u09BE":                         "a vowel of Bengali on a letter of Devanagari",
		"Ann\u1039":                       "an invisible sign on a Latin letter",
		"မင\u1039":                        "an invisible sign at the end",
		"ក\u17D2 ខ":                       "an invisible sign before a blank",
		"e\u0301\u0302\u0303":             "three accents",
		"ệ\u0301":                         "a third accent on one that has two",
		"Z\u0351\u036B\u0343\u036A\u0302": "many accents",
		"a\u0301\u0301":                   "the same accent twice",
		"a\u030D\u030E\u0310\u0309":       "four accents that only Latin letters have",
		"e\u0301\u0302\u030D":             "a third accent that only Latin letters have",
		"я\u0483\u0484\u0301":             "three accents on a Cyrillic letter",
		"Ann\u20D0":                       "an arrow above, for symbols",
		"Ann\U0001D17B":                   "an accent of music",
		"Ann\U0001CF00":                   "a neume of Znamenny chant",
		"Ann\U000101FD":                   "a stroke of the Phaistos disc",
		"Ann\u0361":                       "a tie to the next letter, and there is none",
		"A\u035Cnn":                       "a tie between two letters",
		"Ann\uFE20":                       "half a tie",
		"o\u0338":                         "a letter that is struck through",
		"Ann \u0301":                      "an accent on a blank",
		"😀\u0301":                         "an accent on a face",
		"5\u0301":                         "an accent on a digit",
		"\u0301Ann":                       "an accent at the beginning",
		"A\u20DDnn":                       "a circle around a letter",
		"Ann 1٢":                          "digits of two scripts",
		"Ann ۱١":                          "digits of two scripts that look alike",
		"A\u200Cnn":                       "a joiner where nothing joins",
		"علی\u200C":                       "a joiner at the end",
		"Ann\u200D":                       "a joiner after a Latin letter",
	} {
		var invalid *Invalid
		if got, err := Parse(name); !errors.As(err, &invalid) {
			t.Errorf("%s: %+q is accepted as %+q, or has no reason: %v", why, name, got, err)
		}
	}
}

// TestNamesHaveNoInvisibleCharacters tries every character that Unicode declares invisible,
// in many positions.
func TestNamesHaveNoInvisibleCharacters(t *testing.T) {
	seen := 0
	for _, table := range []*unicode.RangeTable{
		unicode.Cc, unicode.Cf, unicode.Zl, unicode.Zp, unicode.Variation_Selector, unicode.Other_Default_Ignorable_Code_Point,
		unicode.Bidi_Control, unicode.Noncharacter_Code_Point, unicode.Deprecated, unicode.IDS_Binary_Operator, unicode.IDS_Trinary_Operator,
	} {
		rangetable.Visit(table, func(r rune) {
			seen++
			for _, name := range []string{"Ann%c", "A%cnn", "%cAnn", "%c", "م%cح", "か%c", "김%c", "ᠪ%cᠠ", "कष%c", "😀%c"} {
				name = strings.ReplaceAll(name, "%c", string(r))
				joins := unicode.Is(unicode.Join_Control, r) && (strings.HasPrefix(name, "م") || strings.HasPrefix(name, "ᠪ"))
				if got, err := Parse(name); err == nil && !joins && strings.ContainsRune(got, r) {
					t.Errorf("U+%04X gets into the name %+q", r, got)
				}
			}
		})
	}
	if seen < 4000 {
		t.Errorf("only %d characters were tried", seen)
	}
}

// TestEveryLetterIsTheSameInAnyCase maps names to upper, lower and title case, as browsers
// and keyboards do.
func TestEveryLetterIsTheSameInAnyCase(t *testing.T) {
	tried := 0
	cased := rangetable.Merge(unicode.Lu, unicode.Ll, unicode.Lt, unicode.Other_Lowercase, unicode.Other_Uppercase)
	rangetable.Visit(cased, func(r rune) {
		name := "x" + string(r) + "x"
		canonical, err := Parse(name)
		if err != nil {
			return
		}
		tried++
		key := keyOf(t, canonical)
		for _, caser := range []cases.Caser{cases.Upper(language.Und), cases.Lower(language.Und), cases.Title(language.Und)} {
			if other, err := Parse(caser.String(canonical)); err == nil && keyOf(t, other) != key {
				t.Errorf("U+%04X: %q (%+q) is not %q (%+q)", r, other, keyOf(t, other), canonical, key)
			}
		}
	})
	if tried < 1500 {
		t.Errorf("only %d letters were tried", tried)
	}
}

// TestANameIsOnePersonInAnyCase compares names in upper and lower case in many languages,
// and some different names.
func TestANameIsOnePersonInAnyCase(t *testing.T) {
	for _, same := range [][]string{
		{"Ὀδυσσεύς", "ΟΔΥΣΣΕΥΣ", "ὈΔΥΣΣΕΎΣ", "οδυσσευς", "Οδυσσευσ"},
		{"Μάιος", "ΜΑΪΟΣ", "ΜΆΙΟΣ"},
		{"ᾍδης", "ΑΙΔΗΣ", "ᾅδης"},
		{"Strauß", "STRAUSS", "STRAUẞ", "strauss"},
		{"İpek", "ipek", "IPEK", "ıpek"},
		{"Işık", "IŞIK", "ışık"},
		{"ǅenana", "ǆenana", "Ǆenana", "DŽENANA"},
		{"გიორგი", "ᲒᲘᲝᲠᲒᲘ"},
		{"ᏣᎳᎩ", "ꮳꮃꭹ"},
		{"ﬁona", "Fiona", "FIONA"},
		{"\u212Aim", "kim", "KIM"},
		{"ſam", "Sam"},
		{"𞤀𞤣𞤤𞤢𞤥", "𞤢𞤣𞤤𞤢𞤥"},
	} {
		first := keyOf(t, same[0])
		for _, name := range same[1:] {
			if other := keyOf(t, name); other != first {
				t.Errorf("%s (%+q) is not %s (%+q)", name, other, same[0], first)
			}
		}
	}
	for _, other := range [][2]string{{"Zoe", "Zoë"}, {"Ольга", "Олга"}, {"Müller", "Mueller"}, {"Ёлка", "Елка"}, {"Σας", "Σα"}} {
		if a, b := keyOf(t, other[0]), keyOf(t, other[1]); a == b {
			t.Errorf("%s and %s are taken for one", other[0], other[1])
		}
	}
}

func TestTheTableOfMarksIsUnicodes(t *testing.T) {
	if !strings.Contains(markScriptsData, "ScriptExtensions-17.0.0") || len(markScripts()) < 80 {
		t.Errorf("%d marks, with the header\n%s", len(markScripts()), markScriptsData[:200])
	}
	for mark, want := range map[rune]string{'\u0301': "Latn", '\u0345': "Grek", '\u064B': "Arab", '\u3099': "Kana", '\u0327': "Latn", '\u05B0': "Hebr", '\u0941': "Deva"} {
		if scripts, _ := scriptsOf(mark); !strings.Contains(strings.Join(scripts, " "), want) {
			t.Errorf("U+%04X belongs to %v, not to %s", mark, scripts, want)
		}
	}
}
