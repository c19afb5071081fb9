package node

import (
	"context"
	"errors"
	"fmt"
	"log/slog"
	"os"
	"sync"
	"time"

	"github.com/tacet-health/tacet/crypto/identity"
	"github.com/tacet-health/tacet/crypto/secagg"
	"github.com/tacet-health/tacet/governance/replica"
	"github.com/tacet-health/tacet/governance/rules"
	"github.com/tacet-health/tacet/node/admin"
	"github.com/tacet-health/tacet/node/vault"
	"github.com/tacet-health/tacet/protocol/link"
	"github.com/tacet-health/tacet/protocol/run"
	"github.com/tacet-health/tacet/protocol/sum"
)

// heartbeat is long beside an evaluation step that keeps every processor busy: an election in the middle of a run would cost more
// than the seconds that a dead leader is noticed later.
const heartbeat = 2 * time.Second

// Options are what the surroundings of a service decide; the zero value is a service of its own process.
type Options struct {
	// Compute, when not nil, bounds the heavy work of all members in this process: one token per computation.
	Compute chan struct{}
	// Hooks disturb runs in tests.
	Hooks run.Hooks
	// SumCrash stops this member in a sum, in tests.
	SumCrash func(sum.Point, secagg.Kind) bool
	// SumCheat, of attacks, is what this member adds in a sum in place of its vector, whatever the bounds.
	SumCheat func(x []int64) []int64
	// Now is the wall clock; nil is the system's. Another one counts only in a ledger of toy parameters.
	Now func() time.Time
	// Sitting bounds a step of a sitting of a silent room, in which everybody is connected; 0 is 30 s.
	Sitting time.Duration
	// Simulated puts the service into a simulated world; nil is the real one.
	Simulated *Simulated
}

// Service is a running member. Its methods may be called concurrently.
type Service struct {
	cfg       Config
	opt       Options
	log       *slog.Logger
	logFile   *os.File
	dir       *vault.Dir
	keys      *identity.Keys
	sealer    *vault.Sealer // payer, seat
	genesis   rules.Genesis
	directory *link.Directory
	admission *admission  // convener
	endorsers endorsers   // convener
	rotation  rotation    // not the convener's
	asked     asked       // payer
	hub       *link.Hub   // convener
	payer     *link.Payer // payer
	replica   *replica.Replica
	store     data       // payer
	seated    seated     // payer, seat
	sums      *sum.Host  // convener
	sittings  sync.Mutex // convener: held while a sitting is
	events    *events
	results   *results
	admin     *admin.Server

	life   context.Context
	cancel context.CancelFunc
	wg     sync.WaitGroup
}

// Start starts the member whose data directory is dir. ctx bounds the start only; Close ends the service.
func Start(ctx context.Context, dir string, o Options) (*Service, error) {
	cfg, err := ReadConfig(dir)
	if err != nil {
		return nil, err
	}
	for {
		s := &Service{cfg: cfg, opt: o, events: newEvents(), rotation: rotation{renewed: make(chan struct{})}}
		err := s.open(ctx)
		if err == nil {
			return s, nil
		}
		again := false
		if errors.Is(err, replica.ErrReplaced) { // a rotation's entry is in the log, and the crash was before it was known here
			if _, next := s.nextKeys(); next == nil {
				next = s.adopt()
				again, err = next == nil, errors.Join(err, next)
			}
		}
		s.Close()
		if !again {
			return nil, fmt.Errorf("start %s: %w", cfg.Name, err)
		}
	}
}

// open acquires everything in the order in which Close releases it backwards.
func (s *Service) open(ctx context.Context) (err error) {
	if s.dir, err = vault.Open(s.cfg.Dir); err != nil {
		return err
	}
	if s.logFile, err = os.OpenFile(s.dir.Path("node.log"), os.O_CREATE|os.O_APPEND|os.O_WRONLY, 0o600); err != nil {
		return err
	}
	s.log = slog.New(slog.NewJSONHandler(s.logFile, nil)).With("member", s.cfg.Name)
	if err := finishRotation(s.dir); err != nil {
		return err
	}
	if s.keys, err = identity.Load(s.dir.Path(keysFolder)); err != nil {
		return err
	}
	if s.cfg.Role.dials() {
		if s.sealer, err = vault.OpenSealer(s.dir.Path(keysFolder, sealingFile)); err != nil {
			return err
		}
	}
	if s.genesis, err = readGenesis(s.dir, s.cfg, s.keys.Public()); err != nil {
		return err
	}
	if s.results, err = openResults(s.dir); err != nil {
		return err
	}
	endpoint, err := s.openLink(s.genesis)
	if err != nil {
		return err
	}
	ledger, err := s.dir.Folder(ledgerFolder)
	if err != nil {
		return err
	}
	lost, err := s.lost(ledger)
	if err != nil {
		return err
	}
	if s.replica, err = replica.Open(replica.Config{
		Dir: ledger, Keys: s.keys, Genesis: s.genesis, Endpoint: streams{endpoint}, Convener: s.cfg.Role == Convener, Log: s.log,
		Heartbeat: heartbeat, Rotated: wasRotated(s.dir), Lost: lost,
	}); err != nil {
		return err
	}
	if err := s.dir.Write(begunFile, nil); err != nil {
		return err
	}
	if s.cfg.Role == Payer && s.opt.Simulated == nil {
		if s.store, err = openData(ctx, s.dir, s.cfg); err != nil {
			return err
		}
	}
	run, cancel := context.WithCancel(context.Background())
	s.life, s.cancel = run, cancel
	if !s.cfg.Role.dials() {
		s.sums = sum.NewHost(s.endpoint()) // before a run can begin
	}
	s.wg.Go(func() { s.follow(run) })
	s.wg.Go(func() { s.keepDirectory(run) })
	s.wg.Go(func() { s.keepModels(run) })
	if err := s.openJoining(run); err != nil {
		return err
	}
	if s.cfg.Role.dials() {
		s.wg.Go(func() { s.resumeRotation(run) })
		s.openSeat(run)
	}
	if s.opt.Simulated == nil { // whose time begins in 2000, long before the log's can
		if s.cfg.Role == Payer {
			s.wg.Go(func() { s.showClock(run) })
		}
		if s.cfg.Role.Seat() {
			s.wg.Go(func() { s.witness(run) })
		}
		if s.cfg.Role == Convener {
			s.wg.Go(func() { s.keepRooms(run) })
		}
		if s.admin, err = admin.Serve(s.cfg.Dir, operator{s}); err != nil {
			return err
		}
	}
	s.log.Info("started", "role", s.cfg.Role)
	return nil
}

// openLink starts the member's network side with everybody whom the genesis names; later members come with the log.
func (s *Service) openLink(g rules.Genesis) (link.Endpoint, error) {
	cert, err := s.keys.TLSCertificate()
	if err != nil {
		return nil, err
	}
	s.directory = link.NewDirectory()
	for _, p := range append([]identity.Public{g.Convener}, g.Members...) {
		s.directory.Set(link.Member{Name: p.Name, Pin: p.TLSPin})
	}
	o := link.Options{Name: s.cfg.Name, Certificate: cert, Directory: s.directory, Log: s.log, ResetKey: s.keys.ResetKey(), Transport: s.cfg.Transport}
	if s.opt.Simulated != nil {
		o.PacketConn = s.opt.Simulated.Socket
	}
	if s.cfg.Role == Convener {
		if s.hub, err = link.Listen(s.cfg.Address, o); err != nil {
			return nil, err
		}
		return s.endpoint(), nil
	}
	if s.payer, err = link.NewPayer(s.cfg.Convener, s.cfg.Address, o); err != nil {
		return nil, err
	}
	return s.endpoint(), nil
}

// endpoint is the link for everything between members.
func (s *Service) endpoint() link.Endpoint {
	if s.hub != nil {
		return membersOnly{s.hub}
	}
	return membersOnly{s.payer}
}

// openJoining offers the services by which new members come in.
func (s *Service) openJoining(ctx context.Context) (err error) {
	switch {
	case s.cfg.Role == Payer:
		s.payer.Handle(serviceEndorse, s.serveEndorse)
		return nil
	case s.cfg.Role.Seat():
		return nil // who has no say in runs brings nobody in
	}
	if s.admission, err = openAdmission(s.dir, s.directory, s.now()); err != nil {
		return err
	}
	s.endorsers.wake = make(chan struct{}, 1)
	s.hub.Handle(serviceJoin, s.serveJoin)
	s.hub.Handle(serviceAbout, s.serveAbout)
	s.wg.Go(func() { s.keepJoining(ctx) })
	return nil
}

// Close ends the service and waits until nothing of it runs any more. A run in progress is interrupted as by a crash: the member goes
// on with it at the next start.
func (s *Service) Close() error {
	var errs []error
	if s.admin != nil {
		errs = append(errs, s.admin.Close())
	}
	if s.cancel != nil {
		s.cancel()
		s.wg.Wait()
	}
	if s.sums != nil {
		s.sums.Close()
	}
	if s.replica != nil {
		errs = append(errs, s.replica.Close())
	}
	if s.payer != nil {
		errs = append(errs, s.payer.Close())
	}
	if s.hub != nil {
		errs = append(errs, s.hub.Close())
	}
	if s.store != nil {
		errs = append(errs, s.store.Close())
	}
	if s.logFile != nil {
		errs = append(errs, s.logFile.Close())
	}
	if s.dir != nil {
		errs = append(errs, s.dir.Close())
	}
	return errors.Join(errs...)
}
