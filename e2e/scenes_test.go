package e2e

import (
	"crypto/sha256"
	"encoding/hex"
	"encoding/json"
	"flag"
	"fmt"
	"os"
	"path/filepath"
	"regexp"
	"strings"
	"sync"
	"testing"

	"github.com/go-rod/rod/lib/proto"

	"chatserver/chattest"
	"chatserver/locales"
)

// gallery is the directory for pictures of the scenes; make gallery updates
// docs/gallery.
var gallery = flag.String("gallery", "", "write pictures of the scenes to this folder")

// scene is one screen of the page.
type scene struct {
	name    string
	caption string // below its pictures in the gallery; empty if it is not there
	narrow  bool   // exists only on phones
	show    func(s *stage)
}

// stage is where scenes are shown one after the other: a server, and Maud's tab.
type stage struct {
	t       *testing.T
	world   *chattest.World
	browser *Browser
	tab     *Tab
	after   func() // undoes the scene after it was checked; may be nil
}

// look is a size and theme in which a scene is checked.
type look struct {
	name          string
	dark          bool
	width, height int
	rule          string // of axe; empty means all
}

var looks = []look{
	{"light", false, 1280, 800, ""},
	{"dark", true, 1280, 800, "color-contrast"}, // no other rule depends on colours
	{"phone", false, 390, 844, "color-contrast"},
	{"phone-dark", true, 360, 640, ""},
}

// narrow is the maximum width of the phone layout, in px.
const narrow = 768

// Axe finds nothing wrong with any screen, in light and dark, wide
// and on a phone, and nothing is wider than the screen.
func TestEveryScreenIsForEverybody(t *testing.T) {
	t.Parallel()
	everyScene(t, "en", looks, func(s *stage, scene scene, look look) {
		s.tab.NoSideways()
		s.tab.Accessible(scene.name+" "+look.name, look.rule)
		if *gallery != "" && scene.caption != "" {
			s.tab.Pictured(filepath.Join(*gallery, pictureOf(scene, look)))
		}
	})
	if *gallery != "" {
		writePage(t, filepath.Join(*gallery, "README.md"), galleryPage())
	}
}

func TestTheGalleryShowsEveryPicture(t *testing.T) {
	folder := filepath.Join("..", "docs", "gallery")
	page, err := os.ReadFile(filepath.Join(folder, "README.md"))
	if err != nil {
		t.Fatal(err)
	}
	if string(page) != galleryPage() {
		t.Error("docs/gallery/README.md lists other scenes: run make gallery")
	}
	for _, picture := range regexp.MustCompile(`\(([^)]+\.webp)\)`).FindAllSubmatch(page, -1) {
		if _, err := os.Stat(filepath.Join(folder, string(picture[1]))); err != nil {
			t.Error(err)
		}
	}
}

func pictureOf(scene scene, look look) string { return scene.name + "-" + look.name + ".webp" }

// galleryPage returns a Markdown page with every picture.
func galleryPage() string {
	var page strings.Builder
	page.WriteString("# Screenshots\n\nA test takes every picture and checks the same screen for accessibility. `make gallery` renews all of them.\n")
	for _, scene := range scenes {
		if scene.caption == "" {
			continue
		}
		fmt.Fprintf(&page, "\n## %s\n\n", scene.caption)
		for _, look := range looks {
			if !scene.narrow || look.width <= narrow {
				fmt.Fprintf(&page, "![%s, %s](%s)\n", scene.caption, look.name, pictureOf(scene, look))
			}
		}
	}
	return page.String()
}

func writePage(t *testing.T, file, page string) {
	t.Helper()
	if err := os.WriteFile(file, []byte(page), 0o644); err != nil { //nolint:gosec // it is for all
		t.Fatal(err)
	}
}

// Every visible or accessible word is from the catalogue.
func TestEveryWordIsFromTheCatalogue(t *testing.T) {
	t.Parallel()
	everyScene(t, locales.PseudoTag, []look{looks[0], looks[2]}, func(s *stage, scene scene, look look) {
		s.tab.NoSideways() // its words are longer
		s.tab.SaysNothingPlain(scene.name + " " + look.name)
	})
}

// everyScene shows all scenes in a language, each in all looks.
func everyScene(t *testing.T, language string, looks []look, check func(*stage, scene, look)) {
	s := &stage{t: t, world: chattest.NewWorld(t), browser: NewBrowser(t)}
	s.browser.ExpectsOutages()
	s.browser.Expect("status of 400")
	people(s)
	for _, scene := range scenes {
		s.tab = s.browser.Person()
		s.tab.Size(looks[0].width, looks[0].height)
		s.tab.Prefers("light")
		s.tab.Speaks(language)
		s.tab.HasKey(s.world, "00000000000000000000000000000001") // Maud's key in each browser: her name is reserved for it
		scene.show(s)
		for _, look := range looks {
			if scene.narrow && look.width > narrow {
				continue
			}
			s.tab.Prefers(map[bool]string{false: "light", true: "dark"}[look.dark])
			s.tab.Size(look.width, look.height)
			s.tab.settle()
			check(s, scene, look)
		}
		s.tab.Closes()
		if s.after != nil {
			s.after()
			s.after = nil
		}
	}
}

// Prefers sets the system's colour scheme, and turns animations off so that nothing is
// checked in the middle of one.
func (tab *Tab) Prefers(scheme string) {
	tab.t.Helper()
	media := proto.EmulationSetEmulatedMedia{Features: []*proto.EmulationMediaFeature{
		{Name: "prefers-color-scheme", Value: scheme},
		{Name: "prefers-reduced-motion", Value: "reduce"},
	}}
	if err := media.Call(tab.page); err != nil {
		tab.t.Fatal(err)
	}
}

// Closes closes the tab.
func (tab *Tab) Closes() {
	tab.t.Helper()
	if err := tab.page.Close(); err != nil {
		tab.t.Fatal(err)
	}
}

// Pictured writes a picture of the tab to a file.
func (tab *Tab) Pictured(file string) {
	tab.t.Helper()
	quality := 80
	picture, err := tab.page.Screenshot(false, &proto.PageCaptureScreenshot{Format: proto.PageCaptureScreenshotFormatWebp, Quality: &quality})
	if err != nil {
		tab.t.Fatal(err)
	}
	if err := os.WriteFile(file, picture, 0o644); err != nil { //nolint:gosec // pictures are for all
		tab.t.Fatal(err)
	}
}

// axe is the vendored accessibility checker.
var axe = sync.OnceValues(func() (string, error) {
	program, err := os.ReadFile("testdata/axe/axe.min.js")
	return string(program), err
})

// Accessible fails for every problem that axe finds on the current page, by one rule or,
// if rule is empty, by all.
func (tab *Tab) Accessible(where, rule string) {
	tab.t.Helper()
	program, err := axe()
	if err != nil {
		tab.t.Fatal(err)
	}
	// It is evaluated like a command of the inspector, so the page's policy does not apply.
	if _, err := (proto.RuntimeEvaluate{Expression: "if (!window.axe) {" + program + "}"}).Call(tab.page); err != nil {
		tab.t.Fatal(err)
	}
	found := tab.page.MustEval(`async (rule) => {
		const { violations } = await axe.run(document, { resultTypes: ['violations'], ...(rule && { runOnly: [rule] }) });
		return violations.map(({ id, help, nodes }) => id + ': ' + help + '\n' + nodes.slice(0, 4).map((n) => '    ' + n.html.slice(0, 200) + '\n      ' + n.failureSummary.replace(/\s+/g, ' ')).join('\n'));
	}`, rule)
	for _, violation := range found.Arr() {
		tab.t.Errorf("%s: %s", where, violation.Str())
	}
}

// SaysNothingPlain fails for every visible or accessible word in plain English: in the
// pseudo language, the catalogue's words look different. People's texts, times, keys and
// elements with translate=no are exempt.
func (tab *Tab) SaysNothingPlain(where string) {
	tab.t.Helper()
	found := tab.page.MustEval(`() => {
		const theirs = 'bdi, time, kbd, code, textarea, .avatar, .message-text, .message-author, [dir=auto], [translate=no]';
		const plain = (text) => /[A-Za-z]{2,}/.test(text.replace(/\[[^\]]*\]/g, ''));
		// A sentence with names in it is several texts; its brackets are around all of them.
		const sentenceOf = (node) => (node.parentElement.querySelector(':scope > bdi')
			? [...node.parentElement.childNodes].filter(({ nodeName }) => nodeName !== 'BDI').map(({ textContent }) => textContent).join('') : node.data);
		const wrong = [];
		const walker = document.createTreeWalker(document.body, NodeFilter.SHOW_TEXT);
		for (let node; (node = walker.nextNode());) {
			const parent = node.parentElement;
			if (parent.closest(theirs) || parent.closest('script, style, template, noscript') || !parent.checkVisibility()) continue;
			if (plain(sentenceOf(node))) wrong.push(node.data.trim());
		}
		for (const element of document.querySelectorAll('[aria-label], [placeholder], [title], [alt], [aria-description], [aria-roledescription]')) {
			if (element.closest('[translate=no]')) continue;
			for (const name of ['aria-label', 'placeholder', 'title', 'alt', 'aria-description', 'aria-roledescription']) {
				const value = element.getAttribute(name);
				if (value && value !== element.querySelector('[translate=no]')?.textContent && !element.matches('time') && plain(value)) wrong.push(name + '=' + value);
			}
		}
		return [...new Set(wrong)];
	}`)
	for _, word := range found.Arr() {
		tab.t.Errorf("%s: %q is not from the catalogue", where, word.Str())
	}
}

func TestTheCheckerIsTheOneThatWasVendored(t *testing.T) {
	program, err := axe()
	if err != nil {
		t.Fatal(err)
	}
	sums, err := os.ReadFile("testdata/axe/SHA256SUMS")
	if err != nil {
		t.Fatal(err)
	}
	if sum := sha256.Sum256([]byte(program)); !strings.HasPrefix(string(sums), hex.EncodeToString(sum[:])) {
		t.Error("axe.min.js is not the file that was vendored")
	}
}

// The checks themselves can fail.
func TestTheChecksOfAScreenFindWhatIsWrong(t *testing.T) {
	t.Parallel()
	world, browser := chattest.NewWorld(t), NewBrowser(t)
	tab := browser.Person()
	tab.Opens(world.URL("/"))
	tab.page.MustEval(`() => {
		const button = document.createElement('button');
		document.body.append(button, 'Plain words');
	}`)
	probe := &probe{TB: t}
	tab = &Tab{t: probe, page: tab.page}
	tab.SaysNothingPlain("here")
	tab.Accessible("here", "")
	said, _ := json.Marshal(probe.errors)
	for _, want := range []string{"Plain words", "button-name"} {
		if !strings.Contains(string(said), want) {
			t.Errorf("not found: %s in %s", want, said)
		}
	}
}

// probe is a testing.TB that records failures.
type probe struct {
	testing.TB
	errors []string
}

func (p *probe) Errorf(format string, args ...any) {
	p.errors = append(p.errors, fmt.Sprintf(format, args...))
}
