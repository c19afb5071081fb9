package withhold

import (
	"errors"
	"fmt"
	"slices"
	"strings"
	"unicode"
)

// Policy is what a payer withholds from every measure. The zero value withholds all there is to withhold.
type Policy struct {
	KeepPart2  bool     // let measures see records on the list of 42 CFR Part 2
	OptedIn    []string // plans (eligibility.plan) of self-funded sponsors that agreed; Anyone for all of them
	Programmes []string // NPIs of Part 2 programmes besides the list's
}

// Anyone in OptedIn stands for every sponsor.
const Anyone = "any"

// Digest is what members agree on: the hash of the list in force, or nothing when records on it are kept. Which sponsors opted in and which
// programmes a payer knows is its own matter.
func (p Policy) Digest() string {
	if p.KeepPart2 {
		return ""
	}
	return Part2.Hash()
}

// Validate holds what goes into a query to its form.
func (p Policy) Validate() error {
	for _, s := range p.OptedIn {
		if s == "" || len(s) > 100 || strings.ContainsFunc(s, func(r rune) bool { return !unicode.IsPrint(r) || r == '\\' }) {
			return fmt.Errorf("the plan %.40q is not 1 to 100 printable characters", s)
		}
	}
	for _, n := range p.Programmes {
		if len(n) != 10 || strings.Trim(n, "0123456789") != "" {
			return fmt.Errorf("%.40q is not an NPI of ten digits", n)
		}
	}
	if p.KeepPart2 && len(p.Programmes) > 0 {
		return errors.New("programmes are named and records of 42 CFR Part 2 kept: leave out one of the two")
	}
	return nil
}

func (p Policy) spans() bool { return !slices.Contains(p.OptedIn, Anyone) }

func quote(s string) string { return "'" + strings.ReplaceAll(s, "'", "''") + "'" }

func inList(codes []string) string {
	quoted := make([]string, len(codes))
	for i, c := range slices.Sorted(slices.Values(codes)) {
		quoted[i] = quote(c)
	}
	return "(" + strings.Join(quoted, ", ") + ")"
}
