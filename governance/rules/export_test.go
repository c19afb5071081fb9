package rules

import "github.com/tacet-health/tacet/crypto/identity"

// Fill brings a member in without a rule.
func (s *State) Fill(name string) { s.addMember(identity.Public{Name: name}, RoleObserver, 0) }

// Break makes the rule of run.authorise fail.
func (s *State) Break() { s.measures[0].spec = nil }
