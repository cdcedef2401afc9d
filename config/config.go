// Package config has the settings in one typed struct. Each setting is a flag and an
// environment variable (--listen, CHAT_LISTEN). The flag overrides the environment
// variable, which overrides the default.
package config

import (
	"fmt"
	"log/slog"
	"net"
	"net/netip"
	"net/url"
	"path/filepath"
	"strconv"
	"strings"
	"time"
)

// Config has the settings of a server.
type Config struct {
	Listen         string   `group:"Network" default:":9090" help:"Address of the chat, on IPv4 and IPv6."`
	Ops            string   `group:"Network" default:"127.0.0.1:9797" help:"Address of the admin listener (health, metrics, profiles), or \"off\"."`
	BaseURL        string   `group:"Network" placeholder:"URL" help:"Public URL, like https://chat.example/team/. Links use it, its pages may open connections, and the chat is served below its path, which a proxy must not strip."`
	Hosts          []string `group:"Network" placeholder:"HOST" help:"Host names that the public port answers to, like chat.example; requests for others get 421. IP addresses, localhost, this machine's name, single-label names, names below .local, .lan, .internal, .home.arpa and .test, and the hosts of --base-url, --origins and --tls-domains are always included."`
	Origins        []string `group:"Network" placeholder:"ORIGIN" help:"Further origins whose pages may open connections, like https://chat.example. The request's own host is always allowed."`
	TrustedProxies []string `group:"Network" placeholder:"NETWORK" help:"Trusted proxy networks, like 10.0.0.0/8: the server accepts their X-Forwarded-For and X-Forwarded-Proto."`

	TLSCert    string   `group:"TLS" placeholder:"FILE" help:"Certificate chain file (PEM). The public port then uses TLS. The server reloads it when it changes."`
	TLSKey     string   `group:"TLS" placeholder:"FILE" help:"Private key file for --tls-cert (PEM)."`
	TLSDomains []string `group:"TLS" placeholder:"DOMAIN" help:"Domains to obtain and renew certificates for automatically (ACME). The public port must be reachable as port 443 of each domain."`
	TLSACME    string   `group:"TLS" name:"tls-acme" default:"https://acme-v02.api.letsencrypt.org/directory" help:"ACME directory URL for --tls-domains, for example of a private CA."`

	Data         string        `group:"Storage" default:"data" help:"Data directory; created if missing."`
	Database     string        `group:"Storage" placeholder:"URL" help:"Postgres URL for a fleet, like postgres://user:password@host:5432/chat. Default: SQLite in the data directory."`
	MinFreeDisk  *Size         `group:"Storage" placeholder:"SIZE" help:"Free disk space, like 250MB, below which the server stores only messages of up to 1000 bytes and creates no rooms or backups; 0 = no minimum. Default: 250MB, or a twentieth of a small disk."`
	BackupEvery  time.Duration `group:"Storage" default:"0s" help:"Interval of automatic backups, like 24h; 0s = off."`
	BackupKeep   int           `group:"Storage" default:"7" help:"Number of automatic backups to keep."`
	BackupFolder string        `group:"Storage" placeholder:"DIRECTORY" help:"Directory for automatic backups. Default: backups in the data directory."`

	NATS      []string `group:"Fleet" name:"nats" placeholder:"URL" help:"NATS servers that connect the nodes of a fleet, like nats://user:password@host:4222. Requires --database."`
	NATSCreds string   `group:"Fleet" name:"nats-creds" placeholder:"FILE" help:"NATS credentials file (.creds), if the URL has no credentials."`
	NATSCA    string   `group:"Fleet" name:"nats-ca" placeholder:"FILE" help:"CA certificates (PEM) for NATS, if the system does not trust its certificate. Requires TLS from NATS."`

	Rate           int  `group:"Limits" default:"10" help:"Messages per second per connection (burst: 3x); 0 = no limit."`
	ByteRate       int  `group:"Limits" default:"65536" help:"Bytes per second that one address may send to each member of its rooms, over all its connections (burst: 2x). Connections from loopback count per user. 0 = no limit."`
	MaxText        int  `group:"Limits" default:"8192" help:"Maximum size of a message in bytes."`
	MaxConnections *int `group:"Limits" placeholder:"N" help:"Maximum number of connections; 0 = no limit. Default: derived from the limit of open files."`
	MaxPerAddress  int  `group:"Limits" default:"100" help:"Connections per IP address (per /64 for IPv6), WebSockets and HTTP, and four and sixteen times as many per /56 and /48. Above it, idle HTTP connections are closed first. Loopback and trusted proxies are not limited; 0 = no limit."`
	MaxRooms       int  `group:"Limits" default:"10000" help:"Maximum number of rooms; 0 = no limit."`
	NewRooms       int  `group:"Limits" name:"new-rooms-per-address" default:"100" help:"Rooms that one address (per /48 for IPv6) may create in 24 hours, and in total a quarter of --max-rooms. Loopback is not limited; 0 = no limit."`
	AnnounceLimit  int  `group:"Limits" default:"256" help:"Largest room size for which joins and leaves are announced by name; 0 = no limit."`

	OIDC string `group:"Signing in" name:"oidc" placeholder:"FILE" help:"JSON file with the OpenID Connect providers with which people may sign in, see docs/sign-in.md."`

	LogFormat string     `group:"Logging" default:"auto" enum:"auto,text,json" help:"Log format: text, json, or auto (text on a terminal, otherwise json)."`
	LogLevel  slog.Level `group:"Logging" default:"info" help:"Minimum log level: debug, info, warn or error."`
}

// EnvPrefix is the prefix of our environment variables.
const EnvPrefix = "CHAT"

// FileSuffix is the suffix of an environment variable that names a file with the value,
// which is how containers receive secrets: CHAT_LISTEN_FILE.
const FileSuffix = "_FILE"

const (
	// descriptorReserve is how many descriptors are reserved for the database, the log
	// and requests.
	descriptorReserve = 64
	// maxTextLimit must fit into a connection's queue even in JSON, which can encode a
	// byte as six. A message that fills the queue would disconnect everyone who does not
	// read it at once.
	maxTextLimit = 32 << 10
)

// Validate returns all invalid settings as Mistakes, each in a sentence that names its
// flag.
func (c *Config) Validate() error {
	var wrong Mistakes
	wrong.add(address("--listen", c.Listen))
	if c.Ops != "off" {
		wrong.add(address("--ops", c.Ops))
	}
	if c.Data == "" {
		wrong.add(fmt.Errorf("--data must not be empty"))
	}
	for _, origin := range c.Origins {
		if u, err := url.Parse(origin); err != nil || u.Host == "" || u.Scheme+"://"+u.Host != origin {
			wrong.add(fmt.Errorf("--origins: %q is not an origin like https://chat.example, without a trailing slash", origin))
		}
	}
	if c.MaxText < 1 || c.MaxText > maxTextLimit {
		wrong.add(fmt.Errorf("--max-text must be from 1 to %d bytes, not %d", maxTextLimit, c.MaxText))
	}
	c.checkLimits(&wrong)
	c.checkDatabase(&wrong)
	c.checkNATS(&wrong)
	c.checkBackups(&wrong)
	c.checkDisk(&wrong)
	c.checkTLS(&wrong)
	c.checkHosts(&wrong)
	_, err := c.Base()
	wrong.add(err)
	_, err = c.Proxies()
	wrong.add(err)
	return wrong.orNil()
}

// checkLimits checks the limits for which 0 means no limit.
func (c *Config) checkLimits(wrong *Mistakes) {
	for _, limit := range []struct {
		flag  string
		value int
	}{
		{"--rate", c.Rate},
		{"--byte-rate", c.ByteRate},
		{"--max-connections", c.ConnectionLimit()},
		{"--max-per-address", c.MaxPerAddress},
		{"--max-rooms", c.MaxRooms},
		{"--new-rooms-per-address", c.NewRooms},
		{"--announce-limit", c.AnnounceLimit},
	} {
		if limit.value < 0 {
			wrong.add(fmt.Errorf("%s must not be negative; 0 means no limit", limit.flag))
		}
	}
}

// checkDatabase does not repeat the value in its errors, because it may contain a
// password.
func (c *Config) checkDatabase(wrong *Mistakes) {
	if c.Database == "" {
		return
	}
	if u, err := url.Parse(c.Database); err != nil || u.Scheme != "postgres" && u.Scheme != "postgresql" {
		wrong.add(fmt.Errorf("--database must be a URL like postgres://user:password@host:5432/chat; leave it out for SQLite in the data directory"))
	}
	if c.BackupEvery != 0 {
		wrong.add(fmt.Errorf("--backup-every works only with SQLite: leave it out with --database, and back up Postgres with its own tools"))
	}
}

func (c *Config) checkNATS(wrong *Mistakes) {
	if len(c.NATS) == 0 {
		if c.NATSCreds != "" || c.NATSCA != "" {
			wrong.add(fmt.Errorf("--nats-creds and --nats-ca require --nats"))
		}
		return
	}
	for _, server := range c.NATS {
		if u, err := url.Parse(server); err != nil || u.Scheme != "nats" && u.Scheme != "tls" || u.Hostname() == "" {
			wrong.add(fmt.Errorf("--nats must be a URL like nats://user:password@host:4222 or tls://…, or several separated by commas"))
			break
		}
	}
	if c.Database == "" {
		wrong.add(fmt.Errorf("--nats connects nodes that share a Postgres database: set --database too, or leave --nats out"))
	}
}

// minBackupInterval prevents a typo from keeping the disk busy with backups.
const minBackupInterval = time.Minute

func (c *Config) checkBackups(wrong *Mistakes) {
	if c.BackupEvery != 0 && c.BackupEvery < minBackupInterval {
		wrong.add(fmt.Errorf("--backup-every must be 0s or at least %v, like 24h, not %v", minBackupInterval, c.BackupEvery))
	}
	if c.BackupEvery != 0 && c.BackupKeep < 1 {
		wrong.add(fmt.Errorf("--backup-keep must be at least 1, not %d; for no backups, set --backup-every 0s", c.BackupKeep))
	}
}

func (c *Config) checkTLS(wrong *Mistakes) {
	if (c.TLSCert == "") != (c.TLSKey == "") {
		wrong.add(fmt.Errorf("--tls-cert and --tls-key must be set together"))
	}
	if c.TLSCert != "" && len(c.TLSDomains) > 0 {
		wrong.add(fmt.Errorf("--tls-domains obtains certificates automatically: leave out --tls-cert and --tls-key"))
	}
	if u, err := url.Parse(c.TLSACME); c.TLSACME != "" && (err != nil || u.Scheme != "https" || u.Host == "") {
		wrong.add(fmt.Errorf("--tls-acme: %q is not a URL like https://acme-v02.api.letsencrypt.org/directory", c.TLSACME))
	}
}

// TLS reports whether the public port uses TLS.
func (c *Config) TLS() bool { return c.TLSCert != "" || len(c.TLSDomains) > 0 }

// Backups returns the folder of the automatic backups.
func (c *Config) Backups() string {
	if c.BackupFolder != "" {
		return c.BackupFolder
	}
	return filepath.Join(c.Data, "backups")
}

// Proxies returns the trusted proxies as networks. A single address is a network of its
// own.
func (c *Config) Proxies() ([]netip.Prefix, error) {
	var networks []netip.Prefix
	for _, text := range c.TrustedProxies {
		network, err := netip.ParsePrefix(text)
		if err != nil {
			single, singleErr := netip.ParseAddr(text)
			if singleErr != nil {
				return nil, fmt.Errorf("--trusted-proxies: %q is not a network like 10.0.0.0/8 or an address", text)
			}
			network = netip.PrefixFrom(single, single.BitLen())
		}
		networks = append(networks, network)
	}
	return networks, nil
}

// ConnectionLimit returns the maximum number of connections: the setting, or what the
// limit of open files allows; 0 = no limit.
func (c *Config) ConnectionLimit() int {
	if c.MaxConnections != nil {
		return *c.MaxConnections
	}
	if files := OpenFiles(); files > 0 {
		return max(files-descriptorReserve, 1)
	}
	return 0
}

// address checks host:port; the host may be empty.
func address(flag, text string) error {
	host, port, err := net.SplitHostPort(text)
	if err == nil {
		_, err = strconv.ParseUint(port, 10, 16)
	}
	if err != nil || strings.ContainsAny(host, " /") {
		return fmt.Errorf("%s: %q is not an address like :9090 or 127.0.0.1:9090", flag, text)
	}
	return nil
}
