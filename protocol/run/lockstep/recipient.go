package lockstep

import (
	"bytes"
	"crypto/sha256"
	"errors"
	"fmt"
	"io"
	"slices"

	"github.com/tacet-health/tacet/crypto/identity"
	"github.com/tacet-health/tacet/protocol/run"
	"github.com/tacet-health/tacet/protocol/wire"
)

// sealInfo binds a sealed box to the run and the step.
func (l *Member) sealInfo() []byte {
	return append([]byte("tacet/release/v1\x00release\x00"), l.m.Hash[:]...)
}

// sealParties binds a sealed box to who made it and for whom.
func sealParties(sender, recipient string) []byte { return []byte(sender + "|" + recipient) }

func (l *Member) beginOpening() {
	if !slices.Contains(l.m.Recipients, l.self) {
		return
	}
	l.opened = nil
	for _, ct := range l.stage.Result {
		l.opened = append(l.opened, l.c.NewDecryptSum(ct))
	}
}

// open adds the decryption shares of one payer from this member's box; the
// others' boxes are passed over.
func (l *Member) open(sender string, r io.Reader) error {
	size := int64(len(l.opened))*l.c.DecryptSize() + identity.SealOverhead
	at := slices.Index(l.m.Recipients, l.self)
	if at < 0 || len(l.opened) == 0 {
		return errors.New("this member is no recipient")
	}
	if _, err := io.CopyN(io.Discard, r, int64(at)*size); err != nil {
		return fmt.Errorf("find the sealed box: %w", err)
	}
	box := make([]byte, size) // fixed by the plan, not by the sender
	if _, err := io.ReadFull(r, box); err != nil {
		return fmt.Errorf("read the sealed box: %w", err)
	}
	shares, err := l.cfg.Keys.Open(l.sealInfo(), sealParties(sender, l.self), box)
	if err != nil {
		return err
	}
	defer clear(shares)
	n := int(l.c.DecryptSize())
	if len(shares) != n*len(l.opened) {
		return errors.New("the sealed box has another length than the shares it must hold")
	}
	for i, sum := range l.opened {
		if err := sum.Add(bytes.NewReader(shares[i*n : (i+1)*n])); err != nil {
			return err
		}
	}
	return nil
}

// certify opens the result, has the table made, and signs the certificate. A
// spoiled result ends here, before a table exists.
func (l *Member) certify(transcript wire.Hash, w io.Writer) (wire.Hash, error) {
	var slots [][]float64
	for _, sum := range l.opened {
		s, err := sum.Slots()
		if err != nil {
			return wire.Hash{}, err
		}
		slots = append(slots, s)
	}
	values, err := l.m.Plan.Decode(slots)
	for _, s := range slots {
		clear(s) // the fractions behind the values are nobody's business
	}
	if err != nil {
		return wire.Hash{}, err
	}
	table, err := l.cfg.Table(l.m, values)
	if err != nil {
		return wire.Hash{}, fmt.Errorf("make the release table: %w", err)
	}
	l.values, l.table = values, table
	hash := wire.Hash(sha256.Sum256(table))
	if w != nil {
		_, err = w.Write(l.statement(transcript, hash).Sign(l.cfg.Keys))
	}
	return hash, err
}

// Table returns the release table once this member has made it, nil before.
func (l *Member) Table() []byte { return l.table }

func (l *Member) statement(transcript, table wire.Hash) run.Statement {
	return run.Statement{
		Run: l.m.Run, Manifest: l.m.Hash, Transcript: transcript, Table: table,
		Set: l.m.Plan.Set().Name, StatisticalBits: l.c.StatisticalBits(l.m.Plan.Results()),
	}
}

// countersigned checks a recipient's signature over the table that all
// recipients committed to. A member that is no recipient learns who signed what
// hash, not the table.
func (l *Member) countersigned(member string, transcript, table wire.Hash, r io.Reader) error {
	sig := make([]byte, identity.SignatureSize)
	if _, err := io.ReadFull(r, sig); err != nil {
		return fmt.Errorf("read the signature: %w", err)
	}
	if err := l.statement(transcript, table).Verify(l.cfg.Members[member], sig); err != nil {
		return err
	}
	l.signatures[member] = sig
	l.transcript, l.tableHash = transcript, table
	return nil
}

// Outcome returns what the member knows at the end of a run.
func (l *Member) Outcome(certified bool) *run.Outcome {
	o := &run.Outcome{
		Run: l.m.Run, Manifest: l.m.Hash, Set: l.m.Plan.Set().Name, StatisticalBits: l.c.StatisticalBits(l.m.Plan.Results()),
	}
	if l.eval != nil {
		o.Evaluation = l.eval.CPU()
	}
	if l.payer != nil {
		o.Salt = append([]byte(nil), l.payer.salt[:]...)
	}
	if certified {
		o.Values, o.Table, o.Signatures = l.values, l.table, l.signatures
		o.Transcript, o.TableHash = l.transcript, l.tableHash
	}
	return o
}
