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
// # Direct layout
//
// For few cells: all thresholds of a cell at once. A cell has a block of 128 slots; a ciphertext has Slots/128 cells (256 at LogN 15), in cell order:
//
//	0                     home: constant false on input; then the product of the gates; in the end the result
//	1 … 16                window: single-form rules, one slot per payer for per-payer rules; unused: true
//	64+65, 32+33, 40+41   late factors: the two forms of a two-form rule, or a single-form rule that found no
//	                      place in the window and a false; unused: true and false
//	17, 56, 80, 96, 112   guards: constant false
//	all others            100 slots for thresholds; unused: false
//
// A cell with more rules than that (three a payer for more than five payers) is crowded: a search takes it.
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
// # Search
//
// For many cells: the value is found in passes, like the quotient of a long division. A ciphertext is divided
// into lanes of equal length; a column is as many cells as a lane has slots, and cell i of a column is slot i
// of every lane. Lane c of a pass asks whether the value reaches base + position_c, where base is what the
// passes before have found (searchSteps):
//
//	T = 2F(base + position) + 1          over span; F(k) = 2p·num − (2k−1)·q·den, over its common factor
//	base grows by gain_c wherever T > 0,  so T falls by 4·gain_c·q·den and rises by what positions differ
//
// The gains times den are inputs of their own (one step's worth, where all cells have the same gains): the next test is T + move − Σ over lanes of bit·gain, one
// ciphertext product a pass, and the clear never knows base. One lane asking is binary search: one slot a
// cell and pass, no rotation anywhere. Several lanes asking is a search of higher radix, for fewer cells.
// Nothing beyond Hi is ever asked, because the gains sum to Hi − Lo: the coding of top and bottom needs no
// test. Every pass narrows the window, so |T| falls (searchShape.reachOf bounds it, for values outside the
// range too): T is multiplied by the whole number that leaves it inside (−1, 1), and later passes take
// shorter polynomials.
//
// Rules are cut first (clipped): a payer's part that decides a rule by itself may as well be smaller, so that
// den ≥ 30 is Σ min(den_i, 30) ≥ 30, and spans of small counts no longer know the caps. Their bits are not
// multiplied but counted, over lanes and ciphertexts: two forms of a rule exclude each other, so all rules
// hold exactly when the count is the number of rules, which is one more sign of a very small span. Bits that
// are only counted may be off by 2^−8, which saves their last polynomial.
//
// The last stage cleans the bits of every pass and the gate at the high scale:
//
//	result = gate · (1 + Σ over passes and lanes of bit·gain) = 0, or the number of thresholds that hold plus 1,
//
// one result ciphertext a column, the same number in every lane of a cell, which Decode checks. Slots without
// a cell carry a test that fails in every pass and false gates: result 0.
//
// # Strategy
//
// NewPlan takes what costs least by an integer cost model of time, bytes and rounds (cost.go); NewPlanAs is held
// to one strategy. Describe prints the cost, Predict returns it. Measured with five payers at 128-bit parameters, everything one member does, in
// seconds of one core, and bytes that one payer sends, against all thresholds at once by the model:
//
//	cells     strategy                        seconds   MB    rounds   direct
//	256       direct                          10        161   3
//	4,000     radix 5 in 3 passes, 8 lanes    25        178   9        133 s, 385 MB
//	32,768    binary in 7 passes              60        286   21       1,041 s, 2,059 MB
//
// # Benchmarks
//
// A Benchmark releases P25, P50, P75 and P90 of the values of a range of cells, those that pass their rules, and nothing else of them
// (NewPlanWith). The definition is nearest rank, as in measures/scoring: of G values ordered from worst to best, P p is the one at
// rank ⌈p·G/100⌉; it is always a value that some cell has, an end of the range standing for everything beyond it. With C_k the number
// of cells that pass and reach threshold k, P p reaches k exactly when (rankOf)
//
//	larger is better    100·(G − C_k) < p·G, that is 100·C_k − (100 − p)·G − 1 ≥ 0
//	smaller is better   100·C_k ≥ p·G,       that is 100·C_k − p·G ≥ 0
//
// over the common factor of 100 and p: two forms over sums, decided by a second sign. Their span is 18 times the number of cells,
// which the circuit has precision for up to 58,000; the planner refuses more.
//
//	cells     direct layout; signs; the product of all gates, late factors joined, beside the bits     refresh
//	sums      cleaning; the gate of each block over the whole block; times the bits; sums of blocks and ciphertexts of a benchmark: C_k
//	          in the slot of threshold k and G in every slot; whole-number weights into four blocks, minus each other, over span;
//	          constants added; at the home of each block 2·(G − MinCells) + 1                           refresh
//	ranks     signs                                                                                    refresh into the high scale
//	result    cleaning; home · Σ of the block = 0, or the number of thresholds that P p reaches plus 1; home masked
//
// A result slot is a percentile of a benchmark or 0: the mask that ends the direct layout ends this one, so nothing of a cell, of C_k
// or of G is in what the flooded decryption opens, and Decode checks that every other slot is 0, that the four percentiles are all
// there or none, and that they are in order. Cells of several benchmarks share ciphertexts. Noise of the result is that of the direct
// layout, whose last stage it is.
//
// The cells of a run that are released by themselves are a plan of their own, in the same parameter set (parts); it begins as many
// stages later as it has fewer, so that both parts end in one round.
//
// What a benchmark does not hide: it is a function of the cells. Four order statistics of G ≥ MinCells values, none of which is said
// to be whose; where all cells hold one value, they show it. Whether they are there says that G ≥ MinCells. Two benchmarks over rosters that
// differ in one cell would together say on which side of a percentile that cell lies; and so would the same roster with one payer
// fewer. Circuits do not remember: governance/rules refuses the second run.
//
// # Memory
//
// Plan.Memory divides a member's budget: evaluation keys and tables, goroutines at work (one ciphertext each),
// and the rest for what waits: aggregates that are not complete, ciphertexts until their next stage. What waits
// beyond that is in files (mhe.Spill), so that memory does not grow with the cells, except by 700 bytes each for
// the plan, nor with the payers, whose objects are added up one after the other. Keys are 70 MB for
// relinearisation and 10 to 18 MB a rotation: with 15 payers the least budget is 465 MiB for a binary search, 560
// for the direct layout, 525 for that of wide.
// Results are the same, bit for bit, for every budget and number of goroutines: TestBudget.
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
// These serve the direct layout. A search takes from chains (chain.go), whose tails serve smaller spans:
//
//	alpha 21   degrees 15, 15, 7 × 7                         depth 29   error of a bit 2^−27.9
//	alpha 26   degrees 7 × 12                                depth 36   error of a bit 2^−36.7
//
// Degree 7 costs four multiplications for 2.57 bits, degree 31 ten for 4.6. A track (track.go) is the cheapest
// tail for a span, cut where refreshes pay: below one, an operation costs about the square of its level.
// TestChains derives spans and errors again.
//
// A cleaning is x(35 − 35x² + 21x⁴ − 5x⁶)/16, which raises an error to its fourth power.
//
// # Levels
//
// Those of a search are printed by Describe: newTrack cuts every sign by itself. Those of the direct layout are
// computed by newSchedule from the set, and TestLevelPlans pins them. A refresh below the last costs level 3,
// the last one 2 (mhe.Set.RefreshLevel), and a segment starts no higher than it needs.
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
// In a search a bit's error times its gain reaches the tests after it; the chain is chosen so that all of it
// stays below 1/16 of the gap (newSearch); a product's noise at the working scale is about 2^−37, the smallest
// gap of standard 2^−21. The last stage weights bits by gains that sum to Hi − Lo: what package mhe measures
// with weights up to 100 in every slot (2^13.8) bounds it for ranges of 100 steps.
//
// Bits of the direct layout reach the last refresh with errors of about 2^−22 (working scale) and leave its cleaning exact but for
// the arithmetic at the high scale. Measured on results over 256 adversarial cells at 128-bit parameters, mean
// coefficient error: standard 2^9.8 at scale 2^94, wide 2^10.0 at scale 2^104; package mhe sizes the flooding
// for 2^17.
//
// # What a lying payer can do
//
// Inputs are not proven. A payer that does not use Encode can shift any slot: report other figures, make a
// gate of its choice hold or fail, or spoil the run. What is opened remains one whole number per cell.
//
// Of a benchmark that is worse: a payer that lets every gate of the others' cells fail, and those of MinCells − 1 cells of its own
// figures hold, reads the value of one more cell between them off the median. What is opened remains a rounded value of all payers together
// that the cell's own rules need not have let pass; the benchmark is then wrong for everybody. Only a proof of inputs would close it. The
// same holds for the cells that are released by themselves, whose gates it can let hold one by one.
//
// # Determinism
//
// Floats occur in Encode, before encryption, where each payer's own result is all that counts, and in Decode,
// which rounds. Plans and evaluations use integers only and are equal, bit for bit, for all members:
// Plan.Hash, Stage.Digest.
package predicate
