package testnet

import (
	"fmt"
	"os"
	"path/filepath"

	"github.com/tacet-health/tacet/crypto/predicate"
	"github.com/tacet-health/tacet/measures/disclosure"
	"github.com/tacet-health/tacet/node/vault"
)

// writePlan writes every test made on ciphertext.
func (o *Options) writePlan(p *predicate.Plan) error {
	if err := vault.Write(filepath.Join(o.Out, "plan.txt"), []byte(p.Describe())); err != nil {
		return fmt.Errorf("write plan: %w", err)
	}
	return nil
}

// prepareOut makes the output folder, which must be new or empty: a test network never mixes with another.
func (o *Options) prepareOut() error {
	if o.Out == "" {
		dir, err := os.MkdirTemp("", "tacet-testnet-")
		if err != nil {
			return fmt.Errorf("make output folder: %w", err)
		}
		o.Out = dir
		return nil
	}
	dir, err := filepath.Abs(o.Out)
	if err != nil {
		return fmt.Errorf("make output folder: %w", err)
	}
	o.Out = dir
	if entries, err := os.ReadDir(dir); err == nil && len(entries) > 0 {
		return usage("--out %s is not empty: name a new folder", dir)
	}
	if err := os.MkdirAll(dir, 0o700); err != nil {
		return fmt.Errorf("make output folder: %w", err)
	}
	return nil
}

// removeOut takes away what was written before the first key: bad input leaves nothing behind, and the same command can be
// given again.
func (o *Options) removeOut() {
	for _, name := range append(o.payerNames(), convener, "population", "plan.txt") {
		os.RemoveAll(filepath.Join(o.Out, name))
	}
	os.Remove(o.Out) // goes only when it is empty
}

// profiles are the default disclosure profiles, one of them replaced by --profile.
func (o *Options) profiles() (map[string]disclosure.Profile, error) {
	out := map[string]disclosure.Profile{}
	for _, p := range disclosure.Defaults() {
		out[p.Name] = p
	}
	if o.Profile != "" {
		b, err := os.ReadFile(o.Profile)
		if err != nil {
			return nil, usage("--profile: %v", err)
		}
		p, err := disclosure.Parse(b)
		if err != nil {
			return nil, usage("--profile %s: %v", o.Profile, err)
		}
		out[p.Name] = p
	}
	if o.Totals {
		for name, p := range out {
			if p.Class == disclosure.ClassQualityRate && !p.ExactTotals {
				p.Totals = disclosure.Totals{ExactTotals: true, MinTotalPractices: 3}
				out[name] = p
			}
		}
	}
	return out, nil
}
