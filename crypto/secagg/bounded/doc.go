// Package bounded adds the members' small vectors like package secagg and proves on the way that every element of every vector is in its range: for
// rounds whose manifest asks for it. The proofs are Prio3 (draft-irtf-cfrg-vdaf-13, SumVec or Histogram over a field of 128 bits, by circl), with the
// members themselves as aggregators.
//
// # A round
//
//	keys      every member: an X-Wing key (X25519 and ML-KEM-768) of this round
//	report    the hash of all keys; Prio3 shares of its vector, one for each other member – not for itself –, sealed with a tag key and a mask seed
//	prep      the hash of all reports, which is the verification key; its part in the verification of every other member's report
//	commit    the hash of all parts; every proof holds; the hash of its masked share of the sum
//	tags      the hash of all commitments, which gives the coefficients ρ; for every share it dealt ⟨ρ, share⟩ + tag key
//	open      the hash of all tags; its masked share of the sum
//
// A member's share of the sum is what it was dealt, added up, under masks that cancel over all members: a share of the sum without masks would show,
// among three members, one vector to another. Nobody may drop: a round that ends early is held again under another number, and a member opens one
// sum for a manifest. Package protocol/sum holds rounds over the link, with journals.
//
// A member's secrets follow from one seed: who has kept that, sealed, and what it has said goes on after a crash with the same bytes (Resume).
//
// In place of a step a member that sees somebody not keep to the protocol says so, signed (Fault, Object). That report and parts do not fit, anybody
// sees in the messages (Judge); that a box does not open, only who it was for.
//
// # What holds
//
// Range: a vector with an element outside [Low, Low + 2^Bits − 1] (Histogram: anything but one 1) is refused by every honest member before anything is
// opened, and its author is named. Prio3 promises that while no aggregator is in collusion with the author; that is why an author is no
// aggregator of its own report.
//
// An aggregator that lies about its part can have an honest report refused, and the round ends: the messages show that one of the two lies, and not which. The
// author knows every part of its own report, and objects to that aggregator by name.
//
// Exactness: a range proof binds what goes in. An aggregator that changes its share of the sum afterwards would change the sum all the
// same, so shares are bound too: each is known to two, who dealt it and who holds it, and the tags, which both can compute, add up to what the opened
// shares must give. Every member checks the tags of what it was dealt before it opens, everybody checks the total. The coefficients follow from
// commitments to the shares, so that a change cannot be fitted to them: it passes with probability 2⁻¹²⁸ (2⁻¹¹⁰ a false proof), tries included.
//
// So one member that lies, whatever it sends, gives an error or the exact sum of vectors in range: never another. Two that lie in collusion are
// not caught: one verifies for the other. secagg catches neither; what it adds up is only bounded in total.
//
// Secrecy is secagg's with threshold = N: all others in collusion learn the sum minus their own vectors, any fewer learn the sum over at least two.
// Against a quantum computer tomorrow: shares are sealed hybrid, masks and tags are symmetric, the proofs are information-theoretic.
//
// # Cost and limits
//
// Processor time and bytes grow with Length × Bits × members: at 1,024 elements of 16 bits and 8 members a member spends about 200 ms and
// sends 350 kB, 16 and 7 times what secagg takes ("tacet testnet bench secagg" prints the ratio). Length × Bits is at most MaxSize. A bound
// is a power of two: a definition's cap is the end of the range (governance/rules, sum.define's bound). Six messages a member instead of five. At
// most MaxMembers, since everybody verifies everybody.
//
// Not caught here either: a value in range that is not true.
package bounded
