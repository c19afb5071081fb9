package node

import (
	"cmp"
	"fmt"
	"os"
	"path/filepath"
	"slices"

	"github.com/tacet-health/tacet/crypto/identity"
	"github.com/tacet-health/tacet/node/admin"
	"github.com/tacet-health/tacet/protocol/wire"
)

// statements reads the signed messages that show why a run is void, as the protocol kept them in runs/RUN/evidence, and verifies each with
// its author's keys. A file that is not one is named, not shown.
func statements(folder string, member func(string) (identity.Public, error)) []admin.Statement {
	files, _ := filepath.Glob(filepath.Join(folder, "evidence", "*.json"))
	var out []admin.Statement
	for _, f := range files {
		s := admin.Statement{File: f}
		b, err := os.ReadFile(f)
		if err == nil {
			err = read(&s, b, member)
		}
		if err != nil {
			s.Problem = err.Error()
		}
		out = append(out, s)
	}
	slices.SortFunc(out, func(a, b admin.Statement) int {
		return cmp.Or(cmp.Compare(a.Step, b.Step), cmp.Compare(a.Member, b.Member), cmp.Compare(a.File, b.File))
	})
	return out
}

func read(s *admin.Statement, b []byte, member func(string) (identity.Public, error)) error {
	if c, err := wire.DecodeCommit(b); err == nil {
		body := c.Body()
		p, err := member(body.Member)
		if err == nil {
			err = wire.VerifyCommit(c, p)
		}
		if err != nil {
			return err
		}
		s.Kind, s.Member, s.Step = "commit", body.Member, body.Step
		s.Text = fmt.Sprintf("in step %d: transcript %s, state %s, object %s of %d bytes", body.Step, body.Transcript.Short(), body.State.Short(), body.Object.Short(), body.Size)
		return nil
	}
	v, err := wire.DecodeVoid(b)
	if err != nil {
		return fmt.Errorf("neither a commit nor a void: %w", err)
	}
	body := v.Body()
	p, err := member(body.Member)
	if err == nil {
		err = wire.VerifyVoid(v, p)
	}
	if err != nil {
		return err
	}
	s.Kind, s.Member, s.Step, s.Text = "void", body.Member, body.Step, fmt.Sprintf("%s: %s", body.Code, body.Text)
	return nil
}
