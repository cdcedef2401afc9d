// Package config is the one typed struct of settings. A setting has a flag and
// an environment name of the same word (--listen, CHAT_LISTEN): the default
// yields to the environment, the environment to the flag.
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

// Config are the settings of a server.
type Config struct {
	Listen         string        `default:":9090" help:"The public port, IPv4 and IPv6."`
	Ops            string        `default:"127.0.0.1:9797" help:"The operators' port, or \"off\"."`
	Data           string        `default:"data" help:"The data folder. It is made if there is none."`
	Database       string        `help:"The database of a fleet, like postgres://user:password@host:5432/chat. The default is SQLite in the data folder."`
	NATS           []string      `name:"nats" help:"The servers of the NATS through which the nodes of a fleet tell each other what is said, like nats://user:password@host:4222. It needs --database."`
	NATSCreds      string        `name:"nats-creds" help:"File of the credentials with which NATS is told who we are, if the URL does not say it."`
	NATSCA         string        `name:"nats-ca" help:"File of the authorities (PEM) that sign the certificate of NATS, if the system does not know them; then it is always spoken to with TLS."`
	BaseURL        string        `help:"Where people reach the chat, like https://chat.example/team/: links say so, pages of it may open a connection, and with a path the pages are below it. A proxy leaves the path as it is."`
	Hosts          []string      `help:"Host names at which the public port answers, like chat.example; it refuses others with 421. IP addresses, localhost, this machine's name, names of one label or below .local, .lan, .internal, .home.arpa and .test, and the hosts of --base-url, --origins and --tls-domains need not be listed."`
	Origins        []string      `help:"Further origins that may open a connection, like https://chat.example; the request's own host always may."`
	Rate           int           `default:"10" help:"Messages a second of one connection, three times as many at once; 0 = no limit."`
	ByteRate       int           `default:"65536" help:"Bytes a second that one address may have delivered to each member of its rooms, over all its connections; twice as many at once. Connections from loopback count by user. 0 = no limit."`
	MaxText        int           `default:"8192" help:"Bytes of one message."`
	MaxConnections *int          `help:"Connections in all; 0 = no limit. The default goes by the limit of open files."`
	MaxPerAddress  int           `default:"100" help:"Connections of one address, WebSockets and HTTP, of IPv6 of one /64, and four and sixteen times as many of a /56 and a /48. Beyond it idle HTTP connections are closed first. Loopback and the connections of trusted proxies are not limited; 0 = no limit."`
	MaxRooms       int           `default:"10000" help:"Rooms that may exist; 0 = no limit."`
	NewRooms       int           `name:"new-rooms-per-address" default:"100" help:"Rooms that one address may make in 24 hours, of IPv6 one /48; altogether a quarter of --max-rooms; loopback is not limited; 0 = no limit."`
	MinFreeDisk    *Size         `help:"Free space on the disk of the data folder, like 250MB, below which only messages of up to 1000 bytes are stored, no rooms are made and no backups are taken; 0 = no floor. The default is 250MB, or a twentieth of the disk if that is less."`
	AnnounceLimit  int           `default:"256" help:"Members up to which coming and going is announced by name; 0 = no limit."`
	TrustedProxies []string      `help:"Networks whose X-Forwarded-For and X-Forwarded-Proto are believed, like 10.0.0.0/8."`
	TLSCert        string        `help:"File of the certificate and its chain (PEM): then the public port speaks TLS. It is read again when it changes."`
	TLSKey         string        `help:"File of the key of --tls-cert (PEM)."`
	TLSDomains     []string      `help:"Domains for which certificates are got and renewed by themselves: the public port must be reachable as port 443 of each."`
	TLSACME        string        `name:"tls-acme" default:"https://acme-v02.api.letsencrypt.org/directory" help:"Who is asked for the certificates of --tls-domains: the directory of an ACME server, like that of your own authority."`
	LogFormat      string        `default:"auto" enum:"auto,text,json" help:"How the log is written: text, json, or auto, which is text on a terminal and json elsewhere."`
	LogLevel       slog.Level    `default:"info" help:"What is logged at least: debug, info, warn or error."`
	BackupEvery    time.Duration `default:"0s" help:"How often the server backs up its database, like 24h; 0s = never."`
	BackupKeep     int           `default:"7" help:"How many of the server's own backups are kept; older ones are removed."`
	BackupFolder   string        `help:"Where the server's own backups are. The default is the folder backups in the data folder."`
}

// EnvPrefix begins the names of our environment variables.
const EnvPrefix = "CHAT"

// FileSuffix ends the name of an environment variable that names a file in which
// the value stands, as containers are given secrets: CHAT_LISTEN_FILE.
const FileSuffix = "_FILE"

const (
	// descriptorReserve is kept free for the database, the log and requests.
	descriptorReserve = 64
	// maxTextLimit must fit the queue of a connection, also in JSON, which may
	// write a byte as six: a message that fills it would cut everybody who does
	// not take it at once.
	maxTextLimit = 32 << 10
)

// Validate reports all settings that cannot be, as Mistakes, each in a sentence
// that names its flag.
func (c *Config) Validate() error {
	var wrong Mistakes
	wrong.add(address("--listen", c.Listen))
	if c.Ops != "off" {
		wrong.add(address("--ops", c.Ops))
	}
	if c.Data == "" {
		wrong.add(fmt.Errorf("--data needs the name of a folder"))
	}
	for _, origin := range c.Origins {
		if u, err := url.Parse(origin); err != nil || u.Host == "" || u.Scheme+"://"+u.Host != origin {
			wrong.add(fmt.Errorf("--origins: %q is not like https://chat.example, with no slash at the end", origin))
		}
	}
	if c.MaxText < 1 || c.MaxText > maxTextLimit {
		wrong.add(fmt.Errorf("--max-text is a number of bytes from 1 to %d, not %d", maxTextLimit, c.MaxText))
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

// checkLimits checks those of which 0 is no limit.
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
			wrong.add(fmt.Errorf("%s cannot be below 0; 0 is no limit", limit.flag))
		}
	}
}

// checkDatabase says nothing of what it was given: that may be a password.
func (c *Config) checkDatabase(wrong *Mistakes) {
	if c.Database == "" {
		return
	}
	if u, err := url.Parse(c.Database); err != nil || u.Scheme != "postgres" && u.Scheme != "postgresql" {
		wrong.add(fmt.Errorf("--database is a URL like postgres://user:password@host:5432/chat, or nothing for SQLite in the data folder"))
	}
	if c.BackupEvery != 0 {
		wrong.add(fmt.Errorf("--backup-every copies the file of SQLite: leave it out with --database, and back up Postgres by its own means"))
	}
}

func (c *Config) checkNATS(wrong *Mistakes) {
	if len(c.NATS) == 0 {
		if c.NATSCreds != "" || c.NATSCA != "" {
			wrong.add(fmt.Errorf("--nats-creds and --nats-ca are of --nats, which is not set"))
		}
		return
	}
	for _, server := range c.NATS {
		if u, err := url.Parse(server); err != nil || u.Scheme != "nats" && u.Scheme != "tls" || u.Hostname() == "" {
			wrong.add(fmt.Errorf("--nats is a URL like nats://user:password@host:4222, or tls://, or several with commas between them"))
			break
		}
	}
	if c.Database == "" {
		wrong.add(fmt.Errorf("--nats is for nodes that share a Postgres: set --database too, or leave it out"))
	}
}

// minBackupInterval keeps a typing error from filling the time of the disk.
const minBackupInterval = time.Minute

func (c *Config) checkBackups(wrong *Mistakes) {
	if c.BackupEvery != 0 && c.BackupEvery < minBackupInterval {
		wrong.add(fmt.Errorf("--backup-every is 0s or at least %v, like 24h, not %v", minBackupInterval, c.BackupEvery))
	}
	if c.BackupEvery != 0 && c.BackupKeep < 1 {
		wrong.add(fmt.Errorf("--backup-keep is at least 1, not %d; --backup-every 0s is for no backups", c.BackupKeep))
	}
}

func (c *Config) checkTLS(wrong *Mistakes) {
	if (c.TLSCert == "") != (c.TLSKey == "") {
		wrong.add(fmt.Errorf("--tls-cert and --tls-key go together"))
	}
	if c.TLSCert != "" && len(c.TLSDomains) > 0 {
		wrong.add(fmt.Errorf("--tls-domains gets certificates by itself: leave --tls-cert and --tls-key out"))
	}
	if u, err := url.Parse(c.TLSACME); c.TLSACME != "" && (err != nil || u.Scheme != "https" || u.Host == "") {
		wrong.add(fmt.Errorf("--tls-acme: %q is not a URL like https://acme-v02.api.letsencrypt.org/directory", c.TLSACME))
	}
}

// TLS reports whether the public port speaks TLS.
func (c *Config) TLS() bool { return c.TLSCert != "" || len(c.TLSDomains) > 0 }

// Backups is the folder of the server's own backups.
func (c *Config) Backups() string {
	if c.BackupFolder != "" {
		return c.BackupFolder
	}
	return filepath.Join(c.Data, "backups")
}

// Proxies are the trusted proxies as networks. A single address is one of its
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

// ConnectionLimit is how many connections there may be: what was set, or what
// the limit of open files allows; 0 = no limit.
func (c *Config) ConnectionLimit() int {
	if c.MaxConnections != nil {
		return *c.MaxConnections
	}
	if files := OpenFiles(); files > 0 {
		return max(files-descriptorReserve, 1)
	}
	return 0
}

// address checks host:port, of which the host may be empty.
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
