package doctor

import (
	"context"
	"net"
	"net/netip"
	"strings"
)

// settings looks for settings that are valid but rarely intended. Invalid ones were
// rejected before.
func (d *Doctor) settings(context.Context) (found []Finding) {
	c, check := d.Config, "settings"
	networks, _ := c.Proxies() // already validated
	for _, network := range networks {
		if network.Bits() == 0 {
			found = append(found, problem(check, "list only the networks of your proxies, like 10.0.0.0/8",
				"--trusted-proxies %s trusts everyone, so clients can spoof their address", network))
		}
	}
	if host, _, err := net.SplitHostPort(c.Ops); err == nil && !isLoopback(host) {
		found = append(found, note(check, "restrict it with a firewall, or set --ops 127.0.0.1:9797",
			"--ops %s may be reachable from other machines: it has no password, and serves profiles", c.Ops))
	}
	for _, origin := range c.Origins {
		if strings.HasPrefix(origin, "http://") && !isLoopback(hostOf(strings.TrimPrefix(origin, "http://"))) {
			found = append(found, note(check, "use the https origin instead, if that site has one",
				"--origins %s is not encrypted: attackers on the network path can act as that site's visitors", origin))
		}
	}
	if c.BackupEvery == 0 && c.Database == "" {
		found = append(found, note(check, "set --backup-every 24h, or schedule chatserver backup (cron, systemd timer)",
			"automatic backups are off"))
	}
	if len(found) == 0 {
		found = append(found, ok(check, "no unusual settings"))
	}
	return found
}

// hostOf returns the host of an address, which may have a port.
func hostOf(address string) string {
	if host, _, err := net.SplitHostPort(address); err == nil {
		return host
	}
	return strings.Trim(address, "[]")
}

// isLoopback reports whether a host is reachable from this machine only.
func isLoopback(host string) bool {
	address, err := netip.ParseAddr(host)
	return host == "localhost" || err == nil && address.Unmap().IsLoopback()
}
