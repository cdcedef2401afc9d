package commands

import (
	"context"
	"errors"
	"fmt"
	"log/slog"
	"net"
	"os"
	"os/signal"
	"runtime/debug"
	"strings"
	"syscall"
	"time"

	"chatserver/accounts"
	"chatserver/chat"
	"chatserver/chatv1"
	"chatserver/cluster"
	"chatserver/config"
	"chatserver/handlers"
	"chatserver/handlers/socket"
	"chatserver/markdown"
	"chatserver/metrics"
	"chatserver/node"
	"chatserver/store"
	"chatserver/telemetry"
)

// accountsTimeout bounds reading the accounts' state at the start.
const accountsTimeout = 5 * time.Second

// stopTimeout bounds a shutdown: containers are killed after 10 s.
const stopTimeout = 9 * time.Second

// serve is the subcommand that runs the server.
type serve struct{}

// Run serves until SIGINT or SIGTERM; a second signal ends the process at once.
func (serve) Run(c config.Config, std streams) error {
	log := telemetry.NewLog(std.err, c.LogFormat, c.LogLevel)
	BoundMemory(log)
	signals := make(chan os.Signal, 2)
	signal.Notify(signals, os.Interrupt, syscall.SIGTERM)
	defer signal.Stop(signals)
	server, err := Start(c, Options{Log: log})
	if err != nil {
		return err
	}
	watching, stopWatching := context.WithCancel(context.Background())
	defer stopWatching()
	go server.runWatchdog(watching, log)
	notifyManager("READY=1")
	url := displayURL(c, server.Addr())
	fmt.Fprintf(std.out, "chatserver is running at %s — press Ctrl+C to stop\n", url)
	if path := server.ClaimPath(); path != "" {
		fmt.Fprintf(std.out, "This chat is open to everyone who reaches it, and has no owner. To become its owner, open %s%s (it works once, for 24 hours or until the server restarts)\n", strings.TrimRight(url, "/"), path)
	}
	select {
	case err = <-server.failed:
		err = fmt.Errorf("a listener failed: %w", err)
	case got := <-signals:
		log.Info("stopping", "signal", got.String(), "connections", server.chat.Connections())
	}
	notifyManager("STOPPING=1")
	go func() {
		<-signals
		log.Warn("exiting immediately after a second signal")
		os.Exit(exitFailed)
	}()
	ctx, cancel := context.WithTimeout(context.Background(), stopTimeout)
	defer cancel()
	return errors.Join(err, server.Stop(ctx))
}

// Options are what tests set and people do not.
type Options struct {
	Log          *slog.Logger
	PingInterval time.Duration    // see chat.Options
	Now          func() time.Time // see chat.Options; also dates backups
	ReadTimeout  time.Duration    // see handlers.Options
	CloseWait    time.Duration    // see handlers.Options
	IdleWorker   time.Duration    // see handlers.Options
	Passwords    accounts.Params  // see accounts.Options
	// Space returns the space of a folder's disk; nil = telemetry.DiskSpace.
	Space     func(folder string) (telemetry.Space, error)
	WrapStore func(chat.Store) chat.Store // nil, or returns a store that wraps the store
}

// Server is a running chat.
type Server struct {
	chat      *chat.Chat
	accounts  *accounts.Accounts
	watcher   *accounts.Watcher // nil until the chat runs
	claim     *accounts.Claim   // nil if the chat has an owner
	http      *handlers.Server
	db        *store.DB
	folder    *store.Folder
	telemetry *telemetry.Telemetry
	disk      diskWatch
	backups   backupTimer
	broker    nodeBroker
	log       *slog.Logger
	public    net.Listener
	ops       net.Listener // nil when off
	// socketActivated means that the service manager owns the public port: it stays open
	// when we close our copy, and new connections wait for the next server.
	socketActivated bool
	failed          chan error // the error of a listener that failed
	stopping        chan struct{}
}

// Start opens the store and both ports and serves. If it returns an error, nothing is
// left running.
func Start(c config.Config, options Options) (_ *Server, err error) {
	proxies, err := c.Proxies()
	if err != nil {
		return nil, err
	}
	s := &Server{
		log: options.Log, failed: make(chan error, 2), stopping: make(chan struct{}),
		disk: noDisk{}, backups: noBackups{}, broker: cluster.NoBroker{}, // until they are started
	}
	defer func() {
		if err != nil {
			err = errors.Join(err, s.cleanUp())
		}
	}()
	base, err := c.Base()
	if err != nil {
		return nil, err
	}
	secured, err := tlsConfig(c, options.Log)
	if err != nil {
		return nil, err
	}
	if err = s.openDependencies(c, options); err != nil {
		return nil, err
	}
	secret, err := s.db.Secret(context.Background(), store.SecretShortIDs)
	if err != nil {
		return nil, err
	}
	shortIDs := chatv1.NewShortIDs(secret)
	if err := s.startChat(c, options, shortIDs); err != nil {
		return nil, err
	}
	if err := s.startAccounts(c, options); err != nil {
		return nil, err
	}
	s.telemetry.Watch(s.chat.Stats, s.disk.metrics(), metrics.CollectorFunc(metrics.Go), metrics.CollectorFunc(metrics.Process))
	build := buildOf(debug.ReadBuildInfo())
	s.http = handlers.New(s.chat, handlers.Options{
		Accounts: s.accounts,
		MaxText:  c.MaxText, Rate: c.Rate, ByteRate: c.ByteRate, MaxPerAddress: c.MaxPerAddress, Base: base, TrustedProxies: proxies,
		Hosts: append(c.HostNames(), machineName()...), OpsHosts: c.OpsHostNames(), Origins: c.BrowserOrigins(),
		Version: build.version, Commit: build.commit, Built: build.built, Log: options.Log, Stopping: s.stopping, ShortIDs: shortIDs, Telemetry: s.telemetry, TLS: secured,
		Files: config.OpenFiles(), ReadTimeout: options.ReadTimeout, CloseWait: options.CloseWait, IdleWorker: options.IdleWorker, DiskTrouble: s.disk.problem, Damage: s.db.Damage,
	})
	go func() { s.failed <- s.http.Serve(s.public) }()
	if s.ops != nil {
		go func() { s.failed <- s.http.ServeOps(s.ops) }()
	}
	return s, nil
}

// startChat creates the chat on the store.
func (s *Server) startChat(c config.Config, options Options, shortIDs *chatv1.ShortIDs) error {
	var kept chat.Store = s.db
	if options.WrapStore != nil {
		kept = options.WrapStore(kept)
	}
	others, err := s.others(c, kept)
	if err != nil {
		return err
	}
	s.chat = node.Start(kept, socket.Frames(shortIDs), others, chat.Options{
		MaxConnections: c.ConnectionLimit(), MaxPerAddress: c.MaxPerAddress, AnnounceLimit: c.AnnounceLimit, MaxText: c.MaxText,
		PingInterval: options.PingInterval, Now: options.Now, Log: options.Log, Renderer: markdown.New(), Metrics: s.telemetry,
	})
	return nil
}

// startAccounts opens the accounts, before anybody can enter the chat, and watches for changes of
// them. It offers a server without an owner to whoever reads its output.
func (s *Server) startAccounts(c config.Config, options Options) (err error) {
	ctx, cancel := context.WithTimeout(context.Background(), accountsTimeout)
	defer cancel()
	providers, err := openProviders(c, options)
	if err != nil {
		return err
	}
	s.accounts = accounts.New(s.db, accounts.Options{Providers: providers, Now: options.Now, Log: options.Log, NameInUse: s.chat.NameInUse, Params: options.Passwords})
	if s.claim, err = s.accounts.OfferClaim(ctx, s.db.SingleWriter()); err != nil {
		return err
	}
	s.chat.SetGuests(s.accounts.State().Guests)
	s.watcher = s.accounts.Watch(s.chat)
	return nil
}

// stopAccounts ends the watcher, and the link that claims the server.
func (s *Server) stopAccounts(ctx context.Context) error {
	if s.watcher == nil {
		return nil
	}
	err := s.watcher.Stop(ctx)
	if s.claim != nil {
		err = errors.Join(err, s.accounts.EndClaim(ctx, s.claim))
	}
	return err
}

// ClaimPath returns the path of the link that makes the first owner, or "" if there is one.
func (s *Server) ClaimPath() string {
	if s.claim == nil {
		return ""
	}
	return "/claim/" + string(s.claim.Secret)
}

// others registers this server as a node of a fleet, unless it is a single server.
func (s *Server) others(c config.Config, kept chat.Store) (node.Others, error) {
	removals, is := kept.(chat.RoomChanges)
	if !is {
		removals = cluster.NoRemovals{} // an in-memory store has rooms that the database does not know
	}
	if s.db.SingleWriter() {
		return cluster.NewSolo(removals, s.db), nil
	}
	node, err := s.db.Join(context.Background())
	if err != nil {
		return nil, err
	}
	if s.broker, err = s.openBroker(c, node); err != nil {
		return nil, err
	}
	return cluster.NewNode(cluster.Fleet{Store: s.db, Registry: node, Names: node, Broker: s.broker, Removals: removals}), nil
}

// openDependencies opens everything that the server needs.
func (s *Server) openDependencies(c config.Config, options Options) (err error) {
	if err = s.openPorts(c); err != nil {
		return err
	}
	if c.Database == "" { // several nodes may share a Postgres
		if s.folder, err = store.LockFolder(c.Data); err != nil {
			return err
		}
		warnOpenFiles(s.log, c, s.folder)
		s.disk = startDisk(c, s.log, options.Space)
	}
	if s.db, err = store.Open(context.Background(), c.Database, c.Data, store.Options{MaxRooms: c.MaxRooms, NewRooms: c.NewRooms, DiskLow: s.disk.isLow, Damaged: s.reportDamage}); err != nil {
		return err
	}
	if s.telemetry, err = openTelemetry(s.log); err != nil {
		return err
	}
	s.backups, err = startBackups(c, s.log, options)
	return err
}

// reportDamage says what to do about a database that is found to be damaged while it is served.
func (s *Server) reportDamage(err error) {
	s.log.Error("database damaged: all requests are refused; stop the server and restore a backup", "error", err)
}

// openTelemetry opens metrics and, if the environment enables it, tracing.
func openTelemetry(log *slog.Logger) (*telemetry.Telemetry, error) {
	traces, err := telemetry.OpenTraces(context.Background(), buildVersion(), log)
	if err != nil {
		return nil, err
	}
	return telemetry.New(buildVersion(), traces), nil
}

// Stop stops the server in the reverse order of its start: it refuses new connections,
// stores and delivers accepted messages, closes every connection with a reason, and then
// closes the ports and the store.
func (s *Server) Stop(ctx context.Context) error {
	s.chat.BeginStop()
	close(s.stopping)
	var closing error
	if s.socketActivated {
		closing = s.public.Close()
	}
	err := errors.Join(closing, s.stopAccounts(ctx), s.chat.Stop(ctx))
	err = errors.Join(err, s.http.Wait(ctx), s.http.Close(ctx), s.telemetry.Close(ctx), s.closeDependencies())
	if err != nil {
		return fmt.Errorf("stop: %w", err)
	}
	s.log.Info("stopped")
	return nil
}

// cleanUpTimeout bounds how long a failed start takes to flush its traces, of which there
// are none yet.
const cleanUpTimeout = time.Second

// cleanUp closes what a failed start had opened.
func (s *Server) cleanUp() error {
	ctx, cancel := context.WithTimeout(context.Background(), cleanUpTimeout)
	defer cancel()
	var err error
	if s.telemetry != nil {
		err = s.telemetry.Close(ctx)
	}
	return errors.Join(err, s.closeDependencies())
}

// closeDependencies closes whatever is open.
func (s *Server) closeDependencies() error {
	s.backups.stop()
	var errs []error
	for _, listener := range []net.Listener{s.public, s.ops} {
		if listener != nil {
			if err := listener.Close(); !errors.Is(err, net.ErrClosed) {
				errs = append(errs, err)
			}
		}
	}
	s.broker.Close()
	if s.db != nil {
		errs = append(errs, s.db.Close())
	}
	s.disk.stop()
	if s.folder != nil {
		errs = append(errs, s.folder.Unlock())
	}
	return errors.Join(errs...)
}
