package govern

import (
	"encoding/json"
	"fmt"
	"slices"
	"strings"
	"time"

	"github.com/tacet-health/tacet/governance/audit"
	"github.com/tacet-health/tacet/governance/entry"
	"github.com/tacet-health/tacet/governance/rules"
	"github.com/tacet-health/tacet/measures"
	"github.com/tacet-health/tacet/measures/disclosure"
)

// Describe says what an entry would do, for people: as text, and as lines against what is in force (" " kept, "-" out, "+" in). diff is empty where an entry
// replaces nothing and adds no document: a comment, a vote.
func Describe(s *rules.State, kind string, body json.RawMessage) (text, diff string) {
	text = audit.Sentence(kind, body)
	switch kind {
	case rules.KindMeasurePropose:
		var b rules.MeasurePropose
		if entry.Decode(body, &b) == nil {
			if spec, err := measures.ParseCanonical(b.Definition); err == nil {
				old, _ := measure(s, b.ID, isApproved)
				return text + ": " + spec.Title, measures.Diff(old.Spec(), spec)
			}
		}
	case rules.KindProfileSet:
		var b rules.ProfileSet
		var p disclosure.Profile
		if entry.Decode(body, &b) == nil && entry.Decode(b.Profile, &p) == nil {
			if old, ok := s.Profile(b.Name); ok {
				return text, compare(old.Profile, p)
			}
			return text, compare(nil, p)
		}
	case rules.KindRosterSet:
		var b rules.RosterSet
		if entry.Decode(body, &b) == nil {
			return text, roster(s, b.Practices, b.Regions)
		}
	case rules.KindRosterAmend:
		var b rules.RosterAmend
		if entry.Decode(body, &b) == nil {
			return text, roster(s, b.Practices, b.Regions)
		}
	case rules.KindMotionPropose:
		var b rules.MotionPropose
		if entry.Decode(body, &b) == nil {
			return text, motion(s, b.Subject, b.Body)
		}
	case rules.KindMotionVote, rules.KindMotionCarry, rules.KindMotionObject, rules.KindMotionComment, rules.KindMotionRespond, rules.KindMotionWithdraw:
		var b struct {
			ID string `json:"id"`
		}
		if json.Unmarshal(body, &b) == nil {
			if m, ok := s.Motion(b.ID); ok {
				return text + "\n" + matterText(m.Subject+": "+audit.MotionText(m.Subject, m.Body), m.Deliberation), motion(s, m.Subject, m.Body)
			}
		}
	case rules.KindMeasureVote, rules.KindMeasureApprove, rules.KindMeasureObject, rules.KindMeasureComment, rules.KindMeasureRespond, rules.KindMeasureWithdraw, rules.KindMeasureRefer, rules.KindMeasurePublish:
		var b struct {
			Hash string `json:"hash"`
		}
		if json.Unmarshal(body, &b) == nil {
			if m, ok := s.Measure(b.Hash); ok {
				old, _ := measure(s, m.ID, isApproved)
				return text + "\n" + matterText(fmt.Sprintf("%s %s (%s), %s", m.ID, m.Version, m.Hash, m.Status), m.Deliberation), measures.Diff(old.Spec(), m.Spec())
			}
		}
	case rules.KindRunVeto, rules.KindRunVoid:
		var b struct {
			Run string `json:"run"`
		}
		if json.Unmarshal(body, &b) == nil {
			if r, ok := s.Run(b.Run); ok {
				return text, fmt.Sprintf("- run %s: %s\n+ run %s: void\n", b.Run, r.Status, b.Run)
			}
		}
	case rules.KindRosterIdentify:
		var b rules.RosterIdentify
		if entry.Decode(body, &b) == nil {
			return text, compare(s.Practices(), b.Practices)
		}
	case rules.KindStatementPost, rules.KindRoomOpen, rules.KindAdoptionOpen, rules.KindAppealOpen, rules.KindSubmit:
		return text, compare(nil, body)
	}
	return text, ""
}

// matterText is a matter with how its discussion stands.
func matterText(what string, d rules.Deliberation) string {
	var b strings.Builder
	fmt.Fprintf(&b, "on: %s\n", what)
	for _, c := range d.Comments {
		fmt.Fprintf(&b, "  comment of %s (entry %d): %s\n", c.Author, c.Index, c.Text)
		if c.Answered > 0 {
			fmt.Fprintf(&b, "    answer of %s: %s\n", c.By, c.Response)
		} else {
			fmt.Fprintf(&b, "    no answer\n")
		}
	}
	for _, o := range d.Objections {
		fmt.Fprintf(&b, "  objection of %s: %s\n", o.Member, o.Text)
	}
	b.WriteString(votesText(d))
	if d.Closes > 0 {
		fmt.Fprintf(&b, "  comments until %s\n", moment(d.Closes))
	}
	if d.Consent > 0 {
		fmt.Fprintf(&b, "  objections until %s\n", moment(d.Consent))
	}
	return strings.TrimSuffix(b.String(), "\n")
}

func moment(t int64) string { return time.Unix(t, 0).UTC().Format("2006-01-02 15:04 UTC") }

// motion holds what a motion would do against what is in force.
func motion(s *rules.State, subject string, body json.RawMessage) string {
	var old, fresh any
	switch subject {
	case rules.SubjectCharter:
		if all := s.Charters(); len(all) > 0 {
			old = all[len(all)-1].Charter
		}
		fresh = body
	case rules.SubjectSeats:
		var b rules.SeatSet
		if entry.Decode(body, &b) != nil {
			return ""
		}
		after := slices.DeleteFunc(s.Seats(), func(x rules.Seat) bool { return slices.Contains(b.Vacate, x.ID) })
		return lineDiff(seats(s.Seats()), seats(append(after, b.Assign...)))
	case rules.SubjectChair:
		var b rules.SeatChair
		if entry.Decode(body, &b) != nil {
			return ""
		}
		return lineDiff([]string{"chair: " + s.Chair()}, []string{"chair: " + b.Holder})
	case rules.SubjectRemove:
		var b rules.MemberRemove
		if entry.Decode(body, &b) != nil {
			return ""
		}
		m, _ := s.Member(b.Name)
		return fmt.Sprintf("- member %s (%s): %s\n", b.Name, m.Role, m.Fingerprint())
	case rules.SubjectRekey:
		var b rules.MemberRekey
		if entry.Decode(body, &b) != nil {
			return ""
		}
		m, _ := s.Member(b.Member.Name)
		return lineDiff([]string{"keys of " + m.Name + ": " + m.Fingerprint()}, []string{"keys of " + b.Member.Name + ": " + b.Member.Fingerprint()})
	case rules.SubjectRetire:
		var b rules.MeasureRetire
		if entry.Decode(body, &b) != nil {
			return ""
		}
		m, _ := s.Measure(b.Hash)
		return fmt.Sprintf("- measure %s %s: %s\n+ measure %s %s: retired\n", m.ID, m.Version, m.Status, m.ID, m.Version)
	case rules.SubjectEnact:
		var b rules.Agreement
		if entry.Decode(body, &b) != nil {
			return ""
		}
		for _, x := range s.Agreements() {
			if x.ID == b.ID {
				old = x.Agreement
			}
		}
		fresh = b
	case rules.SubjectFreeze:
		return fmt.Sprintf("- ledger %s: takes entries\n+ ledger %s: frozen for good; nothing is added, no run and no release\n", s.Genesis().Ledger, s.Genesis().Ledger)
	case rules.SubjectEnd:
		var b rules.AgreementEnd
		if entry.Decode(body, &b) != nil {
			return ""
		}
		return fmt.Sprintf("- agreement %s: in force\n+ agreement %s: ended\n", b.ID, b.ID)
	case rules.SubjectStructure:
		var b rules.Structure
		if entry.Decode(body, &b) != nil {
			return ""
		}
		for _, x := range s.Structures() {
			if x.ID == b.ID {
				old = x.Structure
			}
		}
		fresh = b
	}
	return compare(old, fresh)
}

func seats(all []rules.Seat) (out []string) {
	for _, x := range all {
		out = append(out, fmt.Sprintf("seat %s (%s): %s", x.ID, x.Class, x.Holder))
	}
	return out
}

// roster compares a list of practices, with their regions, with the one that was put on record last, as sets.
func roster(s *rules.State, practices, regions []string) string {
	fresh := rules.Roster{Practices: practices, Regions: regions}.Lines()
	var old []string
	if all := s.Rosters(); len(all) > 0 {
		old = all[len(all)-1].Lines()
	}
	was, is := map[string]bool{}, map[string]bool{}
	for _, p := range old {
		was[p] = true
	}
	for _, p := range fresh {
		is[p] = true
	}
	var b strings.Builder
	kept := 0
	for _, p := range old {
		if !is[p] {
			fmt.Fprintf(&b, "- %s\n", p)
		}
	}
	for _, p := range fresh {
		if was[p] {
			kept++
		} else {
			fmt.Fprintf(&b, "+ %s\n", p)
		}
	}
	fmt.Fprintf(&b, "  (%d kept of %d)\n", kept, len(old))
	return b.String()
}

// compare prints two documents field by field and compares the lines; nil is nothing.
func compare(old, fresh any) string { return lineDiff(lines(old), lines(fresh)) }

func lines(v any) []string {
	if v == nil {
		return nil
	}
	raw, err := entry.Canonical(v)
	if err != nil {
		return nil
	}
	var b strings.Builder
	e := json.NewEncoder(&b)
	e.SetEscapeHTML(false)
	e.SetIndent("", "  ")
	if e.Encode(json.RawMessage(raw)) != nil {
		return nil
	}
	return strings.Split(strings.TrimSuffix(b.String(), "\n"), "\n")
}

// maxCells bounds the table of lineDiff.
const maxCells = 4 << 20

// lineDiff compares lines by their longest common subsequence.
func lineDiff(old, fresh []string) string {
	var b strings.Builder
	n, m := len(old), len(fresh)
	if (n+1)*(m+1) > maxCells {
		n, m = 0, 0 // beyond what a person reads: all out, all in
	}
	best := make([][]int, n+1)
	for i := range best {
		best[i] = make([]int, m+1)
	}
	for i := n - 1; i >= 0; i-- {
		for j := m - 1; j >= 0; j-- {
			if best[i][j] = max(best[i+1][j], best[i][j+1]); old[i] == fresh[j] {
				best[i][j] = best[i+1][j+1] + 1
			}
		}
	}
	i, j := 0, 0
	for i < n || j < m {
		switch {
		case i < n && j < m && old[i] == fresh[j]:
			fmt.Fprintf(&b, "  %s\n", old[i])
			i, j = i+1, j+1
		case j >= m || i < n && best[i+1][j] >= best[i][j+1]:
			fmt.Fprintf(&b, "- %s\n", old[i])
			i++
		default:
			fmt.Fprintf(&b, "+ %s\n", fresh[j])
			j++
		}
	}
	for ; i < len(old); i++ {
		fmt.Fprintf(&b, "- %s\n", old[i])
	}
	for ; j < len(fresh); j++ {
		fmt.Fprintf(&b, "+ %s\n", fresh[j])
	}
	return b.String()
}
