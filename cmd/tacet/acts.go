package main

import (
	"cmp"
	"strings"
	"time"

	"github.com/spf13/cobra"

	"github.com/tacet-health/tacet/node/admin"
)

// proposals are the documents that a member proposes beside measures, profiles, rosters and runs.
func proposals(dir *string) []*cobra.Command {
	id := map[string]string{"id": "the motion's name (default: the subject and a number)"}
	reason := map[string]string{"id": id["id"], "reason": "why"}
	motion := func(use, short, subject, file string, o map[string]string) *cobra.Command {
		return actCommand(dir, use, short, "propose "+subject, file, o)
	}
	return []*cobra.Command{
		motion("charter FILE", "Move a charter, or its next version: seats, quorum, majority, windows", "charter", "json", id),
		motion("seats FILE", "Move who holds which seats: {\"vacate\":[…],\"assign\":[{\"id\",\"class\",\"holder\"}]}", "seats", "json", id),
		motion("chair NAME", "Move who takes the chair (nobody: no chair)", "chair", "", id),
		motion("remove MEMBER", "Move to remove a member; the other payers decide", "remove", "", reason),
		motion("rekey FILE", "Move new keys for a member that lost its own; the other payers decide", "rekey", "json", id),
		motion("retire MEASURE", "Move to retire an approved measure", "retire", "", reason),
		motion("agreement FILE", "Move a data agreement, or its next version", "agreement", "json", id),
		motion("agreement-end ID", "Move to end a data agreement", "agreement-end", "", reason),
		motion("freeze LEDGER", "Move to close the ledger for good: nothing is added any more; export its evidence then", "freeze", "", reason),
		motion("sum FILE", "Move what may be summed exactly: {id, kind: risk|reliability|quality, definition, cap, profile, rationale, bound}; a risk model has a default definition; bound {kind: sumvec, bits, low} or {kind: histogram} asks for proofs of range", "sum", "json", id),
		motion("structure FILE", "Move a recommended payment structure, or its next version", "structure", "json", id),
		actCommand(dir, "amend FILE", "Put a roster on record that follows from another by openings, closings, merges and splits (the convener)", "amend", "json", nil),
		actCommand(dir, "identify FILE", "Put public identifiers of practices on record (the convener)", "identify", "json", nil),
	}
}

// acts are what a member does with what is on record.
func acts(dir *string) []*cobra.Command {
	adopt := &cobra.Command{Use: "adopt", Short: "Ask payers what they adopt of a structure; answer sealed, then reveal", Args: cobra.ArbitraryArgs, RunE: group}
	adopt.AddCommand(
		actCommand(dir, "open ID STRUCTURE intention|status DATE", "Ask; answers are sealed until the date (the convener or the chair)", "adopt-open", "", nil),
		actCommand(dir, "commit ID full|partial|none", "Seal this payer's answer; the member keeps it until it is revealed", "adopt-commit", "", nil),
		actCommand(dir, "reveal ID", "Reveal this payer's answer after the date", "adopt-reveal", "", nil))
	appeal := &cobra.Command{Use: "appeal", Short: "Contest a result, answer, and decide", Args: cobra.ArbitraryArgs, RunE: group}
	appeal.AddCommand(
		actCommand(dir, "open ID RUN GROUND", "Contest a result, or one figure of it", "appeal-open", "", map[string]string{"measure": "id of the measure", "practice": "the practice"}),
		actCommand(dir, "panel ID NAME…", "Name the panel (the convener or the chair)", "appeal-panel", "", nil),
		actCommand(dir, "answer ID TEXT", "Answer an appeal (the convener or a contributor)", "appeal-answer", "", nil),
		actCommand(dir, "decide ID upheld|dismissed TEXT", "Give an opinion (one of the panel)", "appeal-decide", "", nil))
	return []*cobra.Command{
		actCommand(dir, "refer MEASURE", "Bring a draft to the committee (the convener or the chair)", "refer", "", nil),
		actCommand(dir, "publish MEASURE", "Put a measure to public comment (the convener or the chair)", "publish", "", nil),
		actCommand(dir, "comment MATTER TEXT", "Comment on a measure or a motion", "comment", "", map[string]string{"from": "one of the public, for whom the convener writes"}),
		actCommand(dir, "respond MATTER ENTRY TEXT", "Answer the comment at that entry (who proposed it, the convener, the chair)", "respond", "", nil),
		actCommand(dir, "object MATTER TEXT", "Object to unanimous consent (a plan or provider seat)", "object", "", nil),
		actCommand(dir, "vote MATTER yes|no|abstain", "Vote on a measure or a motion, once", "vote", "", nil),
		actCommand(dir, "seal MATTER", "Have the vote on a measure or a motion held by sealed ballots (the convener or the chair)", "ballot", "", nil),
		actCommand(dir, "approve MATTER", "Close a vote in favour: a measure is approved, a motion carried (the convener or the chair)", "approve", "", map[string]string{"in-force": "date from which runs may use the measure"}),
		actCommand(dir, "withdraw MATTER", "Take back what this member proposed", "withdraw", "", nil),
		actCommand(dir, "attest FILE", "Attest for this year to the antitrust statement in FILE, whose hash the charter has", "attest", "text", nil),
		actCommand(dir, "veto RUN REASON", "Veto a run before it starts (counsel)", "veto", "", nil),
		actCommand(dir, "void RUN REASON", "End a run without a result (the convener or a contributor)", "void", "", nil),
		actCommand(dir, "self-report MEASURE PERIOD PRACTICE STRATUM VALUE FILE", "Submit an own result with its evidence, of which the log gets the hash (a provider)", "submit", "evidence", nil),
		actCommand(dir, "audit ENTRY confirmed|rejected TEXT", "Confirm or reject the own result at that entry (an auditor)", "audit", "", nil),
		actCommand(dir, "witness", "Put the root of the log on record as this member has it", "witness", "", nil),
		actCommand(dir, "leave", "Leave the ledger", "leave", "", nil),
		adopt, appeal,
	}
}

// printDocket prints what is open and what waits for the member.
func printDocket(out *lines, d admin.Docket) {
	when := func(t int64) string { return time.Unix(t, 0).UTC().Format("2006-01-02 15:04 UTC") }
	if d.Time > 0 {
		out.print("the log's time is %s", when(d.Time))
	} else {
		out.print("the log has no time yet: fewer than half of the payers have shown a clock")
	}
	if len(d.Items) == 0 {
		out.print("nothing is open")
	}
	for _, it := range d.Items {
		stage := it.Stage
		if it.Until > 0 {
			stage += " until " + when(it.Until)
		}
		out.print("open     %s %s: %s\n         %s", it.Kind, it.ID, it.Text, stage)
		if len(it.Waits) > 0 {
			out.print("         waits for %s", strings.Join(it.Waits, ", "))
		}
		for _, y := range it.Yours {
			out.print("         %s may: %s", cmp.Or(d.Member, "you"), y)
		}
	}
}

// shown is what show prints as JSON.
type shown struct {
	admin.State
	Docket admin.Docket `json:"docket"`
}
