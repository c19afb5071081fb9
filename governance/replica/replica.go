package replica

import (
	"context"
	"errors"
	"fmt"
	"log/slog"
	"os"
	"path/filepath"
	"sync"
	"sync/atomic"
	"time"

	"github.com/hashicorp/raft"

	"github.com/tacet-health/tacet/governance/ledger"
	"github.com/tacet-health/tacet/governance/rules"
)

// Replica is this member's copy of the ledger and its part in the replication. All methods are safe for concurrent use.
type Replica struct {
	cfg     Config
	log     *slog.Logger
	genesis []byte
	ctx     context.Context // ends with Close and when the replica stops
	cancel  context.CancelCauseFunc
	wg      sync.WaitGroup

	ledger    *ledger.Ledger
	store     *logStore
	snapshots *snapshotStore
	transport *boundTransport
	raft      *raft.Raft
	full      error         // the disk was, at the start
	delivered atomic.Uint64 // last raft index that the FSM was given

	mu      sync.RWMutex // guards state and stopped; taken before the ledger's own lock
	state   *rules.State
	stopped error
	members atomic.Pointer[map[string]bool] // true: present, false: has left
	known   atomic.Bool                     // the log has this member with the keys that it uses

	ordering  ordering      // what this leader has checked and put to raft
	applied   chan struct{} // one token: entries have come into the ledger since spread looked
	proposing chan struct{} // holds one token: one proposal of this author at a time
	turn      broadcast     // entries applied, checkpoints learned, the replica stopped

	checkpoints checkpoints
	recovery    recovery
	alarmMu     sync.Mutex // guards alarms
	alarms      []Alarm
	publisher   *publisher  // of the convener, else nil
	linked      atomic.Bool // a payer's cosign stream to the convener stands

	handlers gate
	once     sync.Once
	closing  chan struct{} // closed by Close
	closeErr error
	raftOnce sync.Once
	raftDone raft.Future
	down     chan struct{} // closed when raft has ended
}

// ErrReplaced says that the log has replaced the keys that this member would use.
var ErrReplaced = errors.New("this member's keys were replaced; it needs those that followed")

// Open opens or creates the replica in cfg.Dir, replays what the disk has, and takes part. It returns before a leader is known.
func Open(cfg Config) (*Replica, error) {
	if err := cfg.complete(); err != nil {
		return nil, fmt.Errorf("open governance replica: %w", err)
	}
	r := &Replica{cfg: cfg, log: cfg.Log, proposing: make(chan struct{}, 1), applied: make(chan struct{}, 1), closing: make(chan struct{}), down: make(chan struct{})}
	r.ctx, r.cancel = context.WithCancelCause(context.Background())
	if err := r.open(); err != nil {
		r.cancel(err)
		return nil, errors.Join(fmt.Errorf("open governance replica of %s: %w", cfg.Keys.Name(), err), r.release())
	}
	if r.full != nil {
		r.mu.Lock()
		r.halt(r.full)
		r.mu.Unlock()
		r.wg.Go(func() { r.awaitRoom(r.closing) })
	}
	r.start()
	if stops, err := r.openAlarms(); err != nil || stops != nil {
		r.mu.Lock()
		r.halt(errors.Join(stops, err))
		r.mu.Unlock()
	}
	return r, nil
}

func (r *Replica) open() (err error) {
	if r.genesis, err = r.cfg.Genesis.Canonical(); err != nil {
		return err
	}
	if err := os.MkdirAll(r.cfg.Dir, 0o700); err != nil {
		return err
	}
	// Raft's file first: its lock keeps a second process off the whole folder.
	if r.store, err = openLogStore(filepath.Join(r.cfg.Dir, "raft.db"), r.cfg.WriteLimit, r.cfg.Fatal); err != nil {
		return err
	}
	if err := keepBallast(r.cfg.Dir); err != nil {
		r.full = fmt.Errorf("%w: %s has no room for %d MiB; this member can read its log and takes no part in it, and goes on by itself when there is room (%w)", ErrFull, r.cfg.Dir, roomSize>>20, err)
	}
	if r.ledger, err = ledger.Open(filepath.Join(r.cfg.Dir, "log"), r.genesis); err != nil {
		return err
	}
	if err := r.replay(); err != nil {
		return err
	}
	if at, replaced := r.state.Replaced(r.cfg.Keys.Public()); replaced {
		return fmt.Errorf("%w at entry %d", ErrReplaced, at)
	}
	if err := errors.Join(r.openCheckpoints(), r.openRecovery()); err != nil {
		return err
	}
	if r.snapshots, err = openSnapshots(r.cfg.Dir, r.ledger, r.verifySnapshot); err != nil {
		return err
	}
	r.store.kept = func() (uint64, uint64) {
		return r.snapshots.last(), max(r.ledger.Last(), r.delivered.Load())
	}
	log := raftLogger(r.log)
	r.transport = newTransport(r.cfg.Endpoint, min(max(10*r.cfg.Heartbeat, 2*time.Second), 30*time.Second), log, r.isMember, r.wasMember, r.store.term.Load, func(peer string, err error) {
		r.log.Warn("refused a raft request", "from", peer, "error", err)
	})
	r.transport.history = r.contradicted
	r.transport.elects = r.mayElect
	c := r.raftConfig()
	c.Logger = log
	if r.cfg.Convener {
		has, err := raft.HasExistingState(r.store, r.store, r.snapshots)
		if err != nil {
			return err
		}
		if !has && r.ledger.Size() > 1 {
			return errors.New("this convener has its ledger, but not where Raft is in it, and would take itself for a majority: restore a snapshot")
		}
		if !has {
			me := raft.Server{Suffrage: raft.Voter, ID: c.LocalID, Address: r.transport.LocalAddr()}
			if err := raft.BootstrapCluster(c, r.store, r.store, r.snapshots, r.transport, raft.Configuration{Servers: []raft.Server{me}}); err != nil {
				return err
			}
		}
	}
	r.raft, err = raft.NewRaft(c, (*machine)(r), r.store, r.store, r.snapshots, r.transport)
	return err
}

// replay builds the state from the ledger. The rules must accept every entry again: they did when it was written.
func (r *Replica) replay() error {
	state, err := rules.New(r.cfg.Genesis)
	if err != nil {
		return err
	}
	for from := uint64(1); from < r.ledger.Size(); from += replayBatch {
		var batch []ledger.Record
		for i := from; i < min(from+replayBatch, r.ledger.Size()); i++ {
			data, err := r.ledger.Entry(i)
			if err != nil {
				return err
			}
			batch = append(batch, ledger.Record{Data: data})
		}
		if err := applyAll(state, batch); err != nil {
			return fmt.Errorf("%w; is the program older than the ledger?", err)
		}
	}
	r.state = state
	r.noteMembers()
	return nil
}

func (r *Replica) start() {
	r.wg.Go(func() { // a replica that has stopped neither votes nor acknowledges
		<-r.ctx.Done()
		r.stopRaft().Error()
		close(r.down)
	})
	r.wg.Go(r.spread)
	r.handlers.start(r.log)
	e := r.cfg.Endpoint
	e.Handle(serviceRaft, r.handlers.wrap(r.ctx, r.transport.serve))
	e.Handle(servicePropose, r.handlers.wrap(r.ctx, r.serveProposal))
	e.Handle(serviceBatch, r.handlers.wrap(r.ctx, r.serveBatch))
	e.Handle(serviceHead, r.handlers.wrap(r.ctx, r.serveHead))
	r.wg.Go(r.watchWitnesses)
	r.wg.Go(r.recover)
	if r.cfg.Convener {
		r.publisher = newPublisher(r)
		e.Handle(serviceCosign, r.handlers.wrap(r.ctx, r.publisher.serve))
		r.wg.Go(r.publisher.run)
		r.wg.Go(r.keepMembership)
	} else {
		r.wg.Go(r.cosign)
		r.wg.Go(r.preferConvener)
	}
}

// Close stops taking part and waits for everything this replica started. The data stays as it is.
func (r *Replica) Close() error {
	r.once.Do(func() {
		r.mu.Lock()
		if r.stopped == nil {
			r.stopped = fmt.Errorf("%w: it was closed", ErrStopped)
		}
		r.mu.Unlock()
		r.cancel(r.stopped)
		close(r.closing)
		r.turn.wake()
		r.stopRaft() // ends the futures that handlers wait for
		r.handlers.close()
		r.wg.Wait()
		r.closeErr = errors.Join(r.saveCheckpoint(), r.release())
	})
	return r.closeErr
}

// stopRaft begins raft's shutdown; the future waits for its goroutines. raft itself waits at the first call only.
func (r *Replica) stopRaft() raft.Future {
	r.raftOnce.Do(func() { r.raftDone = r.raft.Shutdown() })
	return r.raftDone
}

// release ends what open made, in reverse.
func (r *Replica) release() error {
	var errs []error
	if r.raft != nil {
		errs = append(errs, r.stopRaft().Error())
	}
	if r.transport != nil {
		errs = append(errs, r.transport.Close())
	}
	if r.ledger != nil {
		errs = append(errs, r.ledger.Close())
	}
	if r.store != nil {
		errs = append(errs, r.store.close())
	}
	return errors.Join(errs...)
}

func (r *Replica) announce() { r.turn.wake() }

// isMember does not wait for r.mu, which is held while the ledger is written: heartbeats pass here.
func (r *Replica) isMember(name string) bool { return (*r.members.Load())[name] }

// wasMember is true of those who have left, too: they are still sent the log up to their farewell.
func (r *Replica) wasMember(name string) bool {
	_, ok := (*r.members.Load())[name]
	return ok
}

// noteMembers publishes who is a member now. r.mu is held, or nobody else is there yet.
func (r *Replica) noteMembers() {
	now := map[string]bool{}
	for _, m := range r.state.Members() {
		now[m.Name] = !m.Left
		if m.Name == r.cfg.Keys.Name() {
			r.known.Store(!m.Left && m.Public.Equal(r.cfg.Keys.Public()))
		}
	}
	r.members.Store(&now)
}

// verifiers are the keys whose checkpoint signatures count now; those of the newest checkpoint need not be verified again.
func (r *Replica) verifiers() (*ledger.Verifiers, error) {
	origin := r.cfg.Genesis.Ledger
	log, err := r.cfg.Genesis.Convener.LogVerifiers(origin)
	if err != nil {
		return nil, err
	}
	v := ledger.NewVerifiers(origin, log...)
	r.mu.RLock()
	defer r.mu.RUnlock()
	for _, m := range r.state.Members() {
		if m.Left || m.Role == rules.RoleConvener {
			continue
		}
		k, err := m.CosignatureVerifiers(ledger.KeyName(origin, m.Name))
		if err != nil {
			return nil, err
		}
		v.Add(m.Name, k...)
	}
	v.Known(r.checkpoints.get())
	return v, nil
}
