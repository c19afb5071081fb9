package govern

import (
	"crypto/sha256"
	"encoding/hex"
	"encoding/json"
	"fmt"
	"strconv"
	"strings"
	"time"

	"github.com/tacet-health/tacet/governance/entry"
	"github.com/tacet-health/tacet/governance/rules"
	"github.com/tacet-health/tacet/node/admin"
)

// Member is who acts. What it knows beside the log comes through functions, so that making an entry has no effect of its own but Seal's.
type Member struct {
	Name string
	// Seal keeps an answer under a fresh salt and returns the salt; Answer finds what was sealed under a digest.
	Seal   func(adoption string, answer rules.Answer) (salt string, err error)
	Answer func(adoption, digest string) (answer rules.Answer, salt string, err error)
	Root   func(size uint64) ([32]byte, error)
}

// Compose makes the entry of an act: its kind and the canonical bytes of its body. A *admin.Problem says that the act names something that the log does not have.
func Compose(s *rules.State, me Member, a admin.Act) (kind string, body json.RawMessage, err error) {
	kind, v, err := compose(s, me, a)
	if err != nil {
		return "", nil, fmt.Errorf("%s: %w", a.Verb, err)
	}
	if raw, ok := v.(json.RawMessage); ok {
		return kind, raw, nil
	}
	if body, err = entry.Canonical(v); err != nil {
		return "", nil, err
	}
	return kind, body, nil
}

// arities are the arguments of the verbs; the last may be repeated where it ends with "…".
var arities = map[string]string{
	"entry": "KIND", "propose": "SUBJECT …", "refer": "MEASURE", "publish": "MEASURE", "comment": "MATTER TEXT", "respond": "MATTER ENTRY TEXT", "object": "MATTER TEXT",
	"vote": "MATTER yes|no|abstain", "withdraw": "MATTER", "approve": "MATTER", "attest": "", "adopt-open": "ID STRUCTURE intention|status DATE", "adopt-commit": "ID full|partial|none",
	"adopt-reveal": "ID", "veto": "RUN REASON", "void": "RUN REASON", "appeal-open": "ID RUN GROUND", "appeal-panel": "ID NAME …", "appeal-answer": "ID TEXT",
	"appeal-decide": "ID upheld|dismissed TEXT", "submit": "MEASURE PERIOD PRACTICE STRATUM VALUE", "audit": "ENTRY confirmed|rejected TEXT", "amend": "", "identify": "", "room-open": "", "room-close": "ROOM REASON", "ballot": "MATTER",
	"witness": "", "leave": "",
}

func compose(s *rules.State, me Member, a admin.Act) (string, any, error) {
	want, ok := arities[a.Verb]
	if !ok {
		return "", nil, fmt.Errorf("nobody does this in a log; is this program older than the command?")
	}
	names := strings.Fields(want)
	more := len(names) > 0 && names[len(names)-1] == "…"
	if more {
		names = names[:len(names)-1]
	}
	if len(a.Args) < len(names) || len(a.Args) > len(names) && !more {
		return "", nil, fmt.Errorf("%d arguments, want: %s", len(a.Args), want)
	}
	switch a.Verb {
	case "entry":
		return a.Args[0], json.RawMessage(a.Content), nil
	case "propose":
		return proposeMotion(s, a)
	case "refer", "publish", "comment", "respond", "object", "vote", "withdraw", "approve":
		return deliberate(s, a)
	case "attest":
		return attest(s, a)
	case "adopt-open", "adopt-commit", "adopt-reveal":
		return adopt(s, me, a)
	case "veto":
		return rules.KindRunVeto, rules.RunVeto{Run: a.Args[0], Reason: a.Args[1]}, nil
	case "void":
		return rules.KindRunVoid, rules.RunVoid{Run: a.Args[0], Reason: a.Args[1]}, nil
	case "appeal-open":
		return rules.KindAppealOpen, rules.AppealOpen{ID: a.Args[0], Run: a.Args[1], Measure: a.Options["measure"], Practice: a.Options["practice"], Ground: a.Args[2]}, nil
	case "appeal-panel":
		return rules.KindAppealPanel, rules.AppealPanel{ID: a.Args[0], Members: a.Args[1:]}, nil
	case "appeal-answer":
		return rules.KindAppealAnswer, rules.AppealAnswer{ID: a.Args[0], Text: a.Args[1]}, nil
	case "appeal-decide":
		return rules.KindAppealDecide, rules.AppealDecide{ID: a.Args[0], Outcome: rules.Outcome(a.Args[1]), Text: a.Args[2]}, nil
	case "submit":
		return submit(s, a)
	case "audit":
		n, err := strconv.ParseUint(a.Args[0], 10, 63)
		if err != nil {
			return "", nil, fmt.Errorf("%q is no entry's number", a.Args[0])
		}
		return rules.KindSubmissionAudit, rules.SubmissionAudit{Submission: n, Finding: rules.Finding(a.Args[1]), Text: a.Args[2]}, nil
	case "amend":
		return document(s, rules.KindRosterAmend, a.Content, &rules.RosterAmend{})
	case "identify":
		return document(s, rules.KindRosterIdentify, a.Content, &rules.RosterIdentify{})
	case "room-open":
		return document(s, rules.KindRoomOpen, a.Content, &rules.RoomOpen{})
	case "room-close":
		return rules.KindRoomClose, rules.RoomClose{Room: a.Args[0], Reason: a.Args[1]}, nil
	case "ballot":
		return ballot(s, a.Args[0])
	case "witness":
		root, err := me.Root(s.Size())
		return rules.KindCheckpointWitness, rules.CheckpointWitness{Size: s.Size(), Root: hex.EncodeToString(root[:])}, err
	case "leave":
		return rules.KindMemberLeave, rules.MemberLeave{Name: me.Name}, nil
	}
	return "", nil, fmt.Errorf("no rule makes this entry")
}

// ballot has the vote on a motion or measure sealed.
func ballot(s *rules.State, matter string) (string, any, error) {
	if _, ok := openMotion(s, matter); ok {
		return rules.KindBallotOpen, rules.BallotOpen{Motion: matter}, nil
	}
	m, err := measure(s, matter, undecided)
	return rules.KindBallotOpen, rules.BallotOpen{Measure: m.Hash}, err
}

func unknown(code rules.Code, format string, args ...any) error {
	return &admin.Problem{Code: string(code), Text: fmt.Sprintf(format, args...)}
}

// openMotion is a motion that is neither carried nor withdrawn.
func openMotion(s *rules.State, id string) (rules.Motion, bool) {
	m, ok := s.Motion(id)
	return m, ok && m.Ended == 0
}

// measure finds a measure by ID, ID@VERSION or the beginning of its hash (eight digits at least), the last one proposed of those that fit.
func measure(s *rules.State, want string, fits func(rules.MeasureStatus) bool) (rules.Measure, error) {
	id, version, exact := strings.Cut(want, "@")
	all := s.Measures()
	for i := len(all) - 1; i >= 0; i-- {
		m := all[i]
		if fits(m.Status) && (m.ID == id && (!exact || m.Version == version) || len(want) >= 8 && strings.HasPrefix(m.Hash, want)) {
			return m, nil
		}
	}
	return rules.Measure{}, unknown(rules.CodeUnknownMeasure, "no motion and no measure %s is open for this in this member's log; see tacet govern show", want)
}

func undecided(st rules.MeasureStatus) bool {
	return st != rules.MeasureApproved && st != rules.MeasureWithdrawn && st != rules.MeasureRetired
}

func isApproved(st rules.MeasureStatus) bool { return st == rules.MeasureApproved }

// deliberate makes what people do with a matter that is open.
func deliberate(s *rules.State, a admin.Act) (string, any, error) {
	matter := a.Args[0]
	text := a.Args[len(a.Args)-1]
	var comment uint64
	if a.Verb == "respond" {
		var err error
		if comment, err = strconv.ParseUint(a.Args[1], 10, 63); err != nil {
			return "", nil, fmt.Errorf("%q is no entry's number: name the comment by its entry", a.Args[1])
		}
	}
	if m, ok := openMotion(s, matter); ok {
		switch a.Verb {
		case "comment":
			return rules.KindMotionComment, rules.MotionRemark{ID: m.ID, From: a.Options["from"], Text: text}, nil
		case "respond":
			return rules.KindMotionRespond, rules.MotionRespond{ID: m.ID, Comment: comment, Text: text}, nil
		case "object":
			return rules.KindMotionObject, rules.MotionObject{ID: m.ID, Text: text}, nil
		case "vote":
			return rules.KindMotionVote, rules.MotionVote{ID: m.ID, Choice: rules.Choice(text)}, nil
		case "withdraw":
			return rules.KindMotionWithdraw, rules.MotionWithdraw{ID: m.ID}, nil
		case "approve":
			return rules.KindMotionCarry, rules.MotionCarry{ID: m.ID}, nil
		}
		return "", nil, fmt.Errorf("motion %s is put to a vote as it is: %s is for measures", m.ID, a.Verb)
	}
	m, err := measure(s, matter, undecided)
	if err != nil {
		return "", nil, err
	}
	switch a.Verb {
	case "refer":
		return rules.KindMeasureRefer, rules.MeasureRefer{Hash: m.Hash}, nil
	case "publish":
		return rules.KindMeasurePublish, rules.MeasurePublish{Hash: m.Hash}, nil
	case "comment":
		return rules.KindMeasureComment, rules.MeasureRemark{Hash: m.Hash, From: a.Options["from"], Text: text}, nil
	case "respond":
		return rules.KindMeasureRespond, rules.MeasureRespond{Hash: m.Hash, Comment: comment, Text: text}, nil
	case "object":
		return rules.KindMeasureObject, rules.MeasureObject{Hash: m.Hash, Text: text}, nil
	case "vote":
		return rules.KindMeasureVote, rules.MeasureVote{Hash: m.Hash, Choice: rules.Choice(text)}, nil
	case "withdraw":
		return rules.KindMeasureWithdraw, rules.MeasureWithdraw{Hash: m.Hash}, nil
	}
	b := rules.MeasureApprove{Hash: m.Hash}
	if d := a.Options["in-force"]; d != "" {
		if b.InForce, err = date(d); err != nil {
			return "", nil, err
		}
	}
	return rules.KindMeasureApprove, b, nil
}

func attest(s *rules.State, a admin.Act) (string, any, error) {
	charters := s.Charters()
	if len(charters) == 0 || charters[len(charters)-1].Attestation == "" {
		return "", nil, unknown(rules.CodeAttestation, "the charter asks for no statement")
	}
	sum := sha256.Sum256(a.Content)
	return attestBody(s, hex.EncodeToString(sum[:]))
}

func attestBody(s *rules.State, statement string) (string, any, error) {
	return rules.KindAttestAnnual, rules.AttestAnnual{Year: int64(time.Unix(s.Now(), 0).UTC().Year()), Statement: statement}, nil
}

func adopt(s *rules.State, me Member, a admin.Act) (string, any, error) {
	id := a.Args[0]
	if a.Verb == "adopt-open" {
		structures := s.Structures()
		hash := a.Args[1]
		for _, x := range structures { // by name the last version
			if x.ID == a.Args[1] {
				hash = x.Hash
			}
		}
		until, err := date(a.Args[3])
		return rules.KindAdoptionOpen, rules.AdoptionOpen{ID: id, Structure: hash, About: a.Args[2], Close: until}, err
	}
	for _, x := range s.Adoptions() {
		if x.ID != id {
			continue
		}
		if a.Verb == "adopt-commit" {
			answer := rules.Answer(a.Args[1])
			if answer != rules.AdoptFull && answer != rules.AdoptPartial && answer != rules.AdoptNone {
				return "", nil, fmt.Errorf("an answer is full, partial or none, not %q", a.Args[1])
			}
			salt, err := me.Seal(id, answer)
			return rules.KindAdoptionCommit, rules.AdoptionCommit{ID: id, Digest: rules.AdoptionDigest(s.Ledger(), id, me.Name, answer, salt)}, err
		}
		for _, y := range x.Answers {
			if y.Member == me.Name {
				answer, salt, err := me.Answer(id, y.Digest)
				return rules.KindAdoptionReveal, rules.AdoptionReveal{ID: id, Answer: answer, Salt: salt}, err
			}
		}
		return "", nil, unknown(rules.CodeReveal, "%s has committed to no answer to %s", me.Name, id)
	}
	return "", nil, unknown(rules.CodeUnknownAdoption, "no adoption %s is on record", id)
}

func submit(s *rules.State, a admin.Act) (string, any, error) {
	m, err := measure(s, a.Args[0], isApproved)
	if err != nil {
		return "", nil, err
	}
	v, err := strconv.ParseInt(a.Args[4], 10, 64)
	if err != nil {
		return "", nil, fmt.Errorf("%q is no whole number", a.Args[4])
	}
	if len(a.Content) == 0 {
		return "", nil, fmt.Errorf("the evidence that the auditor is shown is missing")
	}
	sum := sha256.Sum256(a.Content)
	return rules.KindSubmit, rules.Submit{Measure: m.Hash, Period: a.Args[1], Practice: a.Args[2], Stratum: a.Args[3], Value: v, Evidence: hex.EncodeToString(sum[:])}, nil
}
