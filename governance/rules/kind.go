package rules

// The kinds of version 1: what an entry can be. A motion carries the subjects.
const (
	KindClock             = "clock"
	KindCheckpointWitness = "checkpoint.witness"
	KindMemberJoin        = "member.join"
	KindMemberLeave       = "member.leave"
	KindMemberRotate      = "member.rotate"
	KindMotionPropose     = "motion.propose"
	KindMotionComment     = "motion.comment"
	KindMotionRespond     = "motion.respond"
	KindMotionObject      = "motion.object"
	KindMotionVote        = "motion.vote"
	KindMotionCarry       = "motion.carry"
	KindMotionWithdraw    = "motion.withdraw"
	KindMeasurePropose    = "measure.propose"
	KindMeasureRefer      = "measure.refer"
	KindMeasurePublish    = "measure.publish"
	KindMeasureComment    = "measure.comment"
	KindMeasureRespond    = "measure.respond"
	KindMeasureObject     = "measure.object"
	KindMeasureVote       = "measure.vote"
	KindMeasureApprove    = "measure.approve"
	KindMeasureWithdraw   = "measure.withdraw"
	KindProfileSet        = "profile.set"
	KindRosterSet         = "roster.set"
	KindRosterAmend       = "roster.amend"
	KindRosterIdentify    = "roster.identify"
	KindAttestAnnual      = "attest.annual"
	KindAdoptionOpen      = "adoption.open"
	KindAdoptionCommit    = "adoption.commit"
	KindAdoptionReveal    = "adoption.reveal"
	KindRunAuthorise      = "run.authorise"
	KindRunVeto           = "run.veto"
	KindRunVoid           = "run.void"
	KindRunCertify        = "run.certify"
	KindReleaseRestate    = "release.restate"
	KindAppealOpen        = "appeal.open"
	KindAppealPanel       = "appeal.panel"
	KindAppealAnswer      = "appeal.answer"
	KindAppealDecide      = "appeal.decide"
	KindSubmit            = "po.submit"
	KindSubmissionAudit   = "po.audit"
	KindRoomOpen          = "room.open"
	KindRoomClose         = "room.close"
	KindStatementPost     = "statement.post"
	KindBallotOpen        = "ballot.open"
	KindBallotTally       = "ballot.tally"
)

// The subjects of motions: what is decided by a vote and then has its effect.
const (
	SubjectCharter   = "charter.set"
	SubjectSeats     = "seat.set"
	SubjectChair     = "seat.chair"
	SubjectRemove    = "member.remove"
	SubjectRekey     = "member.rekey"
	SubjectRetire    = "measure.retire"
	SubjectEnact     = "agreement.enact"
	SubjectEnd       = "agreement.end"
	SubjectStructure = "structure.recommend"
	SubjectSum       = "sum.define"
	SubjectFreeze    = "ledger.freeze"
)

// Version is the version of the kinds' rules that this package writes.
const Version = 1

type kindRule struct {
	kind string
	rule rule
}

// kindRules is every kind with its rule.
var kindRules = []kindRule{
	{KindClock, of(validateClock, resolveClock)},
	{KindCheckpointWitness, of(validateWitness, resolveWitness)},
	{KindMemberJoin, of(validateJoin, resolveJoin)},
	{KindMemberLeave, of(validateLeave, resolveLeave)},
	{KindMemberRotate, of(validateRotate, resolveRotate)},
	{KindMotionPropose, of(validateMotion, resolveMotion)},
	{KindMotionComment, of(validateMotionComment, resolveMotionComment)},
	{KindMotionRespond, of(validateMotionRespond, resolveMotionRespond)},
	{KindMotionObject, of(validateMotionObject, resolveMotionObject)},
	{KindMotionVote, of(validateMotionVote, resolveMotionVote)},
	{KindMotionCarry, of(validateMotionCarry, resolveMotionCarry)},
	{KindMotionWithdraw, of(validateMotionWithdraw, resolveMotionWithdraw)},
	{KindMeasurePropose, of(validatePropose, resolvePropose)},
	{KindMeasureRefer, of(validateRefer, resolveRefer)},
	{KindMeasurePublish, of(validatePublish, resolvePublish)},
	{KindMeasureComment, of(validateMeasureComment, resolveMeasureComment)},
	{KindMeasureRespond, of(validateMeasureRespond, resolveMeasureRespond)},
	{KindMeasureObject, of(validateMeasureObject, resolveMeasureObject)},
	{KindMeasureVote, of(validateVote, resolveVote)},
	{KindMeasureApprove, of(validateApprove, resolveApprove)},
	{KindMeasureWithdraw, of(validateMeasureWithdraw, resolveMeasureWithdraw)},
	{KindProfileSet, of(validateProfile, resolveProfile)},
	{KindRosterSet, of(validateRoster, resolveRoster)},
	{KindRosterAmend, of(validateAmend, resolveAmend)},
	{KindRosterIdentify, of(validateIdentify, resolveIdentify)},
	{KindAttestAnnual, of(validateAttest, resolveAttest)},
	{KindAdoptionOpen, of(validateAdoptionOpen, resolveAdoptionOpen)},
	{KindAdoptionCommit, of(validateAdoptionCommit, resolveAdoptionCommit)},
	{KindAdoptionReveal, of(validateAdoptionReveal, resolveAdoptionReveal)},
	{KindRunAuthorise, of(validateAuthorise, resolveAuthorise)},
	{KindRunAggregate, of(validateAggregate, resolveAggregate)},
	{KindRunBind, of(validateBind, resolveBind)},
	{KindRunVeto, of(validateVeto, resolveVeto)},
	{KindRunVoid, of(validateVoid, resolveVoid)},
	{KindRunCertify, of(validateCertify, resolveCertify)},
	{KindModelSet, of(validateModel, resolveModel)},
	{KindReleaseRestate, of(validateRestate, resolveRestate)},
	{KindAppealOpen, of(validateAppeal, resolveAppeal)},
	{KindAppealPanel, of(validatePanel, resolvePanel)},
	{KindAppealAnswer, of(validateAnswer, resolveAnswer)},
	{KindAppealDecide, of(validateDecide, resolveDecide)},
	{KindSubmit, of(validateSubmit, resolveSubmit)},
	{KindSubmissionAudit, of(validateSubmissionAudit, resolveSubmissionAudit)},
	{KindRoomOpen, of(validateRoomOpen, resolveRoomOpen)},
	{KindRoomClose, of(validateRoomClose, resolveRoomClose)},
	{KindStatementPost, of(validateStatement, resolveStatement)},
	{KindBallotOpen, of(validateBallotOpen, resolveBallotOpen)},
	{KindBallotTally, of(validateBallotTally, resolveBallotTally)},
}

// Kinds is every kind that this version knows, in the order of the table in the package comment.
func Kinds() []string {
	out := make([]string, len(kindRules))
	for i, k := range kindRules {
		out[i] = k.kind
	}
	return out
}

func ruleOf(kind string, version int) (rule, *Refusal) {
	for _, k := range kindRules {
		if k.kind != kind {
			continue
		}
		if version != Version {
			return nil, refuse(CodeUnknownVersion, "no rule for version %d of %s; is this program older than the ledger?", version, kind)
		}
		return k.rule, nil
	}
	return nil, refuse(CodeUnknownKind, "no rule for kind %q; is this program older than the ledger?", kind)
}
