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
	"syscall"
	"time"

	"chatserver/broker"
	"chatserver/chat"
	"chatserver/config"
	"chatserver/handlers"
	"chatserver/markdown"
	"chatserver/metrics"
	"chatserver/store"
	"chatserver/telemetry"
)

// stopTimeout is how long a stop may take: containers are killed after 10 s.
const stopTimeout = 9 * time.Second

// serve is the chat itself.
type serve struct{}

// Run serves until SIGINT or SIGTERM; a second one ends the process at once.
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
	fmt.Fprintf(std.out, "chatserver is at %s — stop it with Ctrl+C\n", displayURL(c, server.Addr()))
	select {
	case err = <-server.failed:
		err = fmt.Errorf("serving ended: %w", err)
	case got := <-signals:
		log.Info("stopping", "signal", got.String(), "connections", server.chat.Connections())
	}
	notifyManager("STOPPING=1")
	go func() {
		<-signals
		log.Warn("stopped at once by a second signal")
		os.Exit(exitFailed)
	}()
	ctx, cancel := context.WithTimeout(context.Background(), stopTimeout)
	defer cancel()
	return errors.Join(err, server.Stop(ctx))
}

// Options are what tests choose that people don't.
type Options struct {
	Log          *slog.Logger
	PingInterval time.Duration    // see chat.Options
	Now          func() time.Time // see chat.Options; backups are dated by it, too
	ReadTimeout  time.Duration    // see handlers.Options
	CloseWait    time.Duration    // see handlers.Options
	IdleWorker   time.Duration    // see handlers.Options
	// Space asks the system for the space of a folder's disk; nil = telemetry.DiskSpace.
	Space     func(folder string) (telemetry.Space, error)
	WrapStore func(chat.Store) chat.Store // nil, or a store around the store, that fails when told to
}

// Server is a running chat.
type Server struct {
	chat      *chat.Chat
	http      *handlers.Server
	db        *store.DB
	folder    *store.Folder
	telemetry *telemetry.Telemetry
	disk      *disk        // nil when the database is elsewhere
	backups   *backups     // nil when there are none
	broker    *broker.NATS // nil without one
	log       *slog.Logger
	public    net.Listener
	ops       net.Listener // nil when off
	// socketActivated tells that the public port is the service manager's: it stays open
	// when we close it, and whoever connects waits for the next server.
	socketActivated bool
	failed          chan error // what a port died of
	stopping        chan struct{}
}

// Start opens the store and both ports and serves. On an error nothing was
// started.
func Start(c config.Config, options Options) (_ *Server, err error) {
	proxies, err := c.Proxies()
	if err != nil {
		return nil, err
	}
	s := &Server{log: options.Log, failed: make(chan error, 2), stopping: make(chan struct{})}
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
	fleet, err := s.fleet(c)
	if err != nil {
		return nil, err
	}
	shortIDs := handlers.NewShortIDs(secret)
	s.startChat(c, options, shortIDs, fleet)
	s.telemetry.Watch(s.chat.Stats, s.disk.metrics(), metrics.CollectorFunc(metrics.Go), metrics.CollectorFunc(metrics.Process))
	build := buildOf(debug.ReadBuildInfo())
	s.http = handlers.New(s.chat, handlers.Options{
		MaxText: c.MaxText, Rate: c.Rate, ByteRate: c.ByteRate, MaxPerAddress: c.MaxPerAddress, Base: base, TrustedProxies: proxies,
		Hosts: append(c.HostNames(), machineName()...), OpsHosts: c.OpsHostNames(), Origins: c.BrowserOrigins(),
		Version: build.version, Commit: build.commit, Built: build.built, Log: options.Log, Stopping: s.stopping, ShortIDs: shortIDs, Telemetry: s.telemetry, TLS: secured,
		Files: config.OpenFiles(), ReadTimeout: options.ReadTimeout, CloseWait: options.CloseWait, IdleWorker: options.IdleWorker, DiskTrouble: s.disk.problem,
	})
	go func() { s.failed <- s.http.Serve(s.public) }()
	if s.ops != nil {
		go func() { s.failed <- s.http.ServeOps(s.ops) }()
	}
	return s, nil
}

// startChat makes the chat on the store.
func (s *Server) startChat(c config.Config, options Options, shortIDs *handlers.ShortIDs, fleet *chat.Fleet) {
	var kept chat.Store = s.db
	if options.WrapStore != nil {
		kept = options.WrapStore(kept)
	}
	removals, _ := kept.(chat.Removals) // a store in memory has rooms that the database does not know
	var names chat.KeptNames            // of a fleet they are in its Names
	if fleet == nil {
		names = s.db
	}
	s.chat = chat.New(kept, handlers.Frames(shortIDs), chat.Options{
		MaxConnections: c.ConnectionLimit(), MaxPerAddress: c.MaxPerAddress, AnnounceLimit: c.AnnounceLimit, MaxText: c.MaxText,
		PingInterval: options.PingInterval, Now: options.Now, Log: options.Log, Renderer: markdown.New(), Metrics: s.telemetry,
		Fleet: fleet, Removals: removals, KeptNames: names,
	})
}

// openDependencies opens what the server stands on.
func (s *Server) openDependencies(c config.Config, options Options) (err error) {
	if err = s.openPorts(c); err != nil {
		return err
	}
	if c.Database == "" { // a Postgres is for many
		if s.folder, err = store.LockFolder(c.Data); err != nil {
			return err
		}
		warnOpenFiles(s.log, c, s.folder)
		s.disk = startDisk(c, s.log, options.Space)
	}
	if s.db, err = store.Open(context.Background(), c.Database, c.Data, store.Options{MaxRooms: c.MaxRooms, NewRooms: c.NewRooms, DiskLow: s.disk.isLow}); err != nil {
		return err
	}
	if s.telemetry, err = openTelemetry(s.log); err != nil {
		return err
	}
	s.backups, err = startBackups(c, s.log, options)
	return err
}

// fleet makes this server a node of several; nil for one alone.
func (s *Server) fleet(c config.Config) (*chat.Fleet, error) {
	if s.db.SingleWriter() {
		return nil, nil //nolint:nilnil // most are
	}
	node, err := s.db.Join(context.Background())
	if err != nil {
		return nil, err
	}
	if s.broker, err = s.openBroker(c, node); err != nil {
		return nil, err
	}
	fleet := &chat.Fleet{Store: s.db, Registry: node, Names: node}
	if s.broker != nil {
		fleet.Broker = s.broker
	}
	return fleet, nil
}

// openTelemetry opens the traces, if the environment asks for any, and the metrics.
func openTelemetry(log *slog.Logger) (*telemetry.Telemetry, error) {
	traces, err := telemetry.OpenTraces(context.Background(), buildVersion(), log)
	if err != nil {
		return nil, err
	}
	return telemetry.New(buildVersion(), traces), nil
}

// Stop ends the server in the reverse order of its start: newcomers are
// refused, what was taken is stored and delivered, every connection is told,
// then the ports and the store close.
func (s *Server) Stop(ctx context.Context) error {
	s.chat.BeginStop()
	close(s.stopping)
	var closing error
	if s.socketActivated {
		closing = s.public.Close()
	}
	err := errors.Join(closing, s.chat.Stop(ctx))
	err = errors.Join(err, s.http.Wait(ctx), s.http.Close(ctx), s.telemetry.Close(ctx), s.closeDependencies())
	if err != nil {
		return fmt.Errorf("stop: %w", err)
	}
	s.log.Info("stopped")
	return nil
}

// cleanUpTimeout is how long a start that failed takes to end its traces, of which
// there are none yet.
const cleanUpTimeout = time.Second

// cleanUp ends what a start that failed had opened.
func (s *Server) cleanUp() error {
	ctx, cancel := context.WithTimeout(context.Background(), cleanUpTimeout)
	defer cancel()
	var err error
	if s.telemetry != nil {
		err = s.telemetry.Close(ctx)
	}
	return errors.Join(err, s.closeDependencies())
}

// closeDependencies closes what is open.
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
	if s.broker != nil {
		s.broker.Close()
	}
	if s.db != nil {
		errs = append(errs, s.db.Close())
	}
	s.disk.stop()
	if s.folder != nil {
		errs = append(errs, s.folder.Unlock())
	}
	return errors.Join(errs...)
}
