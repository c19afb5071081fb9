package node

import (
	"crypto/rand"
	"encoding/hex"
	"encoding/json"
	"errors"
	"fmt"
	"io/fs"
	"os"
	"path/filepath"

	"github.com/tacet-health/tacet/governance/rules"
	"github.com/tacet-health/tacet/node/admin"
	"github.com/tacet-health/tacet/node/govern"
)

// Draft implements admin.Governance.
func (o operator) Draft(a admin.Act) (d admin.Draft, err error) {
	me := govern.Member{Name: o.s.cfg.Name, Seal: o.seal, Answer: o.sealed, Root: func(size uint64) ([32]byte, error) {
		h, err := o.s.replica.Root(size)
		return [32]byte(h), err
	}}
	o.s.replica.View(func(s *rules.State) {
		d.Author = me.Name
		if d.Kind, d.Body, err = govern.Compose(s, me, a); err != nil {
			return
		}
		d.Text, d.Diff = govern.Describe(s, d.Kind, d.Body)
		if r := s.Preview(me.Name, d.Kind, d.Body); r != nil {
			d.Refusal = &admin.Problem{Code: string(r.Code), Text: r.Error() + " (" + rules.Explain(r.Code) + ")"}
		}
	})
	return d, err
}

// Docket implements admin.Governance.
func (o operator) Docket() (d admin.Docket) {
	o.s.replica.View(func(s *rules.State) { d = govern.Open(s, o.s.cfg.Name) })
	return d
}

// sealedAnswer is an answer whose digest is in the log, or will be: without it nobody can reveal the answer.
type sealedAnswer struct {
	Answer rules.Answer `json:"answer"`
	Salt   string       `json:"salt"`
}

// seal keeps an answer under a fresh salt before anything is signed. A crash afterwards leaves a file that no digest in the log refers to.
func (o operator) seal(adoption string, answer rules.Answer) (salt string, err error) {
	if !filepath.IsLocal(adoption) || filepath.Base(adoption) != adoption {
		return "", fmt.Errorf("%q is no adoption's name", adoption)
	}
	var b [32]byte
	rand.Read(b[:])
	x := sealedAnswer{answer, hex.EncodeToString(b[:])}
	digest := rules.AdoptionDigest(o.s.genesis.Ledger, adoption, o.s.cfg.Name, answer, x.Salt)
	if _, err := o.s.dir.Folder("adoptions", adoption); err != nil {
		return "", fmt.Errorf("keep the sealed answer: %w", err)
	}
	raw, err := json.Marshal(x)
	if err != nil {
		return "", fmt.Errorf("keep the sealed answer: %w", err)
	}
	if err := o.s.dir.Write(filepath.Join("adoptions", adoption, digest+".json"), raw); err != nil {
		return "", fmt.Errorf("keep the sealed answer: %w", err)
	}
	return x.Salt, nil
}

// sealed finds the answer under a digest.
func (o operator) sealed(adoption, digest string) (rules.Answer, string, error) {
	raw, err := os.ReadFile(o.s.dir.Path("adoptions", adoption, digest+".json"))
	if errors.Is(err, fs.ErrNotExist) {
		return "", "", fmt.Errorf("this member's directory does not have the answer that it sealed for %s; restore adoptions/%s from a backup", adoption, adoption)
	}
	var x sealedAnswer
	if err == nil {
		err = json.Unmarshal(raw, &x)
	}
	if err != nil {
		return "", "", fmt.Errorf("read the sealed answer: %w", err)
	}
	return x.Answer, x.Salt, nil
}
