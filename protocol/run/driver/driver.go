package driver

import (
	"context"
	"errors"
	"fmt"
	"log/slog"
	"os"
	"sync"
	"time"

	"github.com/tacet-health/tacet/protocol/run"
	"github.com/tacet-health/tacet/protocol/run/lockstep"
	"github.com/tacet-health/tacet/protocol/run/objects"
	"github.com/tacet-health/tacet/protocol/wire"
)

// Board is where a member's statements and objects go and come from. Its two
// users are the payer's streams and the convener's own board. All methods are
// called from several goroutines.
type Board interface {
	// Publish hands a signed message over for everyone. It does not wait and
	// does not fail: what cannot be sent now is sent after the next reconnect.
	Publish(wire.Message)
	// Put reveals the file as an object. It tries until ctx ends.
	Put(ctx context.Context, o wire.Object, path string) error
	// Get waits for an object and returns a file with exactly its bytes: path, or
	// one the board keeps itself. An object that is not what was announced is
	// objects.ErrWrong; everything else is tried again until ctx ends.
	Get(ctx context.Context, o wire.Object, path string) (string, error)
}

// ErrStopped says that the member was stopped before the run's end and can go on.
var ErrStopped = errors.New("stopped before the end of the run; start again to go on")

// Config is a member's part in one run.
type Config struct {
	lockstep.Config
	Dir      string             // journals; this run's is Dir/<run>
	Progress func(run.Progress) // called from one goroutine; nil: none
	// Compute bounds heavy computations of all members in one process: a
	// computation sends a token before and receives one after, so the channel's
	// capacity is how many run at once. Nil: no bound.
	Compute chan struct{}
	// Sealing lets a payer go on after a restart; nil keeps its secrets in memory
	// only, and then the end of ctx or of the process makes the run void.
	Sealing *objects.Sealing
	// Durable: the end of ctx stops the convener, and a new Driver goes on, as a
	// payer with Sealing does. Without it the end of ctx makes the run void.
	Durable bool
	// Bind puts on record outside this member's reach, where every other participant sees it, what the member is bound to in a step (its
	// commitment in prepare, then the transcript of all steps before), and returns when it stands there. It is called again, with the same
	// digest, in every life. When there is another word of this member on record, the error is ErrRestored. Nil: no record; a journal that is
	// put back is then known from the relay alone.
	Bind func(ctx context.Context, step string, digest wire.Hash) error
	Log  *slog.Logger // nil: none
}

// Driver runs one machine. Use it once.
type Driver struct {
	cfg     Config
	self    string
	machine *run.Machine
	member  *lockstep.Member
	journal *journal
	board   Board
	meter   *meter

	notices chan notice
	crashed chan struct{} // closed by Hooks.Crash
	crash   sync.Once
	done    chan struct{} // closed when no event is taken any more
	jobs    chan run.Work // for the computing goroutine
	wg      sync.WaitGroup
	timer   *time.Timer
	armed   int // step of the deadline

	mu    sync.Mutex        // guards files
	files map[string]string // downloaded object of a member in the current step

	end   *run.End
	cause error // first failure on this member's side
	kept  []string
}

// notice is an event with what the machine need not know.
type notice struct {
	event run.Event
	err   error // behind a Failed
}

// New prepares a run: journal, key share, machine. The error is ErrEnded when
// this member has seen the run end.
func New(cfg Config) (*Driver, error) {
	if cfg.Log == nil {
		cfg.Log = slog.New(slog.DiscardHandler)
	}
	if cfg.Manifest.Plan == nil {
		return nil, fmt.Errorf("run %s: the manifest has no plan", cfg.Manifest.Run)
	}
	j, err := openJournal(cfg)
	if err != nil {
		return nil, err
	}
	cfg.Secrets, cfg.Spill = j.secrets, j.spill()
	member, err := lockstep.New(cfg.Config)
	cfg.Secrets, j.secrets = nil, nil
	if err != nil {
		os.Remove(j.dir) // only when nothing is in it: no step of the run was begun
		return nil, err
	}
	self := cfg.Keys.Name()
	machine, err := run.New(member.Terms(), self)
	if err != nil {
		return nil, err
	}
	return &Driver{
		cfg: cfg, self: self, machine: machine, member: member, journal: j, meter: newMeter(run.Sequence(member.Terms().Stages)),
		notices: make(chan notice), crashed: make(chan struct{}), done: make(chan struct{}), jobs: make(chan run.Work, len(cfg.Manifest.Payers)+2),
		files: map[string]string{},
	}, nil
}

// Deliver tells the machine about an opened message. It blocks until the
// machine takes it, the run is over, or ctx ends.
func (d *Driver) Deliver(ctx context.Context, e run.Event) {
	select {
	case d.notices <- notice{event: e}:
	case <-d.done:
	case <-ctx.Done():
	}
}

// Terms returns the terms of the run with the size of every object.
func (d *Driver) Terms() run.Terms { return d.member.Terms() }

// Done is closed when the member's machine has ended.
func (d *Driver) Done() <-chan struct{} { return d.done }

// Run drives the machine to its end. When ctx ends first, a member with Sealing
// or Durable stops: it says nothing to anybody, the outcome is nil, the error is ErrStopped,
// and a new Driver on the same folder goes on. Otherwise the run is void
// (aborted) then. Otherwise the outcome is not nil, and the error is set when the run
// ended for a reason on this member's side.
func (d *Driver) Run(ctx context.Context, board Board) (*run.Outcome, error) {
	d.board = board
	work, cancel := context.WithCancel(ctx)
	defer cancel()
	d.timer = time.NewTimer(time.Hour)
	defer d.timer.Stop()
	d.wg.Go(func() { d.compute(work) })
	d.tell(work, d.begin())
	stopped := false
	for d.end == nil && !stopped {
		select {
		case <-d.crashed:
			stopped = true
		case n := <-d.notices:
			d.tell(work, n)
		case <-d.timer.C:
			d.tell(work, notice{event: run.TimedOut{Step: d.armed}})
		case <-ctx.Done():
			if stopped = d.cfg.Sealing != nil || d.cfg.Durable; !stopped {
				d.tell(work, notice{event: run.Failed{Code: wire.Aborted}, err: ctx.Err()})
			}
		}
	}
	close(d.done)
	cancel()
	d.wg.Wait() // nobody computes with the key share any more
	if stopped || d.dead() {
		d.member.Erase()
		return nil, fmt.Errorf("run %s, member %s, step %s: %w", d.cfg.Manifest.Run, d.self, d.machine.Step(), ErrStopped)
	}
	return d.finish()
}

// begin is the first event: of a first life, of a later one, or of one that
// cannot go on.
func (d *Driver) begin() notice {
	switch j := d.journal; {
	case j.lost != "":
		return notice{event: run.Failed{Code: j.lost}, err: j.why}
	case j.sealing != nil || j.again:
		return notice{event: run.Resumed{Commits: j.commits}}
	}
	return notice{event: run.Authorised{}}
}

// dies lets a test kill the member at a point: from here on it writes and sends
// nothing.
func (d *Driver) dies(p run.Point, s run.Step) bool {
	if h := d.cfg.Hooks.Crash; h != nil && !d.dead() && h(p, s) {
		d.crash.Do(func() { close(d.crashed) })
	}
	return d.dead()
}

func (d *Driver) dead() bool {
	select {
	case <-d.crashed:
		return true
	default:
		return false
	}
}

// tell gives an event to the machine and carries out what follows.
func (d *Driver) tell(ctx context.Context, n notice) {
	if n.err != nil && d.cause == nil {
		d.cause = n.err
	}
	d.meter.event(n.event, d.self)
	for _, w := range d.machine.Apply(n.event) {
		if d.dead() {
			return
		}
		d.do(ctx, w)
	}
	d.report()
}

// post tells the machine something from another goroutine.
func (d *Driver) post(n notice) {
	select {
	case d.notices <- n:
	case <-d.done:
	}
}

func (d *Driver) finish() (*run.Outcome, error) {
	o := d.member.Outcome(d.end.Void == nil)
	d.member.Erase()
	how := "certified"
	if v := d.end.Void; v != nil {
		o.Void, o.Code, o.By = fmt.Sprintf("run %s is void, says %s: %s", v.Run, v.Member, v.Text), v.Code, v.Member
		o.Step = d.step(v.Step)
		o.Evidence, o.Files = d.end.Evidence, d.kept
		o.Transcript = d.end.Transcript
		how = "void: " + string(v.Code)
	}
	o.Steps = d.Totals()
	err := d.journal.end(d.machine.Commits(), o, how)
	if d.dies(run.Finished, d.machine.Step()) {
		return nil, fmt.Errorf("run %s, member %s: %w", o.Run, d.self, ErrStopped)
	}
	// An end that could not be written is lived through again by the next life,
	// which needs what it needs for that.
	if err == nil {
		err = d.journal.erase()
	}
	if err != nil && d.cause == nil {
		d.cause = err
	}
	if d.cause != nil {
		return o, fmt.Errorf("run %s, member %s: %w", o.Run, d.self, d.cause)
	}
	return o, nil
}

func (d *Driver) step(i int) string {
	if s := run.Sequence(d.member.Terms().Stages); i < len(s) {
		return s[i].String()
	}
	return ""
}
