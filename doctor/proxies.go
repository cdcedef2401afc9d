package doctor

import (
	"context"
	"encoding/json"
	"fmt"
	"net/http"
	"net/netip"
	"slices"
	"strings"

	"chatserver/handlers"
)

// spoofedAddress is an address that nobody has: it is for documents.
const spoofedAddress = "203.0.113.77"

// proxies looks what a proxy in front makes of a request, as the server sees it.
func (d *Doctor) proxies(ctx context.Context) (found []Finding) {
	const check = "proxy"
	found = append(found, d.secureCookies(ctx)...)
	if !d.server.ops {
		return append(found, note(check, "run it where the operators' port can be reached: beside the server, with its settings",
			"whether the server sees the addresses of visitors is not known: the operators' port does not answer"))
	}
	seen, mine, err := d.probeRequest(ctx)
	if err != nil {
		return append(found, note(check, "give the address that leads to the server of these settings", "how the server sees a request is not known: %v", err))
	}
	finding := d.proxyFinding(seen, mine)
	if finding.Kind == OK {
		made, _, err := d.probeRequest(ctx, "X-Forwarded-For", spoofedAddress)
		if err == nil && made.Address == spoofedAddress && !trusts(seen, hostAddress(mine)) {
			finding = problem(check, "have the proxy write X-Forwarded-For anew or append to it, and list proxies only in --trusted-proxies",
				"whoever asks can make up an address: %s was believed", spoofedAddress)
		}
	}
	return append(found, finding)
}

// secureCookies looks whether the server knows that its pages have https. Its pages say
// so to everybody.
func (d *Doctor) secureCookies(ctx context.Context) []Finding {
	if d.public.Scheme != "https" {
		return nil
	}
	answer, err := d.get(ctx, "/")
	if err != nil || answer.StatusCode != http.StatusOK || len(answer.Cookies()) == 0 {
		return nil // that was said of the page
	}
	if !answer.Cookies()[0].Secure {
		return []Finding{problem("proxy", "have the proxy set X-Forwarded-Proto, and name its address in --trusted-proxies",
			"the server does not know that its pages have https, so their cookies also go without it")}
	}
	return []Finding{ok("proxy", "the server knows that its pages have https")}
}

// probeRequest asks the server how it saw a request of ours: over the operators' port, with a
// token for this one request, since on the public port nobody is to learn the
// addresses inside. mine is our end of the connection.
func (d *Doctor) probeRequest(ctx context.Context, headers ...string) (seen handlers.RequestEcho, mine string, err error) {
	ops := "http://" + localAddress(d.Config.Ops)
	status, token, err := d.askServer(ctx, http.MethodPost, ops+"/seen")
	if err != nil || status != http.StatusCreated {
		return seen, "", fmt.Errorf("the operators' port answers %d, %w", status, err)
	}
	token = strings.TrimSpace(token)
	answer, err := d.get(ctx, "version.json", append(headers, handlers.HeaderProbe, token)...)
	if err != nil {
		return seen, "", err
	}
	status, body, err := d.askServer(ctx, http.MethodGet, ops+"/seen/"+token)
	switch {
	case err != nil:
		return seen, "", err
	case status == http.StatusNoContent:
		return seen, "", fmt.Errorf("what %s answers is not the server of --ops %s", d.public, d.Config.Ops)
	case status != http.StatusOK:
		return seen, "", fmt.Errorf("the operators' port answers %d", status)
	}
	return seen, answer.localAddr, json.Unmarshal([]byte(body), &seen)
}

// proxyFinding says whether the server sees who asks.
func (d *Doctor) proxyFinding(seen handlers.RequestEcho, mine string) Finding {
	const check = "proxy"
	remote := hostAddress(seen.Remote)
	switch {
	case seen.Remote == mine:
		return ok(check, "there is none in front: the server sees %s, which is us", seen.Remote)
	case len(seen.ForwardedFor) == 0 && seen.Scheme == d.public.Scheme && d.Config.TLS() == (d.public.Scheme == "https"):
		return note(check, "if it is a proxy, have it set X-Forwarded-For; if addresses are translated on the way, --max-per-address counts all of them as one",
			"the server sees %s instead of us, %s", seen.Remote, mine)
	case len(seen.ForwardedFor) == 0:
		return problem(check, "have it set X-Forwarded-For (nginx: $proxy_add_x_forwarded_for)", "the one at %s does not say who asks, so everybody is one address", remote)
	case !trusts(seen, remote):
		return problem(check, "set --trusted-proxies "+remote.String(), "the one at %s says who asks, and the server does not believe it, so everybody is one address", remote)
	case seen.Scheme != d.public.Scheme:
		return problem(check, "have it set X-Forwarded-Proto to the scheme that the browser uses", "the one at %s has the server believe that pages have %s", remote, seen.Scheme)
	}
	return ok(check, "the one at %s is believed: the server sees that %s asks, with %s", remote, seen.Address, seen.Scheme)
}

// hostAddress is the address of one with a port; the zero one if there is none.
func hostAddress(withPort string) netip.Addr {
	port, err := netip.ParseAddrPort(withPort)
	if err != nil {
		return netip.Addr{}
	}
	return port.Addr().Unmap()
}

// trusts reports whether an address is that of a trusted proxy.
func trusts(seen handlers.RequestEcho, address netip.Addr) bool {
	return slices.ContainsFunc(seen.TrustedProxies, func(network netip.Prefix) bool { return network.Contains(address) })
}
