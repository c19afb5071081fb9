package attack

import (
	"context"
	"errors"
	"fmt"
	"slices"

	"github.com/tacet-health/tacet/crypto/identity"
	"github.com/tacet-health/tacet/crypto/secagg"
	"github.com/tacet-health/tacet/crypto/secagg/inprocess"
	"github.com/tacet-health/tacet/crypto/silence"
	"github.com/tacet-health/tacet/governance/rules"
)

// Who may be in a silent room, what may be said there, and what all others together learn of one who is.

// said is what comes out of a sitting of five in which m00 says a text.
func said(text string) ([]string, error) {
	members, keys, err := seatedWithText("m00", text)
	if err != nil {
		return nil, err
	}
	x := map[string][]int64{}
	for n, m := range members {
		if x[n], err = m.Speak(keys); err != nil {
			return nil, err
		}
	}
	texts, _, err := silent.ReadSpeak(keys, votes(x))
	return texts, err
}

// allButOne: four of five, all in collusion with the convener, sign a list with m00 present, which m00 has not seen, and open the sum without it.
func allButOne(threshold int) (string, error) {
	members, keys, err := seated()
	if err != nil {
		return "", err
	}
	r := silent.Speak(keys)
	r.Threshold = threshold
	p, err := inprocess.New(r, inprocess.Signatures)
	if err != nil {
		return "", err
	}
	x := map[string][]int64{}
	for n, m := range members {
		if x[n], err = m.Speak(keys); err != nil {
			return "", err
		}
	}
	if err := p.Play(secagg.KindMasked, func(n string) []int64 { return x[n] }); err != nil {
		return "", err
	}
	they := map[string]*secagg.Member{}
	for _, n := range r.Members[1:] {
		they[n] = p.Members[n]
	}
	sum, err := opened(p, p.T.Masked, they)
	if err != nil {
		return "", err
	}
	rest := slices.Clone(sum.Values)
	for n := range they {
		plus(rest, x[n], -1)
	}
	if !slices.Equal(rest, x["m00"]) {
		return "", errors.New("the sum minus their own is not what m00 has put in")
	}
	texts, _, err := silent.ReadSpeak(keys, sum.Values)
	if err != nil || !slices.Equal(texts, []string{whisper}) {
		return "", fmt.Errorf("the sum does not say it: %w", err)
	}
	return "a sitting m00 never agreed to, opened by the other four: m00 says: " + whisper, nil
}

func openedWithoutIt(context.Context, *scene) (string, error) { return allButOne(4) }

// openedWithoutItRefused: at threshold N nothing opens without m00. When it has agreed and the sum is open, the four hold the sum minus their own: what
// everybody reads, and no element of m00's vector besides; no protocol can take that from them.
func openedWithoutItRefused(context.Context, *scene) (string, error) {
	_, err := allButOne(5)
	return refused(err, nil)
}

const rate = "we pay 120 dollars for a visit, and 3.5 percent more next year"

func pricesSaid(context.Context, *scene) (string, error) {
	texts, err := said(rate)
	if err != nil || !slices.Equal(texts, []string{rate}) {
		return "", fmt.Errorf("it is not said: %w", err)
	}
	return "five competitors read: " + texts[0], nil
}

// pricesFiltered: at the sender; and with a sender that has no filter, at everybody else, before anything is on record.
func pricesFiltered(_ context.Context, s *scene) (string, error) {
	b, err := s.newBook("rooms")
	if err != nil {
		return "", err
	}
	first := ""
	for _, text := range []string{rate, "the price is too high", "p r i c e d at 40,000", "B1RCH leaves the county", "cedar, again", "12% of the market"} {
		why, err := refused(silence.Filter(text, payers), silence.ErrFilter)
		if err != nil {
			return "", fmt.Errorf("%s: %w", text, err)
		}
		if first == "" {
			first = why
		}
	}
	if taken, withheld := b.state.Sift([]string{rate, "birch leaves the county", whisper}, 64); withheld != 2 || !slices.Equal(taken, []string{whisper}) {
		return "", errors.New("the log takes it")
	}
	return fmt.Sprintf("at the sender: %q; of a sender that has no filter the log takes neither the price nor the payer's name, and counts two withheld", first), nil
}

// purchaserSits: the cryptography of a room asks nobody for a role.
func purchaserSits(context.Context, *scene) (string, error) {
	buyers := silent
	buyers.Members = append(slices.Clone(silent.Members), "purchaser")
	if err := buyers.Check(); err != nil {
		return "", err
	}
	p, err := inprocess.New(buyers.Reserve(0), inprocess.Signatures)
	if err != nil {
		return "", err
	}
	x := map[string][]int64{}
	for _, n := range buyers.Members {
		m, err := silence.NewMember(buyers, "")
		if err != nil {
			return "", err
		}
		if x[n], err = m.Reserve(); err != nil {
			return "", err
		}
	}
	if err := p.Play(secagg.KindReveal, func(n string) []int64 { return x[n] }); err != nil {
		return "", err
	}
	sum, err := p.Sum()
	if err != nil || !slices.Contains(sum.Present, "purchaser") {
		return "", fmt.Errorf("the purchaser is not in it: %w", err)
	}
	return "who names the members of a sitting seats a purchaser: it is in the round, and reads everything", nil
}

// purchaserRefused: the rules of the log, which every member follows, give it no place: not in a room, and not among those who sat.
func purchaserRefused(_ context.Context, s *scene) (string, error) {
	b, err := s.newBook("rooms")
	if err != nil {
		return "", err
	}
	buyer, err := identity.Generate("purchaser")
	if err != nil {
		return "", err
	}
	join := rules.MemberJoin{Member: buyer.Public(), Role: rules.RoleObserver}
	text, err := join.Statement(s.genesis().Ledger)
	if err != nil {
		return "", err
	}
	for _, p := range payers {
		join.Endorsements = append(join.Endorsements, rules.Signature{Member: p, Signature: s.keys[p].Sign(rules.JoinContext, text)})
	}
	if err := b.say(hub, rules.KindMemberJoin, join); err != nil {
		return "", err
	}
	open := rules.RoomOpen{Room: "design", Topic: "Attribution", Members: append(slices.Clone(payers), "purchaser"), Least: 3, MaxText: 64, First: 1, Every: 3600, Sittings: 2}
	room, err := refused(b.say(hub, rules.KindRoomOpen, open), nil)
	if err != nil {
		return "", err
	}
	open.Members = payers
	if err := b.say(hub, rules.KindRoomOpen, open); err != nil {
		return "", err
	}
	sat := rules.StatementPost{Sitting: rules.Sitting{Room: "design", Number: 1, Present: append(slices.Clone(payers), "purchaser"), Statements: []string{}, Transcript: fmt.Sprintf("%064x", 1)}}
	post, err := refused(b.say(hub, rules.KindStatementPost, sat), nil)
	return fmt.Sprintf("to open a room with it: %q; to post a sitting it was in: %q", room, post), err
}
