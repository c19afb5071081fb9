package node

import (
	"context"
	"crypto/sha256"
	"os"

	"github.com/tacet-health/tacet/governance/rules"
	"github.com/tacet-health/tacet/node/admin"
	"github.com/tacet-health/tacet/protocol/run"
	"github.com/tacet-health/tacet/protocol/run/driver"
	"github.com/tacet-health/tacet/protocol/wire"
)

// away concludes a run that the log ended while this member was away or still waiting: its journal is closed and the key share in it
// erased, and the end is recorded as the log has it. A recipient that went after it had signed the table still has it, in its sealed
// journal; one that went before has the certificate and no table: the other recipients have it, and the certificate holds it to its hash.
func (s *Service) away(ctx context.Context, r rules.Run) {
	name := r.Body.Run
	left, err := driver.Close(s.dir.Path("runs"), name, string(r.Status)+" in the log", s.sealing())
	if err != nil {
		s.log.Error("journal of an ended run not closed", "run", name, "error", err)
	}
	if err := s.endSum(ctx, name, nil); err != nil { // it may have died before the model was on record
		s.log.Error("what follows from a sum is not on record", "run", name, "error", err)
	}
	s.keepSalt(name, left.Salt)
	if err := os.RemoveAll(s.dir.Path("runs", name+".board")); err != nil {
		s.log.Error("board of an ended run not removed", "run", name, "error", err)
	}
	if s.results.has(name) {
		return
	}
	if r.Status == rules.RunCertified {
		out, err := driver.Past(s.dir.Path("runs"), name)
		if err != nil || !out.Certified() {
			if out, err = outcome(r); err == nil && left.Table != nil && sha256.Sum256(left.Table) == out.TableHash {
				out.Table = left.Table // it has signed this table before it went
			} else if err == nil {
				s.log.Warn("run was certified while this member was away; a table is at the recipients that were there", "run", name)
			}
		}
		s.conclude(ctx, name, out, err)
		return
	}
	if err := s.results.end(admin.Run{Run: name, State: "void", Reason: r.Reason}); err != nil {
		s.log.Error("result not recorded", "run", name, "error", err)
	}
}

// outcome is what the log's certificate says of a run.
func outcome(r rules.Run) (*run.Outcome, error) {
	c := r.Result.Statement
	o := &run.Outcome{Run: c.Run, Set: c.Set, StatisticalBits: c.StatisticalBits, Signatures: map[string][]byte{}}
	for _, h := range []struct {
		to   *[32]byte
		text string
	}{{&o.Manifest, c.Manifest}, {&o.Transcript, c.Transcript}, {&o.TableHash, c.Table}} {
		if err := (*wire.Hash)(h.to).UnmarshalText([]byte(h.text)); err != nil {
			return nil, err
		}
	}
	if c.Model != "" {
		o.Model = new(wire.Hash)
		if err := o.Model.UnmarshalText([]byte(c.Model)); err != nil {
			return nil, err
		}
	}
	for _, sig := range r.Result.Signatures {
		o.Signatures[sig.Member] = sig.Signature
	}
	return o, nil
}
