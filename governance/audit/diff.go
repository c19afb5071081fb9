package audit

import (
	"encoding/base64"
	"fmt"

	"github.com/tacet-health/tacet/governance/ledger"
)

// Difference is what a later bundle has that an earlier one had not. Verified says that both bundles are good and that the later log begins with the
// earlier one.
type Difference struct {
	Verified bool      `json:"verified"`
	Findings []Finding `json:"findings"`
	Ledger   string    `json:"ledger,omitempty"`
	From     uint64    `json:"from"` // entries of the older bundle
	To       uint64    `json:"to"`
	// Proof is the consistency proof of RFC 6962 between the two checkpoints, base64: with the checkpoints alone anybody can check it again.
	Proof    []string  `json:"proof"`
	Entries  []Line    `json:"entries"`  // added
	Members  []string  `json:"members"`  // joined, with new keys, or left
	Measures []Measure `json:"measures"` // proposed, voted on or approved since
	Profiles []Profile `json:"profiles"`
	Runs     []Run     `json:"runs"` // authorised or ended since
	// Motions were put, voted on or ended since; Later says what else is new: charters, agreements, attestations, structures, appeals, submissions, statements.
	Motions []Motion `json:"motions"`
	Later   []string `json:"later"`
}

// Diff verifies two bundles and says what the later one adds. The error is of reading.
func Diff(older, newer *Bundle, o Options) (*Difference, error) {
	d := &Difference{}
	var sides [2]*Result
	var logs [2]*history
	for i, side := range []struct {
		name string
		b    *Bundle
	}{{"old", older}, {"new", newer}} {
		var f findings
		res, h, err := verify(side.b, o, &f)
		if err != nil {
			return nil, fmt.Errorf("verify the %s bundle: %w", side.name, err)
		}
		for _, x := range res.Findings {
			x.Where = side.name + " bundle: " + x.Where
			d.Findings = append(d.Findings, x)
		}
		sides[i], logs[i] = res, h
	}
	if len(d.Findings) > 0 {
		return d, nil
	}
	a, b := logs[0], logs[1]
	d.Ledger, d.From, d.To = b.claimed.Origin, a.claimed.Size, b.claimed.Size
	if x := extends(a, b); x != nil {
		d.Findings = append(d.Findings, *x)
		return d, nil
	}
	for _, p := range b.tree.consistency(d.From, d.To) {
		d.Proof = append(d.Proof, base64.StdEncoding.EncodeToString(p[:]))
	}
	d.added(sides[0].Report, sides[1].Report)
	d.Verified = true
	return d, nil
}

// extends says why log b does not continue log a; nil when it does. The proof is made by this package's tree and checked by the ledger's.
func extends(a, b *history) *Finding {
	from, to := a.claimed, b.claimed
	if from.Origin == to.Origin && from.Size > to.Size {
		return bad(CodeOlder, "", "the bundle called new has %d entries, the one called old %d; are they the wrong way round?", to.Size, from.Size)
	}
	if from.Origin != to.Origin {
		return bad(CodeFork, "", "the bundles are of two ledgers, %q and %q", from.Origin, to.Origin)
	}
	if err := ledger.VerifyConsistency(b.tree.consistency(from.Size, to.Size), from, to); err == nil {
		return nil
	}
	for i := range a.lines {
		if a.lines[i].Hash != b.lines[i].Hash {
			return bad(CodeFork, fmt.Sprintf("entry %d", i), "is not the same in both bundles, and both are signed: keep both, they prove that the signers of one have signed another history")
		}
	}
	return bad(CodeFork, checkpointName, "of the new bundle is not a continuation of the old one's")
}

// added lists what is new or has changed.
func (d *Difference) added(older, newer *Report) {
	d.Entries = newer.Entries[d.From:]
	before := map[string]Member{}
	for _, m := range older.Members {
		before[m.Name] = m
	}
	for _, m := range newer.Members {
		was, known := before[m.Name]
		if !known {
			d.Members = append(d.Members, fmt.Sprintf("%s joined as %s %s, keys %s", m.Name, m.Role, newer.When(m.Joined), m.Fingerprint))
		}
		if n := len(m.Earlier); n > len(was.Earlier) {
			d.Members = append(d.Members, fmt.Sprintf("%s has new keys from %s: %s", m.Name, newer.When(m.Earlier[n-1].Until), m.Fingerprint))
		}
		if m.Left && !was.Left {
			d.Members = append(d.Members, fmt.Sprintf("%s left %s", m.Name, newer.When(m.Parted)))
		}
	}
	for i, m := range newer.Measures { // in order of proposal, so the older ones come first
		if i >= len(older.Measures) || m.Status != older.Measures[i].Status || len(m.Votes) != len(older.Measures[i].Votes) {
			d.Measures = append(d.Measures, m)
		}
	}
	d.Profiles = newer.Profiles[len(older.Profiles):]
	for i, r := range newer.Runs {
		if i >= len(older.Runs) || r.Status != older.Runs[i].Status {
			d.Runs = append(d.Runs, r)
		}
	}
	for i, m := range newer.Motions {
		if i >= len(older.Motions) || m.Ended != older.Motions[i].Ended || len(m.Votes) != len(older.Motions[i].Votes) {
			d.Motions = append(d.Motions, m)
		}
	}
	for _, c := range newer.Charters[len(older.Charters):] {
		d.later("charter version %d in force %s", c.Version, newer.When(c.Index))
	}
	for i, a := range newer.Agreements {
		switch {
		case i >= len(older.Agreements):
			d.later("agreement %s version %d enacted %s", a.ID, a.Version, newer.When(a.Index))
		case a.Ended != older.Agreements[i].Ended:
			d.later("agreement %s version %d ended or replaced %s", a.ID, a.Version, newer.When(a.Ended))
		}
	}
	for _, a := range newer.Attestations[len(older.Attestations):] {
		d.later("%s attested for %d %s", a.Member, a.Year, newer.When(a.Index))
	}
	for _, x := range newer.Structures[len(older.Structures):] {
		d.later("structure %s version %d recommended %s", x.ID, x.Version, newer.When(x.Index))
	}
	for i, a := range newer.Appeals {
		switch {
		case i >= len(older.Appeals):
			d.later("appeal %s on run %s opened %s", a.ID, a.Run, newer.When(a.Index))
		case a.Outcome != older.Appeals[i].Outcome:
			d.later("appeal %s %s %s", a.ID, a.Outcome, newer.When(a.Decided))
		}
	}
	for i, x := range newer.Submissions {
		switch {
		case i >= len(older.Submissions):
			d.later("own result of %s for practice %s submitted %s", x.Author, x.Practice, newer.When(x.Index))
		case x.Finding != older.Submissions[i].Finding:
			d.later("own result at entry %d %s %s", x.Index, x.Finding, newer.When(x.Audited))
		}
	}
	for i, x := range newer.Rooms {
		switch {
		case i >= len(older.Rooms):
			d.later("silent room %s opened %s", x.Room, newer.When(x.Index))
		case x.Closed != older.Rooms[i].Closed:
			d.later("silent room %s closed %s", x.Room, newer.When(x.Closed))
		}
	}
	for _, x := range newer.Statements[len(older.Statements):] {
		d.later("%d statements of room %s %s", len(x.Statements), x.Room, newer.When(x.Index))
	}
}

func (d *Difference) later(format string, args ...any) {
	d.Later = append(d.Later, fmt.Sprintf(format, args...))
}
