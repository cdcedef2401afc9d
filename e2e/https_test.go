package e2e

import (
	"path/filepath"
	"strings"
	"testing"

	"github.com/go-rod/rod/lib/proto"

	"chatserver/chattest"
	"chatserver/config"
)

// A person whose browser has the cookies of an earlier version stays signed in over
// HTTPS, and gets cookies that no other host of the domain can set.
func TestPeopleStaySignedInAfterTheUpgradeOverHTTPS(t *testing.T) {
	t.Parallel()
	cert, key := filepath.Join(t.TempDir(), "cert.pem"), filepath.Join(t.TempDir(), "key.pem")
	chattest.WriteCertificate(t, cert, key, "localhost", 1)
	world, browser := chattest.NewWorld(t, chattest.With(func(c *config.Config) { c.TLSCert, c.TLSKey = cert, key })), NewBrowser(t)
	browser.Expect("An SSL certificate error occurred when fetching the script") // no service worker starts with an invalid certificate
	const annsKey = "0123456789abcdef0123456789abcdef"
	ann, address := browser.Person(), strings.Replace(world.URL("/"), "http:", "https:", 1)
	if err := (proto.SecuritySetIgnoreCertificateErrors{Ignore: true}).Call(ann.page); err != nil {
		t.Fatal(err)
	}
	ann.page.MustSetCookies(&proto.NetworkCookieParam{URL: address, Name: "chat_guest", Value: annsKey, Secure: true, HTTPOnly: true},
		&proto.NetworkCookieParam{URL: address, Name: "chat_page", Value: "name=Ann"})
	ann.Opens(address)
	ann.Shows("status", "Connected")
	ann.Shows("me", "Ann")
	has := map[string]*proto.NetworkCookie{}
	for _, cookie := range ann.page.MustCookies(address) {
		has[cookie.Name] = cookie
	}
	guest, page := has["__Host-chat_guest"], has["__Host-chat_page"]
	if guest == nil || guest.Value != annsKey || !guest.Secure || page == nil || !strings.Contains(page.Value, "name=Ann") || !page.Secure {
		t.Fatalf("the browser has %v", has)
	}
	ann.page.MustSetCookies(&proto.NetworkCookieParam{URL: address, Name: "chat_page", Value: "name=Eve"}) // as another host of the domain might
	ann.Reloads()
	ann.Shows("status", "Connected")
	ann.Shows("me", "Ann")
}
