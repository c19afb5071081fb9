package node

import (
	"bufio"
	"errors"
	"fmt"
	"os"
	"path/filepath"
	"strings"

	"github.com/tacet-health/tacet/measures/withhold"
)

// Withhold is what of a payer's data no measure may see (package withhold). Without it all there is to withhold is withheld.
type Withhold struct {
	// Part2 is "withhold", or "keep" for data of which no record falls under 42 CFR Part 2; every member of a run must say the same.
	Part2 string `toml:"part2"`
	// SelfFunded are the plans (eligibility.plan) of self-funded sponsors that agreed; ["any"]: all did.
	SelfFunded []string `toml:"self_funded"`
	// Programmes is a file of NPIs, one a line, of Part 2 programmes besides the list's codes; relative to the configuration's folder.
	Programmes string `toml:"programmes"`
}

const keepPart2 = "keep"

func (w Withhold) validate() error {
	if w.Part2 != "" && w.Part2 != "withhold" && w.Part2 != keepPart2 {
		return fmt.Errorf(`withhold.part2 is %q: must be "withhold" or "keep"`, w.Part2)
	}
	p := withhold.Policy{KeepPart2: w.Part2 == keepPart2, OptedIn: w.SelfFunded}
	if p.KeepPart2 && w.Programmes != "" {
		return errors.New(`withhold.part2 is "keep", but withhold.programmes names a file: leave out one of the two`)
	}
	if err := p.Validate(); err != nil {
		return fmt.Errorf("withhold.self_funded: %w", err)
	}
	return nil
}

// digest is what the members of a run agree on.
func (w Withhold) digest() string { return withhold.Policy{KeepPart2: w.Part2 == keepPart2}.Digest() }

// policy reads the file of programmes.
func (w Withhold) policy(dir string) (withhold.Policy, error) {
	p := withhold.Policy{KeepPart2: w.Part2 == keepPart2, OptedIn: w.SelfFunded}
	if w.Programmes == "" {
		return p, p.Validate()
	}
	path := w.Programmes
	if !filepath.IsAbs(path) {
		path = filepath.Join(dir, path)
	}
	f, err := os.Open(path)
	if err != nil {
		return p, fmt.Errorf("withhold.programmes: %w", err)
	}
	defer f.Close()
	lines := bufio.NewScanner(f)
	for n := 1; lines.Scan(); n++ {
		npi, _, _ := strings.Cut(lines.Text(), "#")
		if npi = strings.TrimSpace(npi); npi == "" {
			continue
		}
		if err := (withhold.Policy{Programmes: []string{npi}}).Validate(); err != nil {
			return p, fmt.Errorf("withhold.programmes: %s:%d: %w", path, n, err)
		}
		p.Programmes = append(p.Programmes, npi)
	}
	if err := lines.Err(); err != nil {
		return p, fmt.Errorf("withhold.programmes: %s: %w", path, err)
	}
	return p, nil
}

// agrees says why this member cannot take part in a run whose manifest names another list; nil when it can.
func (w Withhold) agrees(manifest string) error {
	own := w.digest()
	switch {
	case own == manifest:
		return nil
	case own == "":
		return fmt.Errorf(`the run withholds records of 42 CFR Part 2 (list %.16s), and this node's tacet.toml says withhold.part2 = "keep"; take that out`, manifest)
	case manifest == "":
		return errors.New(`the run keeps records of 42 CFR Part 2, which this node withholds; the convener authorises it again without withhold.part2 = "keep"`)
	}
	return fmt.Errorf("the run withholds by the list %.16s of 42 CFR Part 2, and this program holds %s, %.16s: members run different versions of tacet; bring them to the same one",
		manifest, withhold.Part2.Version, own)
}

// describe says in words what is withheld, for status.
func (w Withhold) describe() []string {
	var out []string
	if w.Part2 == keepPart2 {
		out = append(out, `records of 42 CFR Part 2: kept (withhold.part2 = "keep")`)
	} else {
		out = append(out, fmt.Sprintf("records of 42 CFR Part 2: list %s version %s, %d codes, sha256 %s", withhold.Part2.Name, withhold.Part2.Version, withhold.Part2.Size(), w.digest()))
	}
	if len(w.SelfFunded) == 0 {
		return append(out, "members of self-funded plans: all")
	}
	return append(out, "members of self-funded plans: all but those of "+strings.Join(w.SelfFunded, ", "))
}

const withholdManual = `# [withhold] is what of the data no measure may see. Without it: every claim and record of substance use disorder treatment (42 CFR Part 2, by the list
# that "tacet node withheld" prints; the member stays, and a run's manifest names the list), and members of self-funded plans.
#
#   part2 = "withhold"                "keep" only where no record falls under it; every member of a run must say the same
#   self_funded = ["plan-7"]          plans, as in eligibility.plan, whose sponsors opted in; ["any"]: all did
#   programmes = "programmes.txt"     NPIs of Part 2 programmes, one a line, that are withheld besides
`

func (w Withhold) text() string {
	if w.Part2 == "" && len(w.SelfFunded) == 0 && w.Programmes == "" {
		return withholdManual + "\n"
	}
	out := withholdManual + "[withhold]\n"
	for _, kv := range [][2]string{{"part2", w.Part2}, {"programmes", w.Programmes}} {
		if kv[1] != "" {
			out += fmt.Sprintf("%s = %q\n", kv[0], kv[1])
		}
	}
	if len(w.SelfFunded) > 0 {
		out += "self_funded = " + tomlList(w.SelfFunded) + "\n"
	}
	return out + "\n"
}

// Withheld is the list of 42 CFR Part 2 as it stands, and its hash.
func Withheld() (text, hash string) { return withhold.Part2.Text(), withhold.Part2.Hash() }
