package doctor

import (
	"bufio"
	"context"
	"crypto/tls"
	"errors"
	"fmt"
	"io"
	"net"
	"net/http"
	"strconv"
	"strings"
	"syscall"
	"time"
)

// localTimeout is how long a server may take to answer.
const localTimeout = 5 * time.Second

// maxBody is how much of an answer is read.
const maxBody = 4 << 20

// server is what was found out about the one that runs with these settings.
type server struct {
	public, ops bool               // a chatserver answers there
	metrics     map[string]float64 // of its metrics that have no labels
}

// ports looks who has the two ports.
func (d *Doctor) ports(ctx context.Context) (found []Finding) {
	below := ""
	if base, _ := d.Config.Base(); base != nil { // it was valid at the start
		below = strings.TrimSuffix(base.Path, "/")
	}
	d.server.public = d.isChat(ctx, d.localURL()+below+"/version.json", `"build"`)
	found = append(found, portFinding("--listen", d.Config.Listen, d.server.public))
	if d.Config.Ops == "off" {
		return append(found, note("port", "set --ops 127.0.0.1:9797 to have metrics and profiles", "--ops is off, so of the running server only what everybody sees is known here"))
	}
	d.server.ops = d.isChat(ctx, "http://"+localAddress(d.Config.Ops)+"/version", `"commit"`)
	return append(found, portFinding("--ops", d.Config.Ops, d.server.ops))
}

// portFinding says who has a port.
func portFinding(flag, address string, isChat bool) Finding {
	if isChat {
		return ok("port", "%s %s: a chatserver answers", flag, address)
	}
	listener, err := net.Listen("tcp", address)
	switch {
	case err == nil:
		_ = listener.Close() // it was only tried
		return note("port", "start it; or give the settings with which it runs, as flags or in the environment", "%s %s is free: no chatserver runs with these settings", flag, address)
	case errors.Is(err, syscall.EADDRINUSE):
		return problem("port", "stop that program (ss -ltnp shows it), or choose another port with "+flag, "%s %s is taken by another program", flag, address)
	case errors.Is(err, syscall.EACCES):
		return problem("port", "choose a port from 1024 on, or allow it: AmbientCapabilities=CAP_NET_BIND_SERVICE in systemd", "%s %s may not be opened by this user", flag, address)
	default:
		return problem("port", "choose an address of this machine", "%s %s cannot be opened: %v", flag, address, err)
	}
}

// localURL is where this machine reaches the public port.
func (d *Doctor) localURL() string {
	scheme := "http"
	if d.Config.TLS() {
		scheme = "https"
	}
	return scheme + "://" + localAddress(d.Config.Listen)
}

// localAddress is the address at which this machine reaches a port of its own.
func localAddress(listen string) string {
	host, port, err := net.SplitHostPort(listen)
	if ip := net.ParseIP(host); err == nil && (host == "" || ip != nil && ip.IsUnspecified()) {
		return net.JoinHostPort("localhost", port)
	}
	return listen
}

// readiness asks the server how it is, part by part if it tells us.
func (d *Doctor) readiness(ctx context.Context) (found []Finding) {
	const check = "server"
	switch {
	case d.server.ops:
		_, body, err := d.askServer(ctx, http.MethodGet, "http://"+localAddress(d.Config.Ops)+"/readyz?verbose")
		if err != nil {
			return []Finding{problem(check, "look at its log", "it does not say whether it is ready: %v", err)}
		}
		found = unready(body)
		if _, metrics, err := d.askServer(ctx, http.MethodGet, "http://"+localAddress(d.Config.Ops)+"/metrics"); err == nil {
			d.server.metrics = parseMetrics(metrics)
		}
	case d.server.public:
		status, body, err := d.askServer(ctx, http.MethodGet, d.localURL()+"/healthz")
		if err != nil || status != http.StatusOK {
			found = []Finding{problem(check, "look at its log", "it is not well: %d %s %v", status, strings.TrimSpace(body), err)}
		}
	default:
		return []Finding{note(check, "", "none was found, so how it stands is not known")}
	}
	if len(found) == 0 {
		found = append(found, ok(check, "it is ready for newcomers"))
	}
	return found
}

// unready reads the answer of /readyz?verbose.
func unready(body string) (found []Finding) {
	cure := map[string]string{
		"newcomers": "wait until it has stopped, and start it again",
		"memory":    "give it more, or set --max-connections lower: docs/scaling.md",
		"disk":      "make space, as docs/troubleshooting.md says under \"The disk is full\"",
		"nats":      "run doctor with the settings of the server, and see what it says about nats",
		"store":     "look for \"not ready\" in its log: a disk that is full, or another program that holds the database",
	}
	for line := range strings.Lines(body) {
		if rest, is := strings.CutPrefix(strings.TrimSpace(line), "[!] "); is {
			part, _, _ := strings.Cut(rest, ": ")
			found = append(found, problem("server", cure[part], "it serves, but %s", rest))
		}
		if rest, is := strings.CutPrefix(strings.TrimSpace(line), "[-] "); is {
			part, why, _ := strings.Cut(rest, ": ")
			found = append(found, problem("server", cure[part], "it refuses newcomers: %s: %s", part, why))
		}
	}
	return found
}

// parseMetrics reads the metrics that have no labels.
func parseMetrics(metrics string) map[string]float64 {
	found := map[string]float64{}
	for lines := bufio.NewScanner(strings.NewReader(metrics)); lines.Scan(); {
		name, value, _ := strings.Cut(lines.Text(), " ")
		if number, err := strconv.ParseFloat(value, 64); err == nil && !strings.ContainsAny(name, "#{") {
			found[name] = number
		}
	}
	return found
}

// metric is one of the running server's, and whether it is known.
func (d *Doctor) metric(name string) (float64, bool) {
	value, known := d.server.metrics[name]
	return value, known
}

// isChat reports whether what a chatserver says is answered.
func (d *Doctor) isChat(ctx context.Context, url, says string) bool {
	status, body, err := d.askServer(ctx, http.MethodGet, url)
	return err == nil && status == http.StatusOK && strings.Contains(body, says)
}

// askServer asks this machine. The certificate is for the names that others know it by.
func (d *Doctor) askServer(ctx context.Context, method, url string) (status int, body string, err error) {
	ctx, cancel := context.WithTimeout(ctx, localTimeout)
	defer cancel()
	request, err := http.NewRequestWithContext(ctx, method, url, nil)
	if err != nil {
		return 0, "", err
	}
	client := http.Client{Transport: &http.Transport{
		DisableKeepAlives: true,
		TLSClientConfig:   &tls.Config{InsecureSkipVerify: true}, //nolint:gosec // see above
	}}
	response, err := client.Do(request)
	if err != nil {
		return 0, "", err
	}
	defer response.Body.Close()
	read, err := io.ReadAll(io.LimitReader(response.Body, maxBody))
	if err != nil {
		return 0, "", fmt.Errorf("read the answer: %w", err)
	}
	return response.StatusCode, string(read), nil
}
