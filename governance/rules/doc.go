// Package rules is the governance of a ledger as a pure state machine: the same entries give the same state and the same refusals on every
// replica, in the auditor, today and in ten years. There is no clock, randomness, floating point, map order or goroutine in it.
//
// An entry is judged in this order: form (package entry), ledger, whether it is there already, membership, the author's place in its
// chain, signature, kind and version, then the kind's own rule in three steps: validate looks at the body alone, resolve at the state, apply
// has the effect and cannot fail. What is refused has no effect, does not use up a place in the author's chain and does not
// enter the ledger; the refusal carries a Code. An entry that is in the ledger already, byte for byte the same statement, is
// a duplicate: nothing happens, and its index is returned, so sending again is always safe.
//
//	kind             author      rule
//	member.join      convener    new name, no key shared with anybody past or present, signed by more than half of the payers, if there are any
//	member.leave     the payer   in its own name, not while an open run names it
//	measure.propose  any member  the definition is canonical, has the hash, id and version given; no such version approved before
//	measure.vote     payer       once, while the measure is proposed
//	measure.approve  convener    more than half of the present payers said yes
//	profile.set      convener    not below the floors of package disclosure, nowhere looser than the version before
//	roster.set       convener    1 to 32,768 distinct public identifiers with their hash
//	run.authorise    convener    see below
//	run.bind         a contributor, while the run is open, once in each of BindSteps and in their order: what it is bound to
//	run.void         convener or contributor, with a reason, while the run is open
//	run.certify      convener or a named member, while the run is open: manifest, parameter set and statistical security
//	                 are the run's, and all recipients signed the statement, in order
//
// A run is authorised when its name is new, no other run is open, it has at least three contributors who are payers, at least
// one recipient who is a member, approved measures with the caps and the profile of their definitions, a profile on record, a
// roster on record, and cells in canonical order (measure, roster, stratum) of which none was released before. A figure is
// (measure hash, period, practice, stratum); certifying a run releases all figures of its manifest, shown or suppressed, and
// voiding it none. So nothing can be certified that was not authorised, and nothing is released twice with two sets of
// contributors whose difference would show one of them.
//
// A benchmark-only measure has as many cells as its profile's min_benchmark_practices at least, all of stratum "all". A practice's data of a
// measure id and period, whatever the version, enter one certified benchmark at most, and no benchmark beside a release by practice, in the
// same run or another: two rosters that differ by one practice would show it (benchmark.go).
package rules
