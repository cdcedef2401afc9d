package handlers_test

import (
	"encoding/json"
	"encoding/xml"
	"fmt"
	"image"
	"image/color"
	_ "image/png"
	"net/netip"
	"net/url"
	"regexp"
	"strings"
	"testing"

	"github.com/makiuchi-d/gozxing"
	"github.com/makiuchi-d/gozxing/qrcode"

	"chatserver/chat"
	"chatserver/handlers"
	"chatserver/static"
)

func TestTheAppCanBeInstalled(t *testing.T) {
	d := newSite(t, nil)
	_, page := d.get("/")
	if !strings.Contains(page, `<link rel="manifest" href="/manifest.webmanifest">`) {
		t.Error("the page does not tell of it")
	}
	response, body := d.get("/manifest.webmanifest")
	if response.Header.Get("Content-Type") != "application/manifest+json" {
		t.Errorf("the manifest is %v", response.Header)
	}
	var app struct {
		Name, Display, Scope string
		ShortName            string `json:"short_name"`
		StartURL             string `json:"start_url"`
		Theme                string `json:"theme_color"`
		Background           string `json:"background_color"`
		Icons                []struct{ Src, Sizes, Type, Purpose string }
	}
	if err := json.Unmarshal([]byte(body), &app); err != nil {
		t.Fatal(err)
	}
	if app.Name != "chatserver" || app.ShortName != "chatserver" || app.StartURL != "/" || app.Scope != "/" || app.Display != "standalone" {
		t.Errorf("got %+v", app)
	}
	tokens, err := static.FS.ReadFile("css/tokens.css")
	if err != nil {
		t.Fatal(err)
	}
	if want := fmt.Sprintf("--paper: light-dark(%s,", app.Background); app.Theme != app.Background || !strings.Contains(string(tokens), want) {
		t.Errorf("the colours %s and %s are not the page's", app.Theme, app.Background)
	}
	kinds := map[string]bool{}
	for _, icon := range app.Icons {
		kinds[icon.Sizes+" "+icon.Purpose] = true
		response, body := d.get(icon.Src)
		if response.StatusCode != 200 || !strings.HasPrefix(response.Header.Get("Content-Type"), icon.Type) {
			t.Errorf("%s: %d %v", icon.Src, response.StatusCode, response.Header)
		}
		if icon.Type != "image/png" {
			continue
		}
		picture, _, err := image.DecodeConfig(strings.NewReader(body))
		if size := fmt.Sprintf("%dx%d", picture.Width, picture.Height); err != nil || size != icon.Sizes {
			t.Errorf("%s is %s, %v", icon.Src, size, err)
		}
	}
	for _, want := range []string{"192x192 any", "512x512 any", "512x512 maskable", "any any"} {
		if !kinds[want] {
			t.Errorf("there is no icon of %s", want)
		}
	}
}

// Devices crop a maskable icon as they like, but never inside a circle of 80 % of its size.
func TestTheMaskableIconMayBeCropped(t *testing.T) {
	_, body := newSite(t, nil).get(here("icons/icon-maskable-512.png"))
	picture, _, err := image.Decode(strings.NewReader(body))
	if err != nil {
		t.Fatal(err)
	}
	ground, seen := color.NRGBA{0x0b, 0x66, 0x55, 0xff}, 0
	for y := range 512 {
		for x := range 512 {
			if color.NRGBAModel.Convert(picture.At(x, y)) == ground {
				continue
			}
			seen++
			if dx, dy := x-256, y-256; dx*dx+dy*dy > 205*205 {
				t.Fatalf("the mark reaches %d, %d", x, y)
			}
		}
	}
	if seen < 10_000 {
		t.Errorf("the mark is %d points", seen)
	}
}

func TestTheWorkerBelongsToTheBuild(t *testing.T) {
	d := newSite(t, nil)
	response, body := d.get("/sw.js")
	if !strings.HasPrefix(body, `const BUILD="`+static.Hash()+`";`) || !strings.Contains(body, "notificationclick") {
		t.Errorf("the worker begins with %.60q", body)
	}
	if response.Header.Get("Content-Type") != "text/javascript; charset=utf-8" || response.Header.Get("Cache-Control") != "no-cache" {
		t.Errorf("it comes with %v", response.Header)
	}
	response, body = d.get("/version.json")
	if body != `{"build":"`+static.Hash()+`"}` || response.Header.Get("Cache-Control") != "no-store" {
		t.Errorf("the version is %s, %v", body, response.Header)
	}
}

func TestTheOfflinePageNamesNobodyAndSetsNothing(t *testing.T) {
	response, body := newSite(t, nil).get("/offline?name=Ann")
	if response.StatusCode != 200 || response.Header.Get("Set-Cookie") != "" || strings.Contains(body, "Ann") {
		t.Errorf("%d %v", response.StatusCode, response.Header)
	}
	for _, want := range []string{"You are offline", "data-rooms hidden", "<ul></ul>", here("js/app.js"), here("css/app.css")} { // sw.js reads these
		if !strings.Contains(body, want) {
			t.Errorf("the page has no %q", want)
		}
	}
}

// scanned returns what a phone reads from one of our SVGs.
func scanned(t *testing.T, body string) string {
	t.Helper()
	var drawing struct {
		ViewBox string `xml:"viewBox,attr"`
		Paths   []struct {
			D string `xml:"d,attr"`
		} `xml:"path"`
	}
	var side int
	if err := xml.Unmarshal([]byte(body), &drawing); err != nil || len(drawing.Paths) != 2 {
		t.Fatalf("%v: %s", err, body)
	}
	if _, err := fmt.Sscanf(drawing.ViewBox, "0 0 %d", &side); err != nil {
		t.Fatal(err)
	}
	const scale = 4
	picture := image.NewGray(image.Rect(0, 0, side*scale, side*scale))
	for i := range picture.Pix {
		picture.Pix[i] = 0xff
	}
	for _, run := range regexp.MustCompile(`M\d+ \d+h\d+`).FindAllString(drawing.Paths[1].D, -1) {
		var x, y, w int
		if _, err := fmt.Sscanf(run, "M%d %dh%d", &x, &y, &w); err != nil {
			t.Fatal(err)
		}
		if x < 4 || y < 4 || x+w > side-4 || y >= side-4 {
			t.Fatalf("%s is in the quiet zone", run)
		}
		for py := y * scale; py < (y+1)*scale; py++ {
			for px := x * scale; px < (x+w)*scale; px++ {
				picture.Pix[py*picture.Stride+px] = 0
			}
		}
	}
	bitmap, err := gozxing.NewBinaryBitmapFromImage(picture)
	if err != nil {
		t.Fatal(err)
	}
	result, err := qrcode.NewQRCodeReader().Decode(bitmap, nil)
	if err != nil {
		t.Fatal(err)
	}
	return result.GetText()
}

func TestAPhoneReadsTheQRCode(t *testing.T) {
	d := newSite(t, func(_ *chat.Options, o *handlers.Options) {
		o.TrustedProxies = []netip.Prefix{netip.MustParsePrefix("0.0.0.0/0")}
	})
	for _, test := range []struct {
		path    string
		headers []string
		want    string
	}{
		{"/rooms/night-watch/qr.svg", nil, "http://chat.example:9090/rooms/night-watch"},
		{"/rooms/Night-Watch/qr.svg", nil, "http://chat.example:9090/rooms/night-watch"},
		{"/rooms/lobby/qr.svg", nil, "http://chat.example:9090/"},
		{"/rooms/x/qr.svg", []string{"Host", "team.example", "X-Forwarded-Proto", "https"}, "https://team.example/rooms/x"},
		{"/rooms/" + strings.Repeat("a", 64) + "/qr.svg", nil, "http://chat.example:9090/rooms/" + strings.Repeat("a", 64)},
	} {
		response, body := d.get(test.path, test.headers...)
		if response.StatusCode != 200 || response.Header.Get("Content-Type") != "image/svg+xml; charset=utf-8" ||
			!strings.HasPrefix(response.Header.Get("Cache-Control"), "private") {
			t.Errorf("%s: %d %v", test.path, response.StatusCode, response.Header)
		}
		if got := scanned(t, body); got != test.want {
			t.Errorf("%s leads to %q instead of %q", test.path, got, test.want)
		}
	}
}

func TestOnlyRoomsHaveAQRCode(t *testing.T) {
	d := newSite(t, nil)
	for path, says := range map[string]string{
		"/rooms/a%20b/qr.svg":                           "A room's name has",
		"/rooms/%3Cscript%3E/qr.svg":                    "A room's name has",
		"/rooms/%zz/qr.svg":                             "broken % escape",
		"/rooms/" + strings.Repeat("a", 65) + "/qr.svg": "A room's name has",
	} {
		if response, body := d.get(path); response.StatusCode != 400 || !strings.Contains(body, says) {
			t.Errorf("%s: %d %s", path, response.StatusCode, body)
		}
	}
	base := "/" + strings.Repeat("a", 400) // no link below this path fits
	d = newSite(t, func(_ *chat.Options, o *handlers.Options) {
		o.Base = &url.URL{Scheme: "http", Host: "chat.example", Path: base + "/"}
	})
	if response, body := d.get(base + "/rooms/x/qr.svg"); response.StatusCode != 400 || !strings.Contains(body, "too long for a QR code") {
		t.Errorf("a long base path: %d %.80s", response.StatusCode, body)
	}
}
