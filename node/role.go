package node

import (
	"fmt"
	"slices"
)

// Role is what a member does in the network.
type Role string

// A seat holds neither member data nor a key share. Its node dials out as a payer's does, has the whole log, judges every entry of it itself, and
// witnesses it (witness.go).
const (
	Payer    Role = "payer"    // holds member data and a key share
	Convener Role = "convener" // relay, board and evaluator; holds neither
	Auditor  Role = "auditor"  // a seat; audits what providers submit
	Counsel  Role = "counsel"  // a seat; may veto
	Provider Role = "provider" // a seat; a provider organisation
	Expert   Role = "expert"   // a seat without a vote
	Observer Role = "observer" // a seat; a purchaser or a regulator
)

// Seats are the roles of a node that holds no data.
var Seats = []Role{Auditor, Counsel, Provider, Expert, Observer}

// Seat says whether r is one of Seats.
func (r Role) Seat() bool { return slices.Contains(Seats, r) }

// dials says whether the member connects to the convener; the convener is connected to.
func (r Role) dials() bool { return r == Payer || r.Seat() }

func (r Role) validate() error {
	if r != Convener && !r.dials() {
		return fmt.Errorf("role is %q: must be %q, %q or a seat's: %q", r, Payer, Convener, Seats)
	}
	return nil
}
