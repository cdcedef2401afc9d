package commands_test

import (
	"context"
	"crypto/tls"
	"crypto/x509"
	"io"
	"net/http"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/coder/websocket"

	"chatserver/chattest"
	"chatserver/config"
)

// Over TLS the page and its connections work the same, and the page knows that it is
// secure.
func TestTheChatWorksOverTLS(t *testing.T) {
	t.Parallel()
	folder := t.TempDir()
	cert, key := filepath.Join(folder, "cert.pem"), filepath.Join(folder, "key.pem")
	chattest.WriteCertificate(t, cert, key, "localhost", 1)
	world := chattest.NewWorld(t, chattest.With(func(c *config.Config) { c.TLSCert, c.TLSKey = cert, key }))
	pem, err := os.ReadFile(cert)
	if err != nil {
		t.Fatal(err)
	}
	authorities := x509.NewCertPool()
	authorities.AppendCertsFromPEM(pem)
	client := &http.Client{Transport: &http.Transport{TLSClientConfig: &tls.Config{RootCAs: authorities, ServerName: "localhost"}}}
	defer client.CloseIdleConnections()
	host := strings.Replace(world.Address(), "127.0.0.1", "localhost", 1)

	response, err := client.Get("https://" + host + "/") //nolint:noctx // it ends with the test's server
	if err != nil {
		t.Fatal(err)
	}
	page, err := io.ReadAll(response.Body)
	_ = response.Body.Close()
	if err != nil || !strings.Contains(string(page), "wss://"+host) || !strings.Contains(response.Header.Get("Set-Cookie"), "secure") {
		t.Errorf("the page does not know that it is safe: %v %s", err, response.Header)
	}
	if got := response.Header.Get("Strict-Transport-Security"); got != "" {
		t.Errorf("other programs on localhost now need TLS: %s", got)
	}
	for _, path := range []string{"/", "/nowhere"} {
		request, err := http.NewRequestWithContext(t.Context(), http.MethodGet, "https://"+host+path, nil)
		if err != nil {
			t.Fatal(err)
		}
		request.Host = "chat.example"
		named, err := client.Do(request)
		if err != nil {
			t.Fatal(err)
		}
		_ = named.Body.Close()
		if got := named.Header.Get("Strict-Transport-Security"); got != "max-age=15552000" {
			t.Errorf("browsers may open %s without TLS: %q", path, got)
		}
	}
	plain, err := http.Get("http://" + host + "/?" + strings.Repeat("long", 2000)) //nolint:noctx // it ends with the test's server
	if err != nil {
		t.Fatal(err)
	}
	said, err := io.ReadAll(plain.Body)
	_ = plain.Body.Close()
	if err != nil || plain.StatusCode != 400 || string(said) != "This port speaks HTTPS: open the address with https://.\n" {
		t.Errorf("without TLS it answers %s %q, %v", plain.Status, said, err)
	}

	ctx, cancel := context.WithTimeout(t.Context(), chattest.Patience)
	defer cancel()
	people := map[string]*websocket.Conn{}
	for _, name := range []string{"Ann", "Bob"} {
		conn, _, err := websocket.Dial(ctx, "wss://"+host+"/chat/"+name, &websocket.DialOptions{HTTPClient: client}) //nolint:bodyclose // the library's
		if err != nil {
			t.Fatal(err)
		}
		defer conn.CloseNow() //nolint:errcheck // it is over
		hears(ctx, t, conn, name+" connected to chat")
		people[name] = conn
	}
	hears(ctx, t, people["Ann"], "Bob connected to chat")
	long := strings.Repeat("long ", 1600) // several TLS records
	if err := people["Ann"].Write(ctx, websocket.MessageText, []byte(long)); err != nil {
		t.Fatal(err)
	}
	hears(ctx, t, people["Bob"], "Ann: "+long)
	if err := people["Ann"].Close(websocket.StatusNormalClosure, ""); err != nil {
		t.Errorf("a close frame is not answered: %v", err)
	}
	hears(ctx, t, people["Bob"], "Ann left the chat")
}

func hears(ctx context.Context, t *testing.T, conn *websocket.Conn, line string) {
	t.Helper()
	_, text, err := conn.Read(ctx)
	if err != nil || string(text) != line {
		t.Fatalf("received %q, %v", text, err)
	}
}

// Invalid certificates are reported at startup.
func TestAMissingCertificateIsReported(t *testing.T) {
	t.Parallel()
	said, err := chattest.Command("--listen", "127.0.0.1:0", "--ops", "off", "--data", t.TempDir(), "--tls-cert", "nowhere.pem", "--tls-key", "nowhere.pem").CombinedOutput()
	if err == nil || !strings.Contains(string(said), "--tls-cert") {
		t.Errorf("it says %q, %v", said, err)
	}
	said, err = chattest.Command("--tls-cert", "a.pem", "--tls-domains", "chat.example").CombinedOutput()
	if err == nil || !strings.Contains(string(said), "must be set together") || !strings.Contains(string(said), "--tls-domains") {
		t.Errorf("it says %q, %v", said, err)
	}
}
