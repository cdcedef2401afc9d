package doctor

import (
	"context"
	"encoding/json"
	"fmt"
	"net/http"
	"net/netip"
	"slices"
	"strings"

	"chatserver/handlers/ops"
)

// spoofedAddress is an address reserved for documentation (RFC 5737).
const spoofedAddress = "203.0.113.77"

// proxies checks how a request through the proxies looks to the server.
func (d *Doctor) proxies(ctx context.Context) (found []Finding) {
	const check = "proxy"
	found = append(found, d.secureCookies(ctx)...)
	if !d.server.ops {
		return append(found, note(check, "run doctor on the server's machine, with the server's settings, so that it can reach the admin listener",
			"cannot check whether the server sees visitors' addresses: the admin listener does not answer"))
	}
	seen, mine, err := d.probeRequest(ctx)
	if err != nil {
		return append(found, note(check, "use the address of the server with these settings", "cannot check how the server sees a request: %v", err))
	}
	finding := d.proxyFinding(seen, mine)
	if finding.Kind == OK {
		made, _, err := d.probeRequest(ctx, "X-Forwarded-For", spoofedAddress)
		if err == nil && made.Address == spoofedAddress && !trusts(seen, hostAddress(mine)) {
			finding = problem(check, "make the proxy overwrite X-Forwarded-For or append to it, and list only proxies in --trusted-proxies",
				"clients can spoof their address: the server accepted %s", spoofedAddress)
		}
	}
	return append(found, finding)
}

// secureCookies checks whether the server knows that its pages use https, which shows in
// its cookies.
func (d *Doctor) secureCookies(ctx context.Context) []Finding {
	if d.public.Scheme != "https" {
		return nil
	}
	answer, err := d.get(ctx, "/")
	if err != nil || answer.StatusCode != http.StatusOK || len(answer.Cookies()) == 0 {
		return nil // reported by the page check
	}
	if !answer.Cookies()[0].Secure {
		return []Finding{problem("proxy", "make the proxy set X-Forwarded-Proto, and list its address in --trusted-proxies",
			"the server does not know that its pages use https, so its cookies are also sent over http")}
	}
	return []Finding{ok("proxy", "the server knows that its pages use https")}
}

// probeRequest sends a request and returns how the server saw it. It asks over the admin
// listener, with a one-time token, because the public port must not reveal internal
// addresses. mine is our end of the connection.
func (d *Doctor) probeRequest(ctx context.Context, headers ...string) (seen ops.RequestEcho, mine string, err error) {
	admin := d.opsURL()
	status, token, err := d.askServer(ctx, http.MethodPost, admin+"/seen")
	if err != nil || status != http.StatusCreated {
		return seen, "", fmt.Errorf("the admin listener answers %d, %w", status, err)
	}
	token = strings.TrimSpace(token)
	answer, err := d.get(ctx, "version.json", append(headers, ops.HeaderProbe, token)...)
	if err != nil {
		return seen, "", err
	}
	status, body, err := d.askServer(ctx, http.MethodGet, admin+"/seen/"+token)
	switch {
	case err != nil:
		return seen, "", err
	case status == http.StatusNoContent:
		return seen, "", fmt.Errorf("%s is not the server of --ops %s", d.public, d.Config.Ops)
	case status != http.StatusOK:
		return seen, "", fmt.Errorf("the admin listener answers %d", status)
	}
	return seen, answer.localAddr, json.Unmarshal([]byte(body), &seen)
}

// proxyFinding reports whether the server sees the clients' addresses.
func (d *Doctor) proxyFinding(seen ops.RequestEcho, mine string) Finding {
	const check = "proxy"
	remote := hostAddress(seen.Remote)
	switch {
	case seen.Remote == mine:
		return ok(check, "none in front: the server sees our own address, %s", seen.Remote)
	case len(seen.ForwardedFor) == 0 && seen.Scheme == d.public.Scheme && d.Config.TLS() == (d.public.Scheme == "https"):
		return note(check, "if it is a proxy, make it set X-Forwarded-For; if it is NAT, --max-per-address counts everyone behind it as one address",
			"the server sees %s instead of our address %s", seen.Remote, mine)
	case len(seen.ForwardedFor) == 0:
		return problem(check, "make it set X-Forwarded-For (nginx: $proxy_add_x_forwarded_for)", "the proxy at %s does not send clients' addresses, so all clients count as one address", remote)
	case !trusts(seen, remote):
		return problem(check, "set --trusted-proxies "+remote.String(), "the server does not trust the proxy at %s, so all clients count as one address", remote)
	case seen.Scheme != d.public.Scheme:
		return problem(check, "make it set X-Forwarded-Proto to the browser's scheme", "because of the proxy at %s, the server thinks that pages use %s", remote, seen.Scheme)
	}
	return ok(check, "the proxy at %s is trusted: the server sees the client %s, with %s", remote, seen.Address, seen.Scheme)
}

// hostAddress returns the IP address of address:port; the zero Addr if it is invalid.
func hostAddress(withPort string) netip.Addr {
	port, err := netip.ParseAddrPort(withPort)
	if err != nil {
		return netip.Addr{}
	}
	return port.Addr().Unmap()
}

// trusts reports whether an address is that of a trusted proxy.
func trusts(seen ops.RequestEcho, address netip.Addr) bool {
	return slices.ContainsFunc(seen.TrustedProxies, func(network netip.Prefix) bool { return network.Contains(address) })
}
