package handlers_test

import (
	"compress/gzip"
	"crypto/sha256"
	"encoding/base64"
	"encoding/json"
	"fmt"
	"io"
	"net/http"
	"net/http/httptest"
	"path"
	"regexp"
	"strconv"
	"strings"
	"testing"

	brotli "github.com/molecule-man/go-brrr"

	"chatserver/static"
)

func here(name string) string { return "/static/" + static.Hash() + "/" + name }

// received returns a body as a browser decodes it.
func received(t *testing.T, response *http.Response, body string) string {
	t.Helper()
	var reader io.Reader = strings.NewReader(body)
	switch encoding := response.Header.Get("Content-Encoding"); encoding {
	case "br":
		reader = brotli.NewReader(reader)
	case "gzip":
		var err error
		if reader, err = gzip.NewReader(reader); err != nil {
			t.Fatal(err)
		}
	case "":
	default:
		t.Fatalf("encoded as %q", encoding)
	}
	plain, err := io.ReadAll(reader)
	if err != nil {
		t.Fatal(err)
	}
	return string(plain)
}

func TestBrowsersGetTheirPreferredEncoding(t *testing.T) {
	d := newSite(t, nil)
	for _, path := range []string{"/", here("js/page/chat-room.js"), here("vendor/bootstrap/bootstrap.min.css")} {
		response, plain := d.get(path)
		if response.Header.Get("Content-Encoding") != "" || !strings.Contains(response.Header.Get("Vary"), "Accept-Encoding") {
			t.Fatalf("%s: without Accept-Encoding the response has %v", path, response.Header)
		}
		for accept, want := range map[string]string{
			"gzip, deflate, br, zstd": "br",
			"gzip":                    "gzip",
			"GZIP":                    "gzip",
			"br;q=0, gzip":            "gzip",
			"br;q=0.5, gzip;q=0.8":    "gzip",
			"br; q=0":                 "",
			"br;q=0, gzip;q=0.000":    "",
			"*":                       "br",
			"*, br;q=0":               "gzip",
			"*;q=0":                   "",
			"identity":                "",
			"identity, br;q=0.5":      "",
			"identity;q=0.5, br":      "br",
			"zstd, deflate":           "",
			"brotli, xgzip":           "",
			"br;q=x":                  "",
			"br;q=7":                  "",
			";;=,,":                   "",
		} {
			response, body := d.get(path, "Accept-Encoding", accept)
			if got := response.Header.Get("Content-Encoding"); got != want {
				t.Errorf("%s: %q gets %q instead of %q", path, accept, got, want)
			}
			if response.Header.Get("Content-Length") != strconv.Itoa(len(body)) || response.Header.Get("Vary") != "Accept-Encoding" {
				t.Errorf("%s: %q gets %v for %d bytes", path, accept, response.Header, len(body))
			}
			if path != "/" && received(t, response, body) != plain {
				t.Errorf("%s: %q gets another file", path, accept)
			} else if !strings.HasSuffix(strings.TrimSpace(received(t, response, body)), strings.TrimSpace(plain[len(plain)-20:])) {
				t.Errorf("%s: %q gets half a page", path, accept)
			}
		}
	}
	response, body := d.get("/rooms/a%20b", "Accept-Encoding", "br")
	if response.StatusCode != 400 || response.Header.Get("Content-Encoding") != "" || !strings.Contains(body, "A room's name has") {
		t.Errorf("a refusal: %d %v %q", response.StatusCode, response.Header, body)
	}
}

func TestAnUnchangedFileIsNotSentAgain(t *testing.T) {
	d := newSite(t, nil)
	response, _ := d.get(here("css/tokens.css"), "Accept-Encoding", "br")
	tag := response.Header.Get("ETag")
	if !regexp.MustCompile(`^W/"[0-9a-f]{16}"$`).MatchString(tag) || response.Header.Get("Content-Type") != "text/css; charset=utf-8" {
		t.Fatalf("got %v", response.Header)
	}
	for _, match := range []string{tag, strings.TrimPrefix(tag, "W/"), `"other", ` + tag, "*"} {
		response, body := d.get("/static/000000000000/css/tokens.css", "If-None-Match", match)
		if response.StatusCode != 304 || body != "" || response.Header.Get("ETag") != tag || response.Header.Get("Cache-Control") != "no-cache" {
			t.Errorf("%s: %d %v, %d bytes", match, response.StatusCode, response.Header, len(body))
		}
	}
	for _, headers := range [][]string{{"If-None-Match", `"other"`}, {"If-Modified-Since", "Wed, 01 Jan 2070 00:00:00 GMT"}} {
		if response, body := d.get(here("css/tokens.css"), headers...); response.StatusCode != 200 || body == "" {
			t.Errorf("%v: %d", headers, response.StatusCode)
		}
	}
	if other, _ := d.get(here("css/base.css")); other.Header.Get("ETag") == tag {
		t.Error("two files have the same ETag")
	}
}

func TestHEADHasTheHeadersOfGET(t *testing.T) {
	d := newSite(t, nil)
	for _, path := range []string{here("js/app.js"), here("icons/icon-512.png"), "/manifest.webmanifest", "/sw.js", "/rooms/x/qr.svg"} {
		asked := func(method string) *http.Response {
			request := httptest.NewRequest(method, path, nil)
			request.Header.Set("Accept-Encoding", "gzip")
			response, err := d.server.Public().Test(request, 10_000)
			if err != nil {
				t.Fatal(err)
			}
			defer response.Body.Close()
			if body, _ := io.ReadAll(response.Body); (len(body) == 0) != (method == http.MethodHead) {
				t.Errorf("%s %s: %d bytes", method, path, len(body))
			}
			return response
		}
		want, got := asked(http.MethodGet), asked(http.MethodHead)
		for _, header := range []string{"Content-Type", "Content-Length", "Content-Encoding", "Cache-Control"} {
			if got.StatusCode != 200 || got.Header.Get(header) != want.Header.Get(header) {
				t.Errorf("%s: %d, %s is %q instead of %q", path, got.StatusCode, header, got.Header.Get(header), want.Header.Get(header))
			}
		}
	}
}

// firstLoad matches the files of a first load, without the icons of the PWA, which browsers
// only download when it is installed.
var firstLoad = regexp.MustCompile(`(?:rel="(?:icon|stylesheet|modulepreload|manifest)"|<script[^>]*) (?:href|src)="([^"]+)"`)

// TestAFirstLoadIsAFewRequestsAndSmall in e2e measures the same in a real browser, with headers.
func TestTheFirstLoadIsSmall(t *testing.T) {
	const budget = 70_000 // bytes of bodies
	d := newSite(t, nil)
	_, page := d.get("/")
	response, sent := d.get("/", "Accept-Encoding", "br")
	if response.Header.Get("Content-Encoding") != "br" {
		t.Fatalf("the page comes as %v", response.Header)
	}
	sizes, sum := map[string]int{"page": len(sent)}, len(sent)
	for _, match := range firstLoad.FindAllStringSubmatch(page, -1) {
		response, body := d.get(match[1], "Accept-Encoding", "br")
		if response.StatusCode != 200 {
			t.Errorf("the page needs %s: %d", match[1], response.StatusCode)
		}
		sizes[path.Base(match[1])] = len(body)
		sum += len(body)
	}
	t.Logf("the first load is %d bytes of %d: %v", sum, budget, sizes)
	if sum > budget {
		t.Errorf("the first load is %d bytes: more than %d", sum, budget)
	}
	for _, name := range []string{"page", "app.css", "app.js", "favicon.svg", "manifest.webmanifest"} {
		if sizes[name] == 0 || len(sizes) != 5 {
			t.Errorf("a page loads %v, and not %s and four others", sizes, name)
		}
	}
}

func TestEveryResponseHasSecurityHeaders(t *testing.T) {
	d := newSite(t, nil)
	for _, path := range []string{"/", "/rooms/x", "/offline", "/sw.js", "/rooms/x/qr.svg", "/nothing"} {
		response, _ := d.get(path)
		for header, wants := range map[string][]string{
			"Content-Security-Policy": {
				"default-src 'none';", "script-src 'self';", "img-src 'self' data:;", "worker-src 'self';", "manifest-src 'self';",
				"base-uri 'none';", "frame-ancestors 'none'",
			},
			"Permissions-Policy":           {"camera=()", "microphone=()", "geolocation=()"},
			"Cross-Origin-Opener-Policy":   {"same-origin"},
			"Cross-Origin-Resource-Policy": {"same-origin"},
			"X-Content-Type-Options":       {"nosniff"},
		} {
			got := response.Header.Get(header)
			for _, want := range wants {
				if !strings.Contains(got, want) || strings.Contains(got, "unsafe") {
					t.Errorf("%s: %s is %q, without %s", path, header, got, want)
				}
			}
		}
	}
	if response, _ := d.get(here("js/app.js")); response.Header.Get("Cross-Origin-Resource-Policy") != "same-origin" {
		t.Errorf("other origins may load a file: %v", response.Header)
	}
}

// The vendored emoji picker is the only script that adds a style. The hash in the CSP must
// match it, and changes with the picker's version.
func TestTheCSPAllowsThePickersStyle(t *testing.T) {
	source, err := static.FS.ReadFile("vendor/emoji-picker/picker.js")
	if err != nil {
		t.Fatal(err)
	}
	part := func(pattern string) string {
		match := regexp.MustCompile(pattern).FindSubmatch(source)
		if match == nil {
			t.Fatalf("the picker has no %s", pattern)
		}
		return string(match[1])
	}
	var base string
	if err := json.Unmarshal([]byte(part(`(?m)^var baseStyles = (".*");$`)), &base); err != nil {
		t.Fatal(err)
	}
	fonts := regexp.MustCompile(`'\s*\+\s*'`).ReplaceAllString(part(`(?s)const FONT_FAMILY = '(.*?)';`), "")
	style := base + strings.Replace(part("const EXTRA_STYLES = `(.*)`;"), "${FONT_FAMILY}", fonts, 1)
	sum := sha256.Sum256([]byte(style))
	want := fmt.Sprintf("style-src 'self' 'sha256-%s';", base64.StdEncoding.EncodeToString(sum[:]))
	response, _ := newSite(t, nil).get("/")
	if policy := response.Header.Get("Content-Security-Policy"); !strings.Contains(policy, want) {
		t.Errorf("the policy is %q, without %s", policy, want)
	}
}
