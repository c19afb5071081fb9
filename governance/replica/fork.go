package replica

import (
	"fmt"
	"os"
	"path/filepath"

	"github.com/tacet-health/tacet/governance/entry"
	"github.com/tacet-health/tacet/governance/ledger"
)

// Alarm is a fork that this replica has seen, in this process or before.
type Alarm struct {
	What  string `json:"what"`
	Index uint64 `json:"index"`
	File  string `json:"file"`  // the proof; see tacet-audit fork
	Stops bool   `json:"stops"` // this replica stopped by it, for good
}

// Alarms are the forks that this replica has proofs of.
func (r *Replica) Alarms() []Alarm {
	r.alarmMu.Lock()
	defer r.alarmMu.Unlock()
	return append([]Alarm(nil), r.alarms...)
}

// proveFork writes the proof beside the ledger. One file per index is enough: the first one counts, and maxAlarms are enough of those that do not stop it.
func (r *Replica) proveFork(p ledger.ForkProof) {
	if !p.Stops && len(r.Alarms()) >= maxAlarms {
		return
	}
	p.Genesis = r.genesis
	if s := r.checkpoints.get(); s != nil && (p.Kind != ledger.ForkEntry && p.Index <= s.Size || p.Kind == ledger.ForkEntry && p.Index < s.Size) {
		proof, err := r.ledger.Inclusion, error(nil)
		if p.Kind != ledger.ForkEntry {
			proof = r.ledger.Consistency
		}
		var hashes []ledger.Hash
		if hashes, err = proof(p.Index, s.Size); err == nil {
			for _, h := range hashes {
				p.Proof = append(p.Proof, h[:])
			}
			p.Checkpoint, err = s.Note()
		}
		if err != nil {
			r.log.Error("the fork's proof lacks this side's checkpoint", "error", err)
		}
	}
	path := filepath.Join(r.cfg.Dir, fmt.Sprintf("fork-%d.json", p.Index))
	_, err := os.Stat(path)
	if err != nil {
		var b []byte
		if b, err = entry.Canonical(p); err == nil {
			err = writeDurable(path, b)
		}
	}
	r.alarm(Alarm{p.What, p.Index, path, p.Stops})
	r.log.Error("GOVERNANCE FORK: somebody shows this member another history than it has; do not act on this ledger, call the other members and counsel",
		"what", p.What, "index", p.Index, "proof", path, "write_error", err)
}

func (r *Replica) alarm(a Alarm) {
	r.alarmMu.Lock()
	defer r.alarmMu.Unlock()
	for _, o := range r.alarms {
		if o.File == a.File {
			return
		}
	}
	r.alarms = append(r.alarms, a)
	r.announce()
}

// openAlarms reads the proofs of before. A replica that a fork has stopped stays stopped, however often it is started: moving its proof away is its
// operator's decision.
func (r *Replica) openAlarms() (stops error, err error) {
	files, err := filepath.Glob(filepath.Join(r.cfg.Dir, "fork-*.json"))
	if err != nil {
		return nil, err
	}
	for _, f := range files {
		b, err := os.ReadFile(f)
		if err != nil {
			return nil, err
		}
		var p ledger.ForkProof
		if err := entry.DecodeUpTo(ledger.MaxForkProof, b, &p); err != nil { // whatever it is, somebody put it there
			p = ledger.ForkProof{What: "a proof that cannot be read", Stops: true}
		}
		r.alarm(Alarm{p.What, p.Index, f, p.Stops})
		r.log.Error("GOVERNANCE FORK, found before", "what", p.What, "index", p.Index, "proof", f)
		if p.Stops {
			stops = fmt.Errorf("%w: %s: %s", ledger.ErrFork, f, p.What)
		}
	}
	return stops, nil
}

// halt stops this replica for good: it applies, proposes and cosigns nothing any more. r.mu is held.
func (r *Replica) halt(err error) {
	if r.stopped != nil {
		return
	}
	r.stopped = fmt.Errorf("%w: %w", ErrStopped, err)
	r.log.Error("governance replica stops", "error", err)
	r.cancel(r.stopped)
	r.announce()
}
