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

	"chatserver/config"
)

// localTimeout bounds how long a server may take to answer.
const localTimeout = 5 * time.Second

// maxBody bounds how much of an answer is read.
const maxBody = 4 << 20

// server is what was found out about the server with these settings.
type server struct {
	public, ops bool               // whether a chatserver answers there
	metrics     map[string]float64 // those without labels
}

// ports checks which program listens on the two ports.
func (d *Doctor) ports(ctx context.Context) (found []Finding) {
	basePath := ""
	if base, _ := d.Config.Base(); base != nil { // already validated
		basePath = strings.TrimSuffix(base.Path, "/")
	}
	d.server.public = d.isChat(ctx, d.localURL()+basePath+"/version.json", `"build"`)
	found = append(found, portFinding("--listen", d.Config.Listen, d.server.public))
	if d.Config.Ops == "off" {
		return append(found, note("port", "set --ops 127.0.0.1:9797 for metrics and profiles", "--ops is off, so only the public side of the server can be checked"))
	}
	d.server.ops = d.isChat(ctx, d.opsURL()+"/version", `"commit"`)
	return append(found, portFinding("--ops", d.Config.Ops, d.server.ops))
}

// portFinding reports which program listens on a port.
func portFinding(flag, address string, isChat bool) Finding {
	if isChat {
		return ok("port", "%s %s: a chatserver answers", flag, address)
	}
	listener, err := net.Listen("tcp", address)
	switch {
	case err == nil:
		_ = listener.Close() // only a probe
		return note("port", "start the server; or run doctor with the server's flags and environment", "%s %s is free: no chatserver is running with these settings", flag, address)
	case errors.Is(err, syscall.EADDRINUSE):
		return problem("port", "stop that program (ss -ltnp shows it), or choose another port with "+flag, "%s %s is in use by another program", flag, address)
	case errors.Is(err, syscall.EACCES):
		return problem("port", "use a port from 1024 up, or allow it: AmbientCapabilities=CAP_NET_BIND_SERVICE in systemd", "this user may not open %s %s", flag, address)
	default:
		return problem("port", "use an address of this machine", "cannot open %s %s: %v", flag, address, err)
	}
}

// localURL returns the URL at which this machine reaches the public port.
func (d *Doctor) localURL() string {
	return config.LocalURL(d.Config.Scheme(), d.Config.Listen)
}

// opsURL returns the URL at which this machine reaches the admin listener.
func (d *Doctor) opsURL() string { return config.LocalURL("http", d.Config.Ops) }

// readiness asks the server whether it is ready, with details if the admin listener
// answers.
func (d *Doctor) readiness(ctx context.Context) (found []Finding) {
	const check = "server"
	switch {
	case d.server.ops:
		_, body, err := d.askServer(ctx, http.MethodGet, d.opsURL()+"/readyz?verbose")
		if err != nil {
			return []Finding{problem(check, "check its log", "no answer from /readyz: %v", err)}
		}
		found = unready(body)
		if _, metrics, err := d.askServer(ctx, http.MethodGet, d.opsURL()+"/metrics"); err == nil {
			d.server.metrics = parseMetrics(metrics)
		}
	case d.server.public:
		status, body, err := d.askServer(ctx, http.MethodGet, d.localURL()+"/healthz")
		if err != nil || status != http.StatusOK {
			found = []Finding{problem(check, "check its log", "unhealthy: %d %s %v", status, strings.TrimSpace(body), err)}
		}
	default:
		return []Finding{note(check, "", "no running server found")}
	}
	if len(found) == 0 {
		found = append(found, ok(check, "ready for new connections"))
	}
	return found
}

// unready parses the answer of /readyz?verbose.
func unready(body string) (found []Finding) {
	remedies := map[string]string{
		"newcomers": "wait until it has stopped, and start it again",
		"memory":    "raise the memory limit, or lower --max-connections: docs/scaling.md",
		"disk":      "free some space: docs/troubleshooting.md, \"The disk is full\"",
		"nats":      "run doctor with the server's settings, and see its findings about nats",
		"store":     "search its log for \"not ready\": the disk may be full, or another program may lock the database",
	}
	for line := range strings.Lines(body) {
		if rest, is := strings.CutPrefix(strings.TrimSpace(line), "[!] "); is {
			part, _, _ := strings.Cut(rest, ": ")
			found = append(found, problem("server", remedies[part], "running, but %s", rest))
		}
		if rest, is := strings.CutPrefix(strings.TrimSpace(line), "[-] "); is {
			part, why, _ := strings.Cut(rest, ": ")
			found = append(found, problem("server", remedies[part], "it refuses new connections: %s: %s", part, why))
		}
	}
	return found
}

// parseMetrics returns the metrics that have no labels.
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

// metric returns a metric of the running server, and whether it is known.
func (d *Doctor) metric(name string) (float64, bool) {
	value, known := d.server.metrics[name]
	return value, known
}

// isChat reports whether the answer is that of a chatserver: it contains marker.
func (d *Doctor) isChat(ctx context.Context, url, marker string) bool {
	status, body, err := d.askServer(ctx, http.MethodGet, url)
	return err == nil && status == http.StatusOK && strings.Contains(body, marker)
}

// askServer sends a request to a server on this machine. It does not verify the
// certificate, which is for the public names.
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
