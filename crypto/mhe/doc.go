// Package mhe is the multiparty homomorphic encryption of a run: approximate arithmetic on real slots (CKKS, Cheon et al., ASIACRYPT 2017)
// under a key that exists only as the sum of one share per payer (Mouchet et al., PETS 2021). It is the sole importer of the lattice library
// (lattigo v5.0.7, deprecated by its authors in favour of v6, which is a renaming away).
//
// # A run
//
//	ref := mhe.NewReference(manifestHash, checkpointHash)
//	p, _ := c.NewParty(ref, plan.Rotations())          payers only
//	k := c.NewKeySum(ref, plan.Rotations())            everybody, the convener too
//	p.KeyRoundOne(w)   … k.AddRoundOne(r) for every payer … k.Digest()
//	p.KeyRoundTwo(k,w) … k.AddRoundTwo(r) for every payer … k.Keys()
//	p.Input(i, slots, w) … in.Add(i, r) … in.Ciphertexts() … e.Rescale first
//	p.Refresh(q, w) … sum.Add(r) … sum.Finish()        as often as the plan says
//	p.Decrypt(i, ct, w), sealed … sum.Add(r) … sum.Slots()   recipients
//	p.Erase()
//
// Every member adds up every aggregate itself from all payers' objects; the order does not matter, the result is the same bit for bit.
//
// # What the caller owes
//
//   - All payers commit to their objects of a step before any of them is seen: whoever chooses its key share last chooses the aggregate, and
//     reads the others' secrets in their answers of round two (an aggregate H0 = 2^60 would be enough).
//   - A Refresh or Decrypt share is given only on a ciphertext that this member computed itself, from the inputs and the aggregates it added
//     up itself: one share on a chosen c1 gives the whole key share away. That holds for refresh shares too.
//   - A share is never made twice. Each (method, label) works once per Party, and so does each c1 whatever its label: ErrShareUsed. Keep the
//     bytes, send the same again. State and Resume carry a Party over a restart without loosening this.
//   - A ciphertext is opened once per run, through flooding, and never again after a spoiled run.
//
// # Parameters
//
// The ring is the conjugate invariant one, Z[X+1/X]/(X^2N+1): the ring of integers of the maximal real subfield of the cyclotomic field of
// index 4N. Its degree, which is the dimension of the lattice problem, is N = 2^LogN (LogN 15: index 2^17, cyclotomic degree 2^16, and
// dimension 2^15); every one of its N coefficients carries a real slot. The published tables are therefore read at N. security.go holds the
// tables, and no set that is not marked Insecure passes NewContext beyond them. The toy sets have the same chains of primes, scales, levels
// and masks in a ring of 1,024: whatever runs on them runs on the others, with no security.
//
// The chain, from the top: one prime of 25 bits that the first rescaling removes together with the encryption noise of the inputs; then one
// level of LogScale bits a multiplication, two at the high scale; and a lowest prime with five (two) bits above the scale. The high scale is
// two primes wide in either set (94 and 104 bits): a rescaling then leaves scales as they are.
//
// # Reference string
//
// Every public polynomial is expanded from a key that hashes set, number of payers, reference, purpose, indices and level. Every object
// carries a tag made the same way. A label serves one polynomial, and a party uses it once.
//
// # Objects
//
// A header of 56 bytes that the receiver computes itself and compares whole (magic, version, type, set, payers, level, number of
// polynomials, length, tag), then the residues, modulus by modulus, little-endian in as many bytes as the modulus has, each below its
// modulus, then the end of the stream. There is one form of every object and nothing in it is the peer's choice but the residues. A reader
// holds one residue vector at a time; the library's own readers (which recurse to a fatal stack overflow on a truncated share, and accept
// trailing bytes, residues ≥ q and wrong levels) never see a peer's byte.
//
// Shares are added while they stream, so an object refused after its header leaves its aggregate void (ErrBroken): check the object's hash
// against its commitment before adding it.
//
// # Noise and masks
//
// Errors: discrete Gaussian of σ = 3.2 cut at 6σ from a table of 128 bits; secrets: uniform ternary. Both are ours because the library's
// samplers cannot be given a generator per label, round through float64 and leave residues equal to q.
//
// Refresh masks are as wide as the modulus at RefreshLevel leaves room for: at least 128 bits of statistical security a coefficient, and at
// least 80 into the high scale, where the level is scarcer. Flooding: see flooding.go.
//
// What a mask of that kind cannot hide: a payer that sends values far outside [−1, 1] makes the polynomials overflow, the slots of that
// ciphertext wrap around the modulus, and the opened sums of the next refresh then show the leading bits of what the masks are too narrow
// for. The run is recognisably spoiled, but what was opened was opened. Masks at full width keep this to the few bits of maskBits' margin a
// coefficient; only a proof that inputs are in range would close it. It is not closed here.
//
// # Determinism
//
// Evaluation is integer arithmetic and 128-bit (or wider) big.Float scalars; no float64 decides any bit of a ciphertext that members must
// agree on. Inputs are encoded with float64, but by their owner alone. TestGolden holds the hashes.
//
// # Concurrency and memory
//
// Context, Keys, Ciphertext, Mask and Polynomial are immutable and may be shared. Party is safe for concurrent use. An Evaluator serves one
// goroutine (ShallowCopy); sums are not safe for concurrent use. At LogN 15: relinearisation key 71 MB per member, rotation keys on top
// (9 to 18 MB each at the levels in use), evaluator 90 MB a goroutine, encoder of masks 45 MB a context, a share in the making 20 MB.
//
// InputSum, RefreshSum and ciphertexts between two uses may wait in a Spill: in memory up to a bound, beyond it in files that are read and
// written (not mapped: mapped pages would count as the process's memory). A file's SHA-256 stays in memory and is compared whenever it is
// read, because a share may be made on what was read. The second polynomial of an input and of a refreshed ciphertext is the reference
// string's: it is not kept, it is expanded again.
//
// # Where this departs from the design
//
//   - Shares are generated here and not by lattigo's protocol types: polynomial by polynomial straight to the writer (no 70 MB share in
//     memory), with wipeable secrets and labelled randomness. TestForeignPayer holds both to the same protocol.
//   - Residues travel in 4, 6 or 7 bytes instead of 8, and the relinearisation key stops one level below the top: a run moves a quarter less.
//   - The high scale of `wide` is 2^104 instead of 2^94, and flooding grows with it; with five payers or fewer it is 81 (91) bits.
package mhe
