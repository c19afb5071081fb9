// Package predicate is the release circuit: it decides on ciphertext whether a cell may be released, and if
// so computes its rounded value, so that nothing but a rounded value or a zero can ever be decrypted. It knows
// integers and inequalities, not health care.
//
// # Forms
//
// Everything the circuit asks is whether an integer linear form F of the payers' aggregate is ≥ 0 (Form). A
// cell is a list of rules, all of which must hold, and a value v = clamp(⌊(2p·num + q·den)/(2q·den)⌋, Lo, Hi),
// which equals Lo plus the number of k in Lo+1 … Hi with
//
//	2p·num − (2k−1)·q·den ≥ 0      (divided by the common factor of its coefficients).
//
// Thresholds outside Lo … Hi do not exist: that is the top and bottom coding. With den = 0 all thresholds
// hold; a rule on den has to exclude such cells. Plan.Oracle computes the same forms in plain integers.
//
// # Slots and precision
//
// A slot carries (2F+1)/span: never 0, at least 1/span from it. span is the exact largest |2F+1| over all
// inputs the caps allow (Cell.vertices; a linear form takes its extremes at corners) plus a margin of 2^−9, so
// that the sum of the payers' parts stays inside (−1, 1): just outside, the sign polynomials turn round
// within 2^−alpha. One slot out of range destroys all cells of its ciphertext; Check makes an honest member
// refuse, Decode recognises the wreck (ErrSpoiled). A form fits a parameter set when span ≤ 2^alpha, and
// NewPlan takes the first set that fits all forms. Payers whose part contains a constant would add it N
// times, so payer 0 alone adds Const + ½.
//
// # Layout
//
// A cell has a block of 128 slots; a ciphertext has Slots/128 cells (256 at LogN 15), in cell order:
//
//	0                     home: constant false on input; then the product of the gates; in the end the result
//	1 … 16                window: single-form rules, one slot per payer for per-payer rules; unused: true
//	64+65, 32+33, 40+41   late factors: the two forms of a two-form rule, or a single-form rule that found no
//	                      place in the window and a false; unused: true and false
//	17, 56, 80, 96, 112   guards: constant false
//	all others            100 slots for thresholds; unused: false
//
// The product of 16 successive bits, taken by rotations 8, 4, 2, 1, is the product of the gates at slot 1. It
// vanishes everywhere else: every other run of 16 slots contains a guard, home, or both bits of a late
// factor, which exclude each other (NewPlan refuses forms that do not). So, rotated by one, it can be added
// to the bits, and lands on home: one ciphertext goes through the last refresh and the last cleaning instead
// of two. The positions of the late factors are such that the rotations that join them (1, 8, 32, 64) are
// among those of the sum over the block (1, 2, 4 … 64). When all gates hold, the bits of a block sum to
// 1 + 16 + 3 + (thresholds that hold), hence
//
//	result = gates · f₁·f₂·f₃ · (Σ bits − 19) = 0, or the number of thresholds that hold plus 1,
//
// masked so that all other slots of the result are 0. A block without a cell is all false: result 0.
//
// # Sign polynomials
//
// polys/*.json are composite minimax approximations of the sign on [2^−alpha, 1] (Lee, Lee, No, Kim, IEEE
// TDSC 2021), odd, Chebyshev basis, 40 decimals, made with lattigo's
// hefloat.GenMinimaxCompositePolynomial(256, alpha, …, degrees, bignum.Sign). The last member is halved and ½
// is added: bits in {0, 1}. TestSignErrors derives the errors again in 200-bit arithmetic:
//
//	alpha 21   degrees 15, 31, 31, 31, 31, 7                 depth 27   error of a bit 2^−25.8
//	alpha 26   degrees 31, 31, 31, 31, 31, 31, cleaning 7    depth 33   error of a bit 2^−36.6
//
// A cleaning is x(35 − 35x² + 21x⁴ − 5x⁶)/16, which raises an error to its fourth power.
//
// # Levels
//
// Computed by newSchedule from the set, TestLevelPlans pins them. A refresh below the last costs level 3, the
// last one 2 (mhe.Set.RefreshLevel), and a segment starts no higher than it needs.
//
//	standard (toy)       12→3   polynomials 1, 2          ; refresh
//	                     13→3   polynomials 3, 4          ; refresh
//	                     14→2   polynomials 5, 6, gates   ; refresh into the high scale 2^94
//	                     14→8   cleaning                    two primes a multiplication from here on
//	                      8→6   f₁·f₂ and gates·f₃
//	                      6→4   their product; the sum over the block, at 6, times the mask
//	                      4→2   times the masked sum: the result
//	wide (toy-wide)      13→3   polynomials 1, 2          ; refresh
//	                     13→3   polynomials 3, 4          ; refresh
//	                     13→3   polynomials 5, 6          ; refresh
//	                     10→2   cleaning, gates, f₁·f₂·f₃ ; refresh into the high scale 2^104
//	                     12→6   cleaning
//	                      6→2   masked sum, times the gates: the result
//
// wide has one prime less and needs its late factors before the last refresh, where it has levels to spare.
//
// # Noise
//
// Bits reach the last refresh with errors of about 2^−22 (working scale) and leave its cleaning exact but for
// the arithmetic at the high scale. Measured on results over 256 adversarial cells at 128-bit parameters, mean
// coefficient error: standard 2^9.8 at scale 2^94, wide 2^10.0 at scale 2^104; package mhe sizes the flooding
// for 2^17.
//
// # What a lying payer can do
//
// Inputs are not proven. A payer that does not use Encode can shift any slot: report other figures, make a
// gate of its choice hold or fail, or spoil the run. What is opened remains one whole number per cell.
//
// # Determinism
//
// Floats occur in Encode, before encryption, where each payer's own result is all that counts, and in Decode,
// which rounds. Plans and evaluations use integers only and are equal, bit for bit, for all members:
// Plan.Hash, Stage.Digest.
package predicate
