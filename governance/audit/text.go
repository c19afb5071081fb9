package audit

import (
	"encoding/json"
	"fmt"
	"slices"
	"strings"
	"time"

	"github.com/tacet-health/tacet/governance/entry"
	"github.com/tacet-health/tacet/governance/rules"
)

// Text says in a line what an entry does, for people. It reads what the rules have accepted; of a body it does not know it says nothing.
func Text(e *entry.Signed) string { return textIn(texts, e.Kind, e.Body) }

// MotionText says in a line what a motion would do.
func MotionText(subject string, body json.RawMessage) string {
	return textIn(subjectTexts, subject, body)
}

// Sentence says in a line what an entry of a kind with that body does.
func Sentence(kind string, body json.RawMessage) string { return textIn(texts, kind, body) }

func textIn(table []wording, kind string, body json.RawMessage) string {
	for _, t := range table {
		if t.kind == kind {
			return t.say(body)
		}
	}
	return ""
}

// wording is the text of one kind, or of one subject of motions.
type wording struct {
	kind string
	say  func(json.RawMessage) string
}

// say makes the text of one kind from its body's type.
func say[B any](f func(*B) string) func(json.RawMessage) string {
	return func(body json.RawMessage) string {
		b := new(B)
		if entry.Decode(body, b) != nil {
			return ""
		}
		return f(b)
	}
}

var texts = []wording{
	{rules.KindClock, say(func(b *rules.Clock) string { return "shows " + moment(b.Time) })},
	{rules.KindCheckpointWitness, say(func(b *rules.CheckpointWitness) string {
		return fmt.Sprintf("has seen root %s of size %d", short(b.Root), b.Size)
	})},
	{rules.KindMemberJoin, say(func(b *rules.MemberJoin) string {
		return fmt.Sprintf("%s joins as %s, endorsed by %d", b.Member.Name, b.Role, len(b.Endorsements))
	})},
	{rules.KindMemberLeave, say(func(b *rules.MemberLeave) string { return b.Name + " leaves" })},
	{rules.KindMemberRotate, say(func(b *rules.MemberRotate) string { return b.Member.Name + " has new keys: " + b.Member.Fingerprint() })},
	{rules.KindMotionPropose, say(func(b *rules.MotionPropose) string {
		return fmt.Sprintf("motion %s: %s: %s", b.ID, b.Subject, textIn(subjectTexts, b.Subject, b.Body))
	})},
	{rules.KindMotionComment, say(func(b *rules.MotionRemark) string { return remark("motion "+b.ID, b.From, b.Text) })},
	{rules.KindMotionRespond, say(func(b *rules.MotionRespond) string {
		return fmt.Sprintf("motion %s: answers the comment at entry %d: %s", b.ID, b.Comment, b.Text)
	})},
	{rules.KindMotionObject, say(func(b *rules.MotionObject) string { return "objects to motion " + b.ID + ": " + b.Text })},
	{rules.KindMotionVote, say(func(b *rules.MotionVote) string { return fmt.Sprintf("votes %s on motion %s", b.Choice, b.ID) })},
	{rules.KindMotionCarry, say(func(b *rules.MotionCarry) string { return "motion " + b.ID + " is carried" })},
	{rules.KindMotionWithdraw, say(func(b *rules.MotionWithdraw) string { return "motion " + b.ID + " is withdrawn" })},
	{rules.KindMeasurePropose, say(func(b *rules.MeasurePropose) string {
		return fmt.Sprintf("proposes %s %s (%s)", b.ID, b.Version, short(b.Hash))
	})},
	{rules.KindMeasureRefer, say(func(b *rules.MeasureRefer) string { return "to the committee: " + short(b.Hash) })},
	{rules.KindMeasurePublish, say(func(b *rules.MeasurePublish) string { return "to public comment: " + short(b.Hash) })},
	{rules.KindMeasureComment, say(func(b *rules.MeasureRemark) string { return remark(short(b.Hash), b.From, b.Text) })},
	{rules.KindMeasureRespond, say(func(b *rules.MeasureRespond) string {
		return fmt.Sprintf("%s: answers the comment at entry %d: %s", short(b.Hash), b.Comment, b.Text)
	})},
	{rules.KindMeasureObject, say(func(b *rules.MeasureObject) string { return "objects to " + short(b.Hash) + ": " + b.Text })},
	{rules.KindMeasureVote, say(func(b *rules.MeasureVote) string { return fmt.Sprintf("votes %s on %s", b.Choice, short(b.Hash)) })},
	{rules.KindMeasureApprove, say(func(b *rules.MeasureApprove) string {
		if b.InForce > 0 {
			return "approved: " + short(b.Hash) + ", in force from " + moment(b.InForce)
		}
		return "approved: " + short(b.Hash)
	})},
	{rules.KindMeasureWithdraw, say(func(b *rules.MeasureWithdraw) string { return "withdraws " + short(b.Hash) })},
	{rules.KindProfileSet, say(func(b *rules.ProfileSet) string {
		return fmt.Sprintf("disclosure profile %s (%s)", b.Name, short(b.Hash))
	})},
	{rules.KindRosterSet, say(func(b *rules.RosterSet) string {
		return fmt.Sprintf("roster of %d practices (%s)%s", len(b.Practices), short(b.Hash), regions(b.Practices, b.Regions))
	})},
	{rules.KindRosterAmend, say(func(b *rules.RosterAmend) string {
		var changes []string
		for _, c := range b.Changes {
			changes = append(changes, strings.TrimSpace(fmt.Sprintf("%s %s → %s", c.Kind, strings.Join(c.From, " + "), strings.Join(c.To, " + "))))
		}
		return fmt.Sprintf("roster of %d practices (%s)%s: %s", len(b.Practices), short(b.Hash), regions(b.Practices, b.Regions), strings.Join(changes, "; "))
	})},
	{rules.KindRosterIdentify, say(func(b *rules.RosterIdentify) string {
		return fmt.Sprintf("public identifiers of %d practices", len(b.Practices))
	})},
	{rules.KindAttestAnnual, say(func(b *rules.AttestAnnual) string {
		return fmt.Sprintf("attests for %d to statement %s", b.Year, short(b.Statement))
	})},
	{rules.KindAdoptionOpen, say(func(b *rules.AdoptionOpen) string {
		return fmt.Sprintf("asks for the %s of structure %s (%s), sealed until %s", b.About, short(b.Structure), b.ID, moment(b.Close))
	})},
	{rules.KindAdoptionCommit, say(func(b *rules.AdoptionCommit) string { return "seals an answer to " + b.ID })},
	{rules.KindAdoptionReveal, say(func(b *rules.AdoptionReveal) string { return fmt.Sprintf("reveals: %s adoption (%s)", b.Answer, b.ID) })},
	{rules.KindRunAuthorise, say(func(b *rules.RunAuthorise) string { return manifest(*b) })},
	{rules.KindRunAggregate, say(func(b *rules.RunAggregate) string {
		if b.Total != nil {
			var of []string
			for _, g := range b.Total.Groups {
				of = append(of, fmt.Sprintf("%s (%d practices)", g.Name, g.Practices))
			}
			return fmt.Sprintf("run %s: exact totals %s of what run %s shows, over %s, period %s, contributors %s, who must all be present, purpose %q under %s",
				b.Run, short(b.Sum), b.Total.Run, list(of), b.Period, list(b.Contributors), b.Purpose, b.Agreement)
		}
		return fmt.Sprintf("run %s: the exact sum %s, stage %s, of %d elements, period %s, contributors %s, of whom %d must be present, purpose %q under %s",
			b.Run, short(b.Sum), b.Stage, b.Length, b.Period, list(b.Contributors), b.Threshold, b.Purpose, b.Agreement) + without(b.Withhold)
	})},
	{rules.KindModelSet, say(func(b *rules.ModelSet) string {
		return fmt.Sprintf("model %s version %d, made of the sum of run %s", b.ID, b.Version, b.Run)
	})},
	{rules.KindRunBind, say(func(b *rules.RunBind) string { return fmt.Sprintf("is bound in step %s of run %s", b.Step, b.Run) })},
	{rules.KindRunVeto, say(func(b *rules.RunVeto) string { return "vetoes run " + b.Run + ": " + b.Reason })},
	{rules.KindRunVoid, say(func(b *rules.RunVoid) string { return "run " + b.Run + " is void: " + b.Reason })},
	{rules.KindRunCertify, say(func(b *rules.RunCertify) string {
		return fmt.Sprintf("run %s is certified by %d recipients, table %s", b.Run, len(b.Signatures), short(b.Table))
	})},
	{rules.KindReleaseRestate, say(func(b *rules.ReleaseRestate) string {
		why := b.Reason
		if b.Appeal != "" {
			why = "appeal " + b.Appeal + ": " + why
		}
		return fmt.Sprintf("restates run %s (%s): %s", b.Restates, why, manifest(b.Manifest))
	})},
	{rules.KindAppealOpen, say(func(b *rules.AppealOpen) string {
		what := "run " + b.Run
		if b.Practice != "" {
			what = fmt.Sprintf("%s of practice %s in %s", b.Measure, b.Practice, what)
		}
		return fmt.Sprintf("appeal %s on %s: %s", b.ID, what, b.Ground)
	})},
	{rules.KindAppealPanel, say(func(b *rules.AppealPanel) string { return fmt.Sprintf("panel of appeal %s: %s", b.ID, list(b.Members)) })},
	{rules.KindAppealAnswer, say(func(b *rules.AppealAnswer) string { return "answers appeal " + b.ID + ": " + b.Text })},
	{rules.KindAppealDecide, say(func(b *rules.AppealDecide) string { return fmt.Sprintf("appeal %s: %s: %s", b.ID, b.Outcome, b.Text) })},
	{rules.KindSubmit, say(func(b *rules.Submit) string {
		return fmt.Sprintf("submits %d for %s of practice %s, stratum %s, period %s", b.Value, short(b.Measure), b.Practice, b.Stratum, b.Period)
	})},
	{rules.KindSubmissionAudit, say(func(b *rules.SubmissionAudit) string {
		return fmt.Sprintf("the submission at entry %d is %s: %s", b.Submission, b.Finding, b.Text)
	})},
	{rules.KindRoomOpen, say(func(b *rules.RoomOpen) string {
		return fmt.Sprintf("opens silent room %s on “%s”: %s; %d sittings from %s, with at least %d present", b.Room, b.Topic, list(b.Members), b.Sittings, moment(b.First), b.Least)
	})},
	{rules.KindRoomClose, say(func(b *rules.RoomClose) string { return "closes room " + b.Room + ": " + b.Reason })},
	{rules.KindStatementPost, say(func(b *rules.StatementPost) string {
		text := "nobody said anything"
		if len(b.Statements) > 0 {
			text = "“" + strings.Join(b.Statements, "” “") + "”"
		}
		if b.Withheld > 0 {
			text += fmt.Sprintf(" (%d withheld)", b.Withheld)
		}
		return fmt.Sprintf("room %s, sitting %d, %d present: %s", b.Room, b.Number, len(b.Present), text)
	})},
	{rules.KindBallotOpen, say(func(b *rules.BallotOpen) string { return "votes are sealed on " + ballotOn(*b) })},
	{rules.KindBallotTally, say(func(b *rules.BallotTally) string {
		return fmt.Sprintf("sealed vote on %s, %d present: %d yes, %d no, %d abstain, %d invalid", ballotOn(b.BallotOpen), len(b.Present), b.Yes, b.No, b.Abstain, b.Invalid)
	})},
}

func ballotOn(b rules.BallotOpen) string {
	if b.Motion != "" {
		return "motion " + b.Motion
	}
	return short(b.Measure)
}

var subjectTexts = []wording{
	{rules.SubjectCharter, say(func(b *rules.Charter) string {
		return fmt.Sprintf("version %d: %d plan, %d provider, %d expert seats; quorum %d %%, majority over %d %%; windows in days: comment %s, motion %s, consent %s, veto %s, appeal %s (panel of %d)",
			b.Version, b.PlanSeats, b.ProviderSeats, b.ExpertSeats, b.QuorumPercent, b.MajorityPercent,
			days(b.CommentSeconds), days(b.MotionSeconds), days(b.ConsentSeconds), days(b.VetoSeconds), days(b.AppealSeconds), b.PanelSize)
	})},
	{rules.SubjectSeats, say(func(b *rules.SeatSet) string {
		var parts []string
		for _, x := range b.Assign {
			parts = append(parts, fmt.Sprintf("%s (%s) to %s", x.ID, x.Class, x.Holder))
		}
		if len(b.Vacate) > 0 {
			parts = append(parts, "empties "+list(b.Vacate))
		}
		return strings.Join(parts, ", ")
	})},
	{rules.SubjectChair, say(func(b *rules.SeatChair) string {
		if b.Holder == "" {
			return "no chair"
		}
		return b.Holder + " takes the chair"
	})},
	{rules.SubjectRemove, say(func(b *rules.MemberRemove) string { return "removes " + b.Name + ": " + b.Reason })},
	{rules.SubjectRekey, say(func(b *rules.MemberRekey) string {
		return "new keys for " + b.Member.Name + " (" + b.Member.Fingerprint() + "): " + b.Reason
	})},
	{rules.SubjectRetire, say(func(b *rules.MeasureRetire) string { return "retires " + short(b.Hash) + ": " + b.Reason })},
	{rules.SubjectEnact, say(func(b *rules.Agreement) string {
		return fmt.Sprintf("%s version %d, %q, of %s, for: %s", b.ID, b.Version, b.Title, list(b.Parties), strings.Join(b.Purposes, "; "))
	})},
	{rules.SubjectEnd, say(func(b *rules.AgreementEnd) string { return "ends " + b.ID + ": " + b.Reason })},
	{rules.SubjectFreeze, say(func(b *rules.LedgerFreeze) string {
		if b.Successor != "" {
			return "freezes this ledger, which goes on in " + b.Successor + ": " + b.Reason
		}
		return "freezes this ledger: " + b.Reason
	})},
	{rules.SubjectSum, say(func(b *rules.SumDefine) string {
		proven := ""
		if b.Bound != nil {
			proven = ", each proven to be in range (" + b.Set() + ")"
		}
		return fmt.Sprintf("what may be summed exactly: %s version %d (%s), elements up to %d%s, under %s: %s", b.ID, b.Version, b.Kind, b.Cap, proven, b.Profile, b.Rationale)
	})},
	{rules.SubjectStructure, say(func(b *rules.Structure) string {
		return fmt.Sprintf("%s version %d, %q, not binding: direct %d %%, population %d %%, incentive %d %%; %d tracks, %d measures",
			b.ID, b.Version, b.Title, b.DirectPercent, b.PopulationPercent, b.IncentivePercent, len(b.Tracks), len(b.Measures))
	})},
}

func remark(what, from, text string) string {
	if from != "" {
		return fmt.Sprintf("%s: comment of %s: %s", what, from, text)
	}
	return what + ": comment: " + text
}

func without(list string) string {
	if list == "" {
		return ""
	}
	return fmt.Sprintf("; without records of 42 CFR Part 2 by list %.16s", list)
}

func manifest(b rules.RunAuthorise) string {
	withheld := without(b.Withhold)
	for _, m := range b.Measures {
		if m.Model != "" {
			withheld += fmt.Sprintf("; %s %s over what model %.16s… on record expects", m.ID, m.Version, m.Model)
		}
	}
	for _, l := range b.Reliability {
		if l.Measure < len(b.Measures) && l.Measure >= 0 {
			withheld += fmt.Sprintf("; asks of %s whether %d people are behind it, its line of reliability 0.70 by run %s", b.Measures[l.Measure].ID, l.Line, l.Run)
		}
	}
	return fmt.Sprintf("run %s: %d measures, %d cells, period %s, contributors %s, purpose %q under %s", b.Run, len(b.Measures), len(b.Cells), b.Period, list(b.Contributors), b.Purpose, b.Agreement) + withheld
}

func moment(t int64) string { return time.Unix(t, 0).UTC().Format("2006-01-02 15:04 UTC") }

// days prints seconds as days, with a decimal where they are not whole.
func days(seconds int64) string {
	return strings.TrimSuffix(strings.TrimRight(fmt.Sprintf("%d.%02d", seconds/86400, seconds%86400*100/86400), "0"), ".")
}

// regions says how many practices of a roster each region has; empty where it has none.
func regions(practices, names []string) string {
	count := map[string]int{}
	var order []string
	for i := range practices {
		if i >= len(names) || names[i] == "" {
			continue
		}
		if count[names[i]]++; count[names[i]] == 1 {
			order = append(order, names[i])
		}
	}
	if order == nil {
		return ""
	}
	slices.Sort(order)
	for i, r := range order {
		order[i] = fmt.Sprintf("%s %d", r, count[r])
	}
	return ", by region: " + list(order)
}
