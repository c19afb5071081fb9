package govern

import (
	"fmt"
	"slices"
	"strings"

	"github.com/tacet-health/tacet/governance/audit"
	"github.com/tacet-health/tacet/governance/entry"
	"github.com/tacet-health/tacet/governance/rules"
	"github.com/tacet-health/tacet/node/admin"
)

// docket collects what is open. What a member may do is what the rules say of it now (rules.State.Preview), and nothing that is written down twice.
type docket struct {
	s  *rules.State
	me string
	admin.Docket
}

// Open is what is open in the log and what waits for the member.
func Open(s *rules.State, me string) admin.Docket {
	d := &docket{s: s, me: me, Docket: admin.Docket{Member: me, Time: s.Now(), Items: []admin.Item{}}}
	d.measures()
	d.motions()
	d.runs()
	d.appeals()
	d.rest()
	return d.Docket
}

// may adds a command to an item when the rules let the member give it.
func (d *docket) may(it *admin.Item, kind string, body any, format string, args ...any) {
	raw, err := entry.Canonical(body)
	if err == nil && d.s.Preview(d.me, kind, raw) == nil {
		it.Yours = append(it.Yours, "tacet "+fmt.Sprintf(format, args...))
	}
}

func (d *docket) add(it admin.Item) {
	if it.Waits == nil {
		it.Waits = []string{}
	}
	if it.Yours == nil {
		it.Yours = []string{}
	}
	d.Items = append(d.Items, it)
}

// stage says in which window a discussion is, and until when.
func (d *docket) stage(x rules.Deliberation, otherwise string) (string, int64) {
	switch now := d.s.Now(); {
	case now < x.Closes:
		return "comments", x.Closes
	case now < x.Consent:
		return "objections", x.Consent
	}
	return otherwise, 0
}

// sealed adds what there is to do in a sealed vote that is not counted.
func (d *docket) sealed(it *admin.Item, name string, x rules.Deliberation, voters []string) {
	if x.Sealed == nil || x.Sealed.Result != nil {
		return
	}
	if it.Stage = "sealed ballots"; slices.Contains(voters, d.me) {
		it.Yours = append(it.Yours, "tacet govern ballot "+name+" yes|no|abstain")
	}
	if d.me == d.s.Convener() {
		it.Yours = append(it.Yours, "tacet govern count "+name)
	}
}

// votesText says how a vote stands.
func votesText(d rules.Deliberation) string {
	if d.Sealed != nil {
		return fmt.Sprintf("  votes are sealed since entry %d\n", d.Sealed.Opened)
	}
	text := ""
	for _, v := range d.Votes {
		text += fmt.Sprintf("  vote: %s %s\n", v.Choice, v.Member)
	}
	return text
}

// waits are those who have not voted; who has cast a sealed ballot nobody knows.
func waits(voters []string, x rules.Deliberation) []string {
	switch {
	case x.Sealed == nil:
		return missing(voters, x.Votes)
	case x.Sealed.Result == nil:
		return voters
	}
	return nil
}

// missing are those who decide and have not voted.
func missing(voters []string, votes []rules.Vote) (out []string) {
	for _, n := range voters {
		if !slices.ContainsFunc(votes, func(v rules.Vote) bool { return v.Member == n }) {
			out = append(out, n)
		}
	}
	return out
}

func (d *docket) measures() {
	for _, m := range d.s.Measures() {
		if !undecided(m.Status) {
			continue
		}
		name := m.ID + "@" + m.Version
		it := admin.Item{Kind: "measure", ID: name, Text: m.Spec().Title, Stage: string(m.Status)}
		if st, until := d.stage(m.Deliberation, ""); until > 0 {
			it.Stage, it.Until = it.Stage+", "+st, until
		}
		if m.Status == rules.MeasureComment || m.Status == rules.MeasureProposed {
			it.Waits = waits(d.s.MeasureVoters(), m.Deliberation)
		}
		d.may(&it, rules.KindMeasureRefer, rules.MeasureRefer{Hash: m.Hash}, "govern refer %s", name)
		d.may(&it, rules.KindMeasurePublish, rules.MeasurePublish{Hash: m.Hash}, "govern publish %s", name)
		for _, c := range m.Comments {
			if c.Answered == 0 {
				d.may(&it, rules.KindMeasureRespond, rules.MeasureRespond{Hash: m.Hash, Comment: c.Index, Text: "x"}, "govern respond %s %d TEXT", name, c.Index)
			}
		}
		d.sealed(&it, name, m.Deliberation, d.s.MeasureVoters())
		d.may(&it, rules.KindMeasureVote, rules.MeasureVote{Hash: m.Hash, Choice: rules.Abstain}, "govern vote %s yes|no|abstain", name)
		d.may(&it, rules.KindMeasureObject, rules.MeasureObject{Hash: m.Hash, Text: "x"}, "govern object %s TEXT", name)
		d.may(&it, rules.KindMeasureApprove, rules.MeasureApprove{Hash: m.Hash}, "govern approve %s", name)
		d.add(it)
	}
}

func (d *docket) motions() {
	for _, m := range d.s.Motions() {
		if m.Ended > 0 {
			continue
		}
		it := admin.Item{Kind: "motion", ID: m.ID, Text: m.Subject + ": " + audit.MotionText(m.Subject, m.Body), Waits: waits(d.s.MotionVoters(m.ID), m.Deliberation)}
		it.Stage, it.Until = d.stage(m.Deliberation, "vote")
		for _, c := range m.Comments {
			if c.Answered == 0 {
				d.may(&it, rules.KindMotionRespond, rules.MotionRespond{ID: m.ID, Comment: c.Index, Text: "x"}, "govern respond %s %d TEXT", m.ID, c.Index)
			}
		}
		d.sealed(&it, m.ID, m.Deliberation, d.s.MotionVoters(m.ID))
		d.may(&it, rules.KindMotionVote, rules.MotionVote{ID: m.ID, Choice: rules.Abstain}, "govern vote %s yes|no|abstain", m.ID)
		d.may(&it, rules.KindMotionObject, rules.MotionObject{ID: m.ID, Text: "x"}, "govern object %s TEXT", m.ID)
		d.may(&it, rules.KindMotionCarry, rules.MotionCarry{ID: m.ID}, "govern approve %s", m.ID)
		d.add(it)
	}
}

func (d *docket) runs() {
	for _, r := range d.s.Runs() {
		name := r.Body.Run
		it := admin.Item{Kind: "run", ID: name, Text: fmt.Sprintf("%d cells, period %s, contributors %s", len(r.Body.Cells), r.Body.Period, strings.Join(r.Body.Contributors, ", "))}
		switch {
		case r.Status == rules.RunAuthorised:
			if it.Stage = "authorised"; d.s.Now() < r.Start {
				it.Stage, it.Until = "counsel may veto", r.Start
			}
			d.may(&it, rules.KindRunVeto, rules.RunVeto{Run: name, Reason: "x"}, "govern veto %s REASON", name)
			d.may(&it, rules.KindRunVoid, rules.RunVoid{Run: name, Reason: "x"}, "govern void %s REASON", name)
		case r.Status == rules.RunCertified && d.s.Now() < r.AppealUntil:
			it.Stage, it.Until = "certified, appeals", r.AppealUntil
			d.may(&it, rules.KindAppealOpen, rules.AppealOpen{ID: "x", Run: name, Ground: "x"}, "govern appeal open ID %s GROUND", name)
		default:
			continue
		}
		d.add(it)
	}
}

func (d *docket) appeals() {
	for _, a := range d.s.Appeals() {
		if a.Outcome != "" {
			continue
		}
		it := admin.Item{Kind: "appeal", ID: a.ID, Text: "on run " + a.Run + ": " + a.Ground, Stage: "a panel is missing"}
		if len(a.Panel) > 0 {
			it.Stage = "an answer is missing"
		}
		if len(a.Panel) > 0 && len(a.Answers) > 0 {
			it.Stage = "the panel decides"
			for _, n := range a.Panel {
				if !slices.ContainsFunc(a.Opinions, func(o rules.Opinion) bool { return o.Member == n }) {
					it.Waits = append(it.Waits, n)
				}
			}
		}
		if len(a.Panel) == 0 && (d.me == d.s.Convener() || d.me == d.s.Chair()) {
			it.Yours = append(it.Yours, "tacet govern appeal panel "+a.ID+" NAME…")
		}
		if len(a.Answers) == 0 {
			d.may(&it, rules.KindAppealAnswer, rules.AppealAnswer{ID: a.ID, Text: "x"}, "govern appeal answer %s TEXT", a.ID)
		}
		d.may(&it, rules.KindAppealDecide, rules.AppealDecide{ID: a.ID, Outcome: rules.Dismissed, Text: "x"}, "govern appeal decide %s upheld|dismissed TEXT", a.ID)
		d.add(it)
	}
}

func (d *docket) rest() {
	hash := rules.RosterHash(nil) // a hash, for the form's sake
	for _, a := range d.s.Adoptions() {
		it := admin.Item{Kind: "adoption", ID: a.ID, Text: a.About + " of structure " + a.Structure}
		if d.s.Now() < a.Close {
			it.Stage, it.Until = "answers are sealed", a.Close
			for _, n := range d.s.Payers() {
				if !slices.ContainsFunc(a.Answers, func(x rules.SealedAnswer) bool { return x.Member == n }) {
					it.Waits = append(it.Waits, n)
				}
			}
			d.may(&it, rules.KindAdoptionCommit, rules.AdoptionCommit{ID: a.ID, Digest: hash}, "govern adopt commit %s full|partial|none", a.ID)
			d.add(it)
			continue
		}
		it.Stage = "answers are revealed"
		for _, x := range a.Answers {
			if x.Revealed > 0 {
				continue
			}
			if it.Waits = append(it.Waits, x.Member); x.Member == d.me {
				it.Yours = append(it.Yours, "tacet govern adopt reveal "+a.ID)
			}
		}
		if it.Waits != nil {
			d.add(it)
		}
	}
	for _, x := range d.s.Rooms() {
		if !x.Open() {
			continue
		}
		it := admin.Item{Kind: "room", ID: x.Room, Text: x.Topic + ", for " + strings.Join(x.Members, ", "), Stage: fmt.Sprintf("%d of %d sittings on record", x.Sat, x.Sittings)}
		if slices.Contains(x.Members, d.me) {
			it.Yours = append(it.Yours, "tacet node room say "+x.Room+" TEXT")
		}
		d.may(&it, rules.KindRoomClose, rules.RoomClose{Room: x.Room, Reason: "x"}, "node room close %s REASON", x.Room)
		d.add(it)
	}
	for _, x := range d.s.Submissions() {
		if x.Finding == "" {
			it := admin.Item{Kind: "submission", ID: fmt.Sprint(x.Index), Text: fmt.Sprintf("%d for practice %s, by %s", x.Value, x.Practice, x.Author), Stage: "not audited"}
			d.may(&it, rules.KindSubmissionAudit, rules.SubmissionAudit{Submission: x.Index, Finding: rules.Confirmed, Text: "x"}, "govern audit %d confirmed|rejected TEXT", x.Index)
			d.add(it)
		}
	}
	if all := d.s.Charters(); len(all) > 0 && all[len(all)-1].Attestation != "" {
		it := admin.Item{Kind: "attestation", ID: "annual", Text: "the charter's antitrust statement " + all[len(all)-1].Attestation, Stage: "this year's"}
		if _, body, err := attestBody(d.s, all[len(all)-1].Attestation); err == nil {
			d.may(&it, rules.KindAttestAnnual, body, "govern attest FILE")
		}
		if it.Yours != nil {
			it.Waits = []string{d.me}
			d.add(it)
		}
	}
}
