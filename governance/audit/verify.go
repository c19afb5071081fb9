package audit

import (
	"bytes"
	"encoding/hex"
	"fmt"

	"github.com/tacet-health/tacet/governance/ledger"
	"github.com/tacet-health/tacet/governance/rules"
)

// Options are what an auditor brings along. A bundle vouches for itself only; Genesis or Policy tie it to the ledger that is meant.
type Options struct {
	Genesis string  // hex SHA-256 of the genesis that every member has on its invitation; empty: any
	Policy  *Policy // whose signatures the checkpoint must have; nil: those of the ledger's own members
	Partial bool    // a certified run may be without its table: the bundle of a member that did not receive it
}

// Result is the outcome of a verification. Report is there when the whole log was read and accepted.
type Result struct {
	Verified bool      `json:"verified"`
	Findings []Finding `json:"findings"`
	Missing  []string  `json:"missing_tables,omitempty"` // with Options.Partial
	Held     []Held    `json:"held,omitempty"`
	Sums     []Sum     `json:"sums,omitempty"` // exact sums whose tables are in the bundle, with what was made of them again
	*Report
}

// Held is a run that is certified and not released: contributors have yet to cosign the log over its certificate, and no table is in the bundle.
type Held struct {
	Run     string   `json:"run"`
	Waiting []string `json:"waiting"`
}

// Verify checks a bundle from its own bytes. What is wrong with the bundle is in Result.Findings; the error is of reading.
func Verify(b *Bundle, o Options) (*Result, error) {
	var f findings
	res, _, err := verify(b, o, &f)
	if err != nil {
		return nil, fmt.Errorf("verify: %w", err)
	}
	return res, nil
}

// verify also returns the history, nil when there is nothing to go on.
func verify(b *Bundle, o Options, f *findings) (res *Result, h *history, err error) {
	res = &Result{}
	defer func() {
		res.Findings = f.list
		res.Verified = err == nil && len(f.list) == 0
	}()
	if h, err = replay(b, f); err != nil || h == nil {
		return res, nil, err
	}
	genesis := rules.Hash(h.genesis)
	if have := hex.EncodeToString(genesis[:]); o.Genesis != "" && have != o.Genesis {
		f.add(bad(CodeAnchor, genesisName, "has SHA-256 %s, expected was %s: this is another ledger", have, o.Genesis))
	}
	f.add(h.checkRoot())
	if err := h.checkTiles(f); err != nil {
		return res, nil, err
	}
	v := directory{h.state}
	top, wrong := openCheckpoint(h.note, checkpointName, v)
	f.add(wrong)
	if top != nil && h.whole {
		f.add(checkMajority(top, h.state))
	}
	if o.Policy != nil {
		_, wrong := o.Policy.open(h.note, checkpointName)
		f.add(wrong)
	}
	if !h.whole {
		// What the log amounts to is not known, so there is nothing to hold releases and report against.
		h.claimRest()
		return res, h, h.checkFiles(f)
	}
	h.checkWitnesses(f)
	tables, err := h.checkReleases(o, f, res, top, v)
	if err != nil {
		return res, nil, err
	}
	res.Report = h.report(top, tables)
	if err := h.checkMade(f, res.Report); err != nil {
		return res, nil, err
	}
	return res, h, h.checkFiles(f)
}

// checkReleases goes through the certified runs of the log.
func (h *history) checkReleases(o Options, f *findings, res *Result, top *ledger.Signed, v directory) (map[string]Table, error) {
	tables := map[string]Table{}
	sums := sumsOf{st: h.state, tables: map[string]SumTable{}}
	defer func() { res.Sums = sums.list }()
	for _, run := range h.state.Runs() {
		if run.Status != rules.RunCertified {
			continue
		}
		_, released := h.b.files[releaseName(run.Body.Run, tableName)]
		name := releaseName(run.Body.Run, certificateName)
		data, err := h.need(name)
		var waiting []string
		if err == nil {
			found, missing := h.checkCertificate(data, name, run, top, v)
			if waiting = missing; released {
				found = append(found, uncosigned(name, waiting)...)
			}
			for _, x := range found {
				f.add(x)
			}
		}
		if err := f.take(err); err != nil {
			return nil, err
		}
		name = releaseName(run.Body.Run, proofName)
		data, err = h.need(name)
		if err == nil && (run.Ended >= h.tree.size() || !bytes.Equal(data, h.proof(run.Ended))) {
			err = bad(CodeCertificateProof, name, "is not the proof of entry %d under the bundle's checkpoint", run.Ended)
		}
		if err := f.take(err); err != nil {
			return nil, err
		}
		name = releaseName(run.Body.Run, tableName)
		if !released && len(waiting) > 0 {
			res.Held = append(res.Held, Held{run.Body.Run, waiting})
			continue
		}
		if !released && o.Partial {
			res.Missing = append(res.Missing, run.Body.Run)
			continue
		}
		data, err = h.need(name)
		if err := f.take(err); err != nil {
			return nil, err
		}
		if data == nil {
			continue
		}
		t, found := checkTable(data, name, run, h.state)
		for _, x := range found {
			f.add(x)
		}
		if len(found) == 0 {
			certificate, err := h.need(releaseName(run.Body.Run, certificateName))
			if err := f.take(err); err != nil {
				return nil, err
			}
			f.add(marked(certificate, releaseName(run.Body.Run, certificateName), t))
			tables[run.Body.Run] = t
			if run.Sum != nil {
				f.add(sums.take(data, name, run))
			}
		}
	}
	for _, x := range h.checkTotals(tables) {
		f.add(x)
	}
	return tables, nil
}

// checkMade makes the files again that are made from the evidence, and compares.
func (h *history) checkMade(f *findings, r *Report) error {
	for _, m := range []struct {
		name string
		code Code
		made func() ([]byte, error)
	}{
		{policyName, CodePolicy, func() ([]byte, error) { return policyOf(h.state) }},
		{readmeName, CodeReadme, func() ([]byte, error) { return readme(r) }},
		{reportName, CodeReport, func() ([]byte, error) { return HTML(r) }},
	} {
		want, err := m.made()
		if err != nil {
			return err
		}
		have, err := h.need(m.name)
		if err == nil && len(f.list) == 0 && !bytes.Equal(have, want) {
			err = bad(m.code, m.name, "is not what this program makes of the evidence in form %s; read the output of this program instead", Format)
		}
		if err := f.take(err); err != nil {
			return err
		}
	}
	return nil
}

// claimRest marks the files as known that cannot be checked after a failed replay.
func (h *history) claimRest() {
	for _, n := range h.b.names {
		if n == policyName || n == readmeName || n == reportName || releaseGrammar.MatchString(n) {
			h.used[n] = true
		}
	}
}

// checkFiles reports the files that nothing refers to.
func (h *history) checkFiles(f *findings) error {
	for _, n := range h.b.names {
		if !h.used[n] {
			f.add(bad(CodeFileUnexpected, n, "belongs to nothing in the evidence of %d entries", h.claimed.Size))
		}
	}
	return nil
}
