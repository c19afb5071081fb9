package rules

import "fmt"

// Code names the rule that an entry breaks. Codes are part of the protocol: every replica gives the same one, golden
// transcripts hold them, and programs branch on them. Texts are for people.
type Code string

// The codes, in the order in which an entry is judged.
const (
	CodeForm           Code = "form"            // not the canonical form, or a field outside its limits
	CodeOrigin         Code = "origin"          // of another ledger
	CodeNotMember      Code = "not_a_member"    // the author is unknown or has left
	CodeSignature      Code = "signature"       // does not verify with the author's key
	CodeAuthorSequence Code = "author_sequence" // not the author's next entry
	CodeUnknownKind    Code = "unknown_kind"
	CodeUnknownVersion Code = "unknown_version"
	CodeInternal       Code = "internal"    // a rule failed; no effect
	CodeNotAllowed     Code = "not_allowed" // not this author's to do

	CodeNameTaken   Code = "name_taken"
	CodeKeyShared   Code = "key_shared"
	CodeEndorsement Code = "endorsement"
	CodeTooMany     Code = "too_many"

	CodeHashMismatch   Code = "hash_mismatch" // the content does not have the hash beside it
	CodeDefinition     Code = "definition"    // the measure's definition cannot be read or says something else
	CodeDuplicate      Code = "duplicate"
	CodeVersionTaken   Code = "version_taken"
	CodeUnknownMeasure Code = "unknown_measure"
	CodeNotOpen        Code = "not_open"
	CodeAlreadyVoted   Code = "already_voted"
	CodeNoMajority     Code = "no_majority"

	CodeProfileFloor   Code = "profile_floor"
	CodeProfileLooser  Code = "profile_looser"
	CodeUnknownProfile Code = "unknown_profile"

	CodeRunExists          Code = "run_exists"
	CodeRunOpen            Code = "run_open"
	CodeUnknownRun         Code = "unknown_run"
	CodeRunClosed          Code = "run_closed"
	CodeMeasureNotApproved Code = "measure_not_approved"
	CodeProfileMismatch    Code = "profile_mismatch"
	CodeCaps               Code = "caps"
	CodeUnknownRoster      Code = "unknown_roster"
	CodeUnknownPractice    Code = "unknown_practice"
	CodeCells              Code = "cells"
	CodeContributors       Code = "contributors"
	CodeRecipients         Code = "recipients"
	CodeInsecure           Code = "insecure_parameters"
	CodeReleased           Code = "already_released"

	CodeBound                Code = "bound" // a contributor's word in a step is given once, step after step
	CodeCertificate          Code = "certificate"
	CodeCertificateSignature Code = "certificate_signature"

	CodeNoTime     Code = "no_time"    // the log's time decides, and there is none yet
	CodeClockBack  Code = "clock_back" // a clock that does not go forward
	CodeDataAge    Code = "data_age"   // the profile asks for older data
	CodeCheckpoint Code = "checkpoint" // contradicts another witness, or the log's size
	CodeKeyProof   Code = "key_proof"  // the new keys have not signed

	CodeCharterFloor   Code = "charter_floor"
	CodeSeatsUnequal   Code = "seats_unequal"
	CodeSeatRole       Code = "seat_role" // a seat of this class is not for this role
	CodeSeatTaken      Code = "seat_taken"
	CodeUnknownSeat    Code = "unknown_seat"
	CodeUnknownMotion  Code = "unknown_motion"
	CodeUnknownSubject Code = "unknown_subject"
	CodeUnknownComment Code = "unknown_comment"
	CodeUnanswered     Code = "unanswered"
	CodeWindowOpen     Code = "window_open"
	CodeWindowClosed   Code = "window_closed"
	CodeNoQuorum       Code = "no_quorum"
	CodeObjection      Code = "objection"

	CodeIdentifier   Code = "identifier"
	CodeRosterChange Code = "roster_change"
	CodeDifferencing Code = "differencing"
	CodeAgreement    Code = "agreement"
	CodePurpose      Code = "purpose"
	CodeAttestation  Code = "attestation"
	CodeVetoLate     Code = "veto_late"

	CodeBinding           Code = "binding"
	CodePercent           Code = "percent"
	CodePayerAmount       Code = "payer_amount"
	CodeFrozen            Code = "frozen"
	CodeLedgerFrozen      Code = "ledger_frozen"
	CodeValue             Code = "value" // not on the measure's scale
	CodeUnknownStructure  Code = "unknown_structure"
	CodeUnknownAdoption   Code = "unknown_adoption"
	CodeReveal            Code = "reveal"
	CodeUnknownAppeal     Code = "unknown_appeal"
	CodePanel             Code = "panel"
	CodeFinal             Code = "final"
	CodeUnknownSubmission Code = "unknown_submission"
	CodeRoom              Code = "room"
	CodeUnknownRoom       Code = "unknown_room"
	CodeSealed            Code = "sealed"
	CodePrice             Code = "price"
	CodeUnknownSum        Code = "unknown_sum"
	CodeNamesPayer        Code = "names_payer"
	CodeReliability       Code = "reliability" // of no measure that has one, or not what the certified components say
	CodeStrata            Code = "strata"      // a stratum of a measure that has none, or none of one that has
	CodeModel             Code = "model"
)

// Refusal says why an entry was refused. It is an error: the caller's to mend, not a failure of the ledger.
type Refusal struct {
	Code Code   `json:"code"`
	Text string `json:"text"`
}

func (r *Refusal) Error() string { return string(r.Code) + ": " + r.Text }

func refuse(code Code, format string, args ...any) *Refusal {
	return &Refusal{Code: code, Text: fmt.Sprintf(format, args...)}
}
