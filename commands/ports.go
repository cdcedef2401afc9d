package commands

import (
	"errors"
	"fmt"
	"net"
	"os"
	"strconv"
	"syscall"

	"chatserver/config"
)

// displayURL returns the URL at which people reach the chat: --base-url, or else an
// address on this machine.
func displayURL(c config.Config, addr net.Addr) string {
	if c.BaseURL != "" {
		return c.BaseURL
	}
	if tcp, ok := addr.(*net.TCPAddr); ok && tcp.IP.IsLoopback() {
		return config.LocalURL(c.Scheme(), net.JoinHostPort("localhost", strconv.Itoa(tcp.Port)))
	}
	return config.LocalURL(c.Scheme(), addr.String())
}

// publicURL returns the URL for links that are made without the running server: --base-url, or
// else this machine at the port of --listen.
func publicURL(c config.Config) string {
	if c.BaseURL != "" {
		return c.BaseURL
	}
	address, err := net.ResolveTCPAddr("tcp", c.Listen)
	if err != nil {
		return "http://" + c.Listen
	}
	if address.IP == nil {
		address.IP = net.IPv6unspecified
	}
	return displayURL(c, address)
}

// machineName returns this machine's own host name, if it has one.
func machineName() []string {
	name, err := os.Hostname()
	if err != nil {
		return nil
	}
	return []string{name}
}

// openPorts uses the sockets of the service manager, and opens those that it did not
// pass.
func (s *Server) openPorts(c config.Config) error {
	ports, err := inheritedPorts()
	if err != nil {
		return err
	}
	s.public, s.ops = ports["public"], ports["ops"]
	s.socketActivated = s.public != nil
	if s.public == nil {
		if s.public, err = listen("--listen", c.Listen); err != nil {
			return err
		}
	}
	if s.ops == nil && c.Ops != "off" {
		s.ops, err = listen("--ops", c.Ops)
	}
	return err
}

// Addr returns the address of the public port.
func (s *Server) Addr() net.Addr { return s.public.Addr() }

// OpsAddr returns the address of the admin listener, or nil if it is off.
func (s *Server) OpsAddr() net.Addr {
	if s.ops == nil {
		return nil
	}
	return s.ops.Addr()
}

// listen opens a port. Its errors name the setting to change.
func listen(flag, address string) (net.Listener, error) {
	listener, err := net.Listen("tcp", address)
	if errors.Is(err, syscall.EADDRINUSE) {
		return nil, fmt.Errorf("address %s is already in use: stop the other program, or choose another address with %s", address, flag)
	}
	if err != nil {
		return nil, fmt.Errorf("cannot listen with %s %s: %w", flag, address, err)
	}
	return listener, nil
}
