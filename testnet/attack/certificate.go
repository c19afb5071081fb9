package attack

import (
	"context"
	"crypto/sha256"
	"errors"
	"fmt"

	"github.com/tacet-health/tacet/protocol/run"
	"github.com/tacet-health/tacet/protocol/wire"
)

const tableContext = "naive/table"

// staleCertificate: recipients that sign the table and nothing else.
func staleCertificate(_ context.Context, s *scene) (string, error) {
	old := sha256.Sum256([]byte("the table of 2009"))
	sig := s.keys[hub].Sign(tableContext, old[:])
	// A year later somebody shows the old table with its signature, asked for run 2010: nothing in what was signed says which run it is.
	if err := s.keys[hub].Public().Verify(tableContext, old[:], sig); err != nil {
		return "", err
	}
	return "the table of run 2009, shown as that of run 2010, bears a valid signature of its recipient", nil
}

func staleCertificateRefused(_ context.Context, s *scene) (string, error) {
	old := run.Statement{
		Run: "2009", Manifest: wire.Hash(reference("2009")), Transcript: wire.Hash{9}, Table: sha256.Sum256([]byte("the table of 2009")),
		Set: s.plan.Set().Name, StatisticalBits: s.c.StatisticalBits(1),
	}
	sig := old.Sign(s.keys[hub])
	if err := old.Verify(s.keys[hub].Public(), sig); err != nil {
		return "", fmt.Errorf("its own certificate: %w", err)
	}
	var text string
	for name, change := range map[string]func(*run.Statement){
		"run":        func(c *run.Statement) { c.Run = "2010" },
		"manifest":   func(c *run.Statement) { c.Manifest = wire.Hash(reference("2010")) },
		"transcript": func(c *run.Statement) { c.Transcript = wire.Hash{10} },
		"table":      func(c *run.Statement) { c.Table = wire.Hash{11} },
		"set":        func(c *run.Statement) { c.Set = "standard" },
		"bits":       func(c *run.Statement) { c.StatisticalBits++ },
	} {
		now := old
		change(&now)
		got, err := refused(now.Verify(s.keys[hub].Public(), sig), nil)
		if err != nil {
			return "", fmt.Errorf("another %s: %w", name, err)
		}
		if name == "run" {
			text = got
		}
	}
	if err := old.Verify(s.keys[alder].Public(), sig); err == nil {
		return "", errors.New("one recipient's signature counts as another's")
	}
	return fmt.Sprintf("%q (likewise manifest, transcript, table, set, statistical bits, signer)", text), nil
}
