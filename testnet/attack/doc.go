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
// The real members: run/driver over run/lockstep with journals on disk, sealed ones by node/vault where a member comes back, under a relay
// that is the attacker's. In the attacks on shares everybody but the victim is in collusion. The refusal in the table is the member's own text.
//
// The log is the real rules over real signed entries (book); Raft and cosignatures, which stand between it and a member, are not in it.
//
// # A directory that was put back
//
// A member that restarts goes on from its sealed journal. One whose journal is older than what it has said must not: its answers of two lives
// under one key share can be put together. Five things stand in the way, each enough against what it names:
//
//   - the parts of a journal hold each other: a file put back among newer ones (second-share-after-restore, second case);
//   - the relay passes a member's own commits on to it: a whole folder put back, one other participant honest (first case);
//   - run.bind: before it has keys a payer puts its commitment in the log, before it answers on the first key shares the transcript that fixes
//     everybody's, before it gives a share on a ciphertext the transcript that fixes everybody's inputs; each under a checkpoint that every
//     participant cosigned. A folder put back, everybody else in the run in collusion: the payer's own word in the log is another
//     (second-share-after-restore, third case; rerun-after-restore);
//   - noise is drawn from the key share, the label and the whole question: no two questions ever meet the same noise;
//   - the reference polynomial of a refresh is that of its ciphertext: two questions in one place, whose masks would else subtract, have two.
//
// What is left (rerun-on-a-fork): the log was put back too, and every other copy of it lies. All that the payer then holds and hears is what it
// would hold and hear had the run never begun, so no rule inside the ledger can tell it otherwise. It takes something that does not go
// back: an honest member among those whose cosignature it waits for, a replica of counsel's, a counter in hardware.
//
// # Open
//
// An attack with a text in Open works against the real code. It stands in the table so that nobody takes it for closed, and its test fails
// when it stops working. Four are open: rerun-on-a-fork, above, and three by a payer that runs a program of its own.
//
// gates-of-ones-own: a payer that fills its slots itself turns the disclosure rules of a cell off, for everybody's data, in a run that ends like
// any other. The rules hold against recipients, the convener, and payers that run this program; not against one that does not. What
// closes it is a circuit that derives every form itself:
//
//   - A payer's input is num and den of each cell, each in one slot once; a value given in several slots could differ between them. The circuit
//     adds, multiplies by a mask and constants (2p, (2k−1)q, the rule's coefficients, over span; one plaintext product: a level), and spreads
//     the result over a block or the lanes: log₂ of their number rotations an input (7 in the direct layout, none for binary search with
//     one lane). coefficient · cap / span ≤ 1, so that the noise of the inputs is not amplified. The share rule takes a payer's den from
//     its own ciphertext, which is on the board as it is: N inputs enter the circuit, not their sum alone.
//   - [den ≥ 1] is no linear form: one more sign for every payer and cell, of a short polynomial, before the gates: a round or two.
//   - Forms can no longer be cut (min(den, 30) is not linear either): gates get the spans of the caps, and their polynomials.
//   - Levels: the first segment starts one higher; standard has two to spare there, wide none, whose first segment then is cut.
//
// By the cost model that is about a third more evaluation and half the input bytes. It does not close everything: two payers in collusion can still
// report den 15 and 14 for a practice where a third has one patient, satisfy every rule, and read that patient in the rate. Rules on sums
// cannot tell patients from claims of patients; the attack then takes as many colluding payers as the rules ask contributors, less one.
//
// spoil-and-read: a payer that lets a chosen slot leave its range reads the honest payers' exact sum in that slot, in the clear, from the public
// sum of a refresh: m − ΣM. The masks M are 2 + ⌈log₂(payers+1)⌉ bits narrower than the modulus, because their sum must not wrap; m does wrap, and as a
// function of the slot that everybody can compute. At most the run is then void. The claim that a lying payer "can spoil a run, not
// read anything" does not hold until inputs are in range by proof or by construction. What was considered:
//
//   - Wider masks: an honest mask can reach Q/N at most without wrapping, so log₂ N bits of every coefficient stay bare; 32,768 of them suffice.
//   - Refreshing the inputs before anything else: harmless (what is opened is linear in the slot) and of no use, the value stays out of range.
//   - A range test first: any polynomial of the slot that tells inside from outside blows up outside, wraps, and shows the same when it is
//     opened, multiplied by a common random factor or not (the factor is short: candidates are told apart by lattice reduction).
//   - A permutation of slots per run: every payer knows it, it encodes with it.
//   - Dither within the half unit of a form's gap: the reading needs whole units.
//   - By construction: uniform masks modulo a small prime make the opened value uniform whatever m is, and the integer wraps vanish in a
//     periodic function, whose values are in [−1, 1]: sin(πx/2) as the first factor of the sign. But the wraps are of coefficients, not of
//     slots: it takes the two linear transforms of a CKKS bootstrapping around it, of about 50 rotation keys (0.6 GB a payer where a run has
//     35 to 66 MB) and 6 levels. Sound, and the price of the whole circuit again.
//   - By proof: of each input, that its slots are the encoding of numbers in range. Lattice proofs of a ring of this size are some 100 kB and
//     seconds a ciphertext; no implementation in Go is known to us.
//
// false-share: the same as gates-of-ones-own, and any released value changed at will, by adding a polynomial to one's own refresh or decryption
// share. That every member adds the shares up itself keeps the convener from it, not a payer. What closes it is a proof with each share that
// it is c1·s − M + e for the s of the key share. What exists already: every share is a function of 32 bytes of seed, the label and public
// inputs (crypto/mhe), and so of what the sealed journal holds until the run ends; a payer whose prepare commitment bound its seed could be
// made to replay its part of a disputed run bit for bit before somebody who may see its inputs. That finds the liar afterwards and prevents
// nothing. Not built.
//
// # Parameters
//
// All parameters are toys: the ring is small, the primes, levels, scales, masks and flooding are those of the real sets.
//
// # Sums
//
// The attacks named sum-… are on secure aggregation (crypto/secagg), with real members. The prize is one vector, read as the difference of two sums
// that both open; the defence is off in a member that forgets what it has done (a copy of its state), does not verify, takes the roster from the
// convener, or keeps no history; in sum-different-lists the threshold is lower than the collusion asks for; sum-late-vector and sum-link-sets have the textbook's
// members, with pairwise masks alone. In sum-out-of-range the prize is a wrong sum; without is the round that asks for no proofs.
//
// In sum-link-out-of-range the convener is honest and a member is the liar (sum.Part.Cheat).
//
// In the others named sum-link-… the members are package protocol/sum's over QUIC on loopback, with journals on disk, and the convener is a liar that speaks its
// protocol by the document (sumliar) with the convener's real key. What is off is the threshold, the journal, or the record outside a member's reach.
//
// Where the convener must have signed something to lie at all, the second half ends with evidence: what members have kept is put before somebody who has
// nothing but the public keys (secagg.Conflict, sum.Convicts), and must convict the convener. A member that was restored, and one that was slow, convict nobody.
//
// # Rooms
//
// The attacks named room-… are on silent rooms (crypto/silence) of five; in room-order-of-slots the convener and all members but two are in collusion, in
// room-all-but-one all but one. That what they hold of the two is their sum and nothing else, to the bit, and of the one the sum minus their own, is a test
// beside the masks (crypto/secagg, TestColludersLearnTheSum). room-traffic counts the writes of real members over the link; room-prices and room-purchaser are
// held off by the sender's filter and by the rules of the log, since the cryptography of a room knows neither prices nor roles.
package attack
