package transcript

import (
	"slices"
	"strings"

	"github.com/tacet-health/tacet/governance/rules"
)

// template is a body of the kind, or of the subject of a motion, in which only what a line is about has to be changed.
func (w *World) template(kind string) any {
	hash := strings.Repeat("0", 64)
	rate := ref("m-rate", "").Hash
	switch kind {
	case rules.KindClock:
		return &rules.Clock{}
	case rules.KindCheckpointWitness:
		return &rules.CheckpointWitness{Size: 1, Root: hash}
	case rules.KindMemberLeave:
		return &rules.MemberLeave{}
	case rules.KindMotionComment:
		return &rules.MotionRemark{Text: "why so"}
	case rules.KindMotionRespond:
		return &rules.MotionRespond{Text: "because"}
	case rules.KindMotionObject:
		return &rules.MotionObject{Text: "not so"}
	case rules.KindMotionVote:
		return &rules.MotionVote{}
	case rules.KindMotionCarry:
		return &rules.MotionCarry{}
	case rules.KindMotionWithdraw:
		return &rules.MotionWithdraw{}
	case rules.KindMeasurePropose:
		b := rules.NewMeasurePropose(Spec("m-rate", "1.0.0"))
		return &b
	case rules.KindMeasureRefer:
		return &rules.MeasureRefer{Hash: rate}
	case rules.KindMeasurePublish:
		return &rules.MeasurePublish{Hash: rate}
	case rules.KindMeasureComment:
		return &rules.MeasureRemark{Hash: rate, Text: "why so"}
	case rules.KindMeasureRespond:
		return &rules.MeasureRespond{Hash: rate, Text: "because"}
	case rules.KindMeasureObject:
		return &rules.MeasureObject{Hash: rate, Text: "not so"}
	case rules.KindMeasureVote:
		return &rules.MeasureVote{Hash: rate}
	case rules.KindMeasureApprove:
		return &rules.MeasureApprove{Hash: rate}
	case rules.KindMeasureWithdraw:
		return &rules.MeasureWithdraw{Hash: rate}
	case rules.KindRosterAmend:
		return &rules.RosterAmend{From: rules.RosterHash([]string{"p1", "p2", "p3"})}
	case rules.KindRosterIdentify:
		return &rules.RosterIdentify{}
	case rules.KindAttestAnnual:
		return &rules.AttestAnnual{Year: 2021, Statement: hash}
	case rules.KindAdoptionOpen:
		return &rules.AdoptionOpen{About: "intention"}
	case rules.KindAdoptionCommit:
		return &rules.AdoptionCommit{}
	case rules.KindAdoptionReveal:
		return &rules.AdoptionReveal{Salt: strings.Repeat("5", 64)}
	case rules.SubjectSum:
		return &rules.SumDefine{ID: "risk", Version: 1, Kind: "risk", Definition: []byte(`{"bands":[0]}`), Cap: 1 << 40, Profile: "quality-rate", Rationale: "one model for all"}
	case rules.KindModelSet:
		return &rules.ModelSet{ID: "risk", Version: 1, Run: "s1", Model: []byte(`{"coefficients":[1]}`)}
	case rules.KindRunVeto:
		return &rules.RunVeto{Reason: "antitrust"}
	case rules.KindRunVoid:
		return &rules.RunVoid{Reason: "our data is late"}
	case rules.KindAppealOpen:
		return &rules.AppealOpen{Ground: "our patients are not counted"}
	case rules.KindAppealPanel:
		return &rules.AppealPanel{}
	case rules.KindAppealAnswer:
		return &rules.AppealAnswer{Text: "they are"}
	case rules.KindAppealDecide:
		return &rules.AppealDecide{Text: "the attribution was wrong"}
	case rules.KindSubmit:
		return &rules.Submit{Measure: rate, Period: "2010", Practice: "p1", Stratum: "all", Evidence: hash}
	case rules.KindSubmissionAudit:
		return &rules.SubmissionAudit{Text: "30 charts were looked at"}
	case rules.KindStatementPost:
		return &rules.StatementPost{Sitting: rules.Sitting{Room: "room-1", Number: 1, Present: slices.Clone(Founders[:3]), Statements: []string{"Attribution needs a second look."}, Transcript: hash}}
	case rules.KindRoomOpen:
		return &rules.RoomOpen{Room: "room-1", Topic: "Attribution", Members: slices.Clone(Founders[:3]), Least: 3, MaxText: 400, First: 1609459200, Every: 86400, Sittings: 4}
	case rules.KindRoomClose:
		return &rules.RoomClose{Reason: "all is said"}
	case rules.KindBallotTally:
		return &rules.BallotTally{Ballot: rules.Ballot{Number: 1, Present: slices.Clone(Founders), Yes: 3, Abstain: 1, Transcript: hash}}
	case rules.SubjectCharter:
		return &rules.Charter{Version: 1, QuorumPercent: 51, MajorityPercent: 50}
	case rules.SubjectSeats:
		return &rules.SeatSet{Vacate: []string{}, Assign: []rules.Seat{}}
	case rules.SubjectChair:
		return &rules.SeatChair{}
	case rules.SubjectRemove:
		return &rules.MemberRemove{Reason: "insolvent"}
	case rules.SubjectRekey:
		return &rules.MemberRekey{Reason: "a disk was lost"}
	case rules.SubjectRetire:
		return &rules.MeasureRetire{Hash: rate, Reason: "superseded"}
	case rules.SubjectEnact:
		return &rules.Agreement{ID: "agreement-1", Version: 1, Title: "Data agreement", Document: hash, Purposes: []string{"test"}, Parties: slices.Clone(Founders)}
	case rules.SubjectFreeze:
		return &rules.LedgerFreeze{Reason: "the pilot is over"}
	case rules.SubjectEnd:
		return &rules.AgreementEnd{ID: "agreement-1", Reason: "a new one is negotiated"}
	case rules.SubjectStructure:
		return &rules.Structure{ID: "primary-care", Version: 1, Title: "Primary care, recommended", DirectPercent: 60, PopulationPercent: 30, IncentivePercent: 10,
			Tracks: []rules.Track{{ID: "shared-savings", Title: "Shared savings", UpsidePercent: 10, DownsidePercent: 5, StopLossPercent: 4,
				Glide: []rules.Glide{{Year: 1, MinMembers: 500, Percent: 25}, {Year: 2, MinMembers: 500, Percent: 100}}}},
			Measures:          []rules.StructureMeasure{{Measure: rate, Weight: 100, Benchmarks: []int64{60, 70, 80}, AttainmentPercent: 70, ImprovementPercent: 30}},
			SocialRiskPercent: 5}
	}
	w.t.Fatalf("no template for %q: give the body as JSON", kind)
	return nil
}
