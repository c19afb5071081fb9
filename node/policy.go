package node

import (
	"errors"
	"fmt"
	"slices"
	"strings"

	"github.com/tacet-health/tacet/crypto/identity"
	"github.com/tacet-health/tacet/measures/disclosure"
)

// Policy is what the operator lets the node do without asking. There is no default: a node without a policy does not start.
type Policy struct {
	// Consent says who agrees to contribute to an authorised run: "standing" – the node itself, within this policy and for measures this
	// member voted for; "never" – nobody, every run is declined.
	Consent string `toml:"consent"`
	// Measures, Profiles and Peers are what a run may consist of: ids ("qp-crc", or "qp-crc@1.0.0" for one version), names of disclosure
	// profiles, and the other payers: NAME, or "NAME FINGERPRINT" to insist on its keys. ["any"] accepts all that the log has
	// approved or admitted. With a peer on the list the node also endorses that peer's join.
	Measures []string `toml:"measures"`
	Profiles []string `toml:"profiles"`
	Peers    []string `toml:"peers"`
	// Seats are the members without data (auditors, counsel, providers, experts, observers) whose joining this node endorses by itself: NAME or
	// "NAME FINGERPRINT". Without it the operator endorses each (tacet node endorse).
	Seats []string `toml:"seats"`
	// Floors of this member's own on top of those of the disclosure profiles; 0: none.
	MinContributors int64 `toml:"min_contributors"`
	MinDen          int64 `toml:"min_den"`
	MaxSharePercent int64 `toml:"max_share_percent"`
}

const anything = "any"

// howToConsent is what a node without a policy is told.
const howToConsent = `a node without a policy does not start; write what this node may contribute to at the end of the file, for example
  [policy]
  consent = "standing"                # or "never": decline every run
  measures = ["qp-crc", "qa-pcp"]     # or ["any"]: all that this member voted for
  profiles = ["quality-rate"]         # disclosure profiles
  peers = ["payer-2", "payer-3"]      # the other payers; "NAME FINGERPRINT" insists on keys, ["any"] takes all members`

func (p Policy) validate() error {
	switch {
	case p.Consent != "" && p.Consent != "standing" && p.Consent != "never":
		return fmt.Errorf(`policy.consent is %q: must be "standing" or "never"`, p.Consent)
	case p.MinContributors < 0 || p.MinDen < 0 || p.MaxSharePercent < 0 || p.MaxSharePercent > 100:
		return errors.New("a floor of the policy is negative, or max_share_percent above 100")
	}
	for key, list := range map[string][]string{"peers": p.Peers, "seats": p.Seats} {
		for _, peer := range list {
			if f := strings.Fields(peer); len(f) == 0 || len(f) > 3 {
				return fmt.Errorf(`policy.%s has %q: want "NAME" or "NAME FINGERPRINT"`, key, peer)
			}
		}
	}
	return nil
}

func (p Policy) complete() error {
	switch {
	case p.Consent == "":
		return errors.New("policy.consent is missing: " + howToConsent)
	case p.Consent == "never":
		return nil
	case len(p.Measures) == 0:
		return errors.New("policy.measures is missing: " + howToConsent)
	case len(p.Profiles) == 0:
		return errors.New("policy.profiles is missing: " + howToConsent)
	case len(p.Peers) == 0:
		return errors.New("policy.peers is missing: " + howToConsent)
	}
	return nil
}

// measure says whether the policy lets the node contribute to a measure.
func (p Policy) measure(id, version string) bool {
	return slices.ContainsFunc(p.Measures, func(m string) bool { return m == anything || m == id || m == id+"@"+version })
}

// profile says why a disclosure profile is not good enough for this member; nil when it is.
func (p Policy) profile(d disclosure.Profile) error {
	switch {
	case !slices.Contains(p.Profiles, anything) && !slices.Contains(p.Profiles, d.Name):
		return fmt.Errorf("profile %s is not in policy.profiles", d.Name)
	case d.MinContributors < p.MinContributors:
		return fmt.Errorf("profile %s asks for %d contributors, policy.min_contributors is %d", d.Name, d.MinContributors, p.MinContributors)
	case d.MinDen < p.MinDen:
		return fmt.Errorf("profile %s asks for a denominator of %d, policy.min_den is %d", d.Name, d.MinDen, p.MinDen)
	case p.MaxSharePercent > 0 && d.MaxSharePercent > p.MaxSharePercent:
		return fmt.Errorf("profile %s lets one payer have %d percent, policy.max_share_percent is %d", d.Name, d.MaxSharePercent, p.MaxSharePercent)
	}
	return nil
}

// given says whether there is a policy at all.
func (p Policy) given() bool {
	return p.Consent != "" || p.Measures != nil || p.Profiles != nil || p.Peers != nil || p.Seats != nil || p.MinContributors != 0 || p.MinDen != 0 || p.MaxSharePercent != 0
}

// peer says whether the policy takes a payer with these keys.
func (p Policy) peer(k identity.Public) bool { return names(p.Peers, k) }

// endorses says whether the policy endorses the joining of a member with these keys in a role.
func (p Policy) endorses(role Role, k identity.Public) bool {
	return role == Payer && names(p.Peers, k) || role.Seat() && names(p.Seats, k)
}

func names(list []string, k identity.Public) bool {
	return slices.ContainsFunc(list, func(e string) bool {
		name, fingerprint, pinned := strings.Cut(strings.TrimSpace(e), " ")
		return e == anything || name == k.Name && (!pinned || isFingerprint(k, fingerprint))
	})
}

// isFingerprint compares what somebody typed with the fingerprint of keys: the digits to read aloud, the whole digest, or both.
func isFingerprint(k identity.Public, typed string) bool {
	whole := k.Fingerprint()
	short, digest, _ := strings.Cut(whole, " ")
	typed = strings.ToLower(strings.Join(strings.Fields(typed), " "))
	return typed == short || typed == digest || typed == whole
}
