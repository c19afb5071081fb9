// Package attack is what is known to break the protocol, each attack carried out twice: against a member without the defence, where it must
// really break something, and against the real code, which must refuse it.
//
// # Without
//
// A defence that is off is never a switch in the code that runs: the undefended member is a member that lacks the layer. For the attacks on
// shares it is crypto/mhe called directly, without the lockstep evaluation and the commitments above it that decide what may be asked of it;
// so the shares that are taken apart are real ones. Where the defence is inside crypto/mhe (labels, randomness, reference string) a naive
// payer of the textbook is modelled here with the ring arithmetic of mhe.Laboratory, which exists for insecure sets only.
//
// # With
//
// The real members: run/driver over run/lockstep with journals on disk, under a relay that is the attacker's. In the attacks on shares
// everybody but the victim is in collusion. The refusal in the table is the member's own text.
//
// # Open
//
// An attack with a text in Open works against the real code. It stands in the table so that nobody takes it for closed, and its test fails
// when it stops working. Four are open:
//
//   - gates-of-ones-own: a payer that fills its slots itself turns the disclosure rules of a cell off, for everybody's data, in a run that
//     ends like any other. The rules hold against recipients, the convener, and payers that run this program; not against a payer that does not.
//   - false-share: the same, and any released value changed at will, by adding a polynomial to one's own refresh or decryption share. That every
//     member adds the shares up itself keeps the convener from it, not a payer.
//   - rerun-after-restore: a payer restored to before a run cannot know that it was there already when everybody else keeps silent.
//   - spoil-and-read: a payer that lets a chosen slot leave its range reads the honest payers' exact sum in that slot, in the clear, from the
//     public sum of a refresh: m − ΣM. The masks M are 2 + ⌈log2(payers+1)⌉ bits narrower than the modulus, because their sum must not wrap;
//     m does wrap, and as a function of the slot that everybody can compute. At most the run is then void. The claim that a lying payer "can
//     spoil a run, not read anything" does not hold until inputs are proven to be in range.
//
// All parameters are toys: the ring is small, the primes, levels, scales, masks and flooding are those of the real sets.
package attack
