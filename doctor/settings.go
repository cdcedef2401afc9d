package doctor

import (
	"context"
	"net"
	"net/netip"
	"strings"
)

// settings looks for what may be set and is seldom meant. What cannot be was refused
// before anybody looks.
func (d *Doctor) settings(context.Context) (found []Finding) {
	c, check := d.Config, "settings"
	networks, _ := c.Proxies() // it was valid at the start
	for _, network := range networks {
		if network.Bits() == 0 {
			found = append(found, problem(check, "name the networks of your proxies only, like 10.0.0.0/8",
				"--trusted-proxies %s believes everybody, so whoever asks can make up an address", network))
		}
	}
	if host, _, err := net.SplitHostPort(c.Ops); err == nil && !isLoopback(host) {
		found = append(found, note(check, "keep it inside, by a firewall or with --ops 127.0.0.1:9797",
			"--ops %s may be reachable by others: it has no password, and shows profiles", c.Ops))
	}
	for _, origin := range c.Origins {
		if strings.HasPrefix(origin, "http://") && !isLoopback(hostOf(strings.TrimPrefix(origin, "http://"))) {
			found = append(found, note(check, "leave it out if its page has https",
				"--origins %s: whoever is on the way to that page can act as its visitors", origin))
		}
	}
	if c.BackupEvery == 0 && c.Database == "" {
		found = append(found, note(check, "set --backup-every 24h, or run chatserver backup by a timer of yours",
			"the server takes no backups by itself"))
	}
	if len(found) == 0 {
		found = append(found, ok(check, "nothing is set that is seldom meant"))
	}
	return found
}

// hostOf is the host of an address that may have a port.
func hostOf(address string) string {
	if host, _, err := net.SplitHostPort(address); err == nil {
		return host
	}
	return strings.Trim(address, "[]")
}

// isLoopback reports whether a host is this machine and nobody else.
func isLoopback(host string) bool {
	address, err := netip.ParseAddr(host)
	return host == "localhost" || err == nil && address.Unmap().IsLoopback()
}
