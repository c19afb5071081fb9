// Package disclosure holds the rules under which a cell may be released and
// compiles them, once, into plain integer inequalities. The encoder of the
// release circuit, its exact oracle, the rehearsal and the auditor all read
// that one list. The package is pure: no clock, no I/O, no float, no map order.
//
// # Rules of a profile
//
// With den = Σ den_i and num = Σ num_i over the payers i of a cell:
//
//	contributors   at least k payers have den_i ≥ 1
//	share          den_i ≤ s % of den, for every payer i
//	denominator    den ≥ m, m the larger of the profile's and the measure's
//	numerator      num ≥ n or num = 0        (proportions, and observed over expected events)
//	complement     den − num ≥ c or = 0      (proportions)
//	residual       den − den_i ≥ r, for every payer i
//
// The reasons: no cell of 1–10 people may be shown or be derivable (CMS cell
// size policy); the 5 payers / 25 % / 3 months of price-like are the safety zone
// of the 1996 DOJ/FTC health care statements, withdrawn in 2023 and kept here as
// a floor. Outside, a cell is a number or suppressed, with no reason given.
//
// # Forms
//
// A rule holds when one of its forms is ≥ 0. A form is
//
//	Num·Σnum + Den·Σden + Has·Σ[den_i ≥ 1] + Own·den_i + OwnNum·num_i + Const
//
// with Own, OwnNum ≠ 0 only in rules that must hold for every payer i. With s % = a/b
// in lowest terms:
//
//	contributors   Σ[den_i ≥ 1] − k
//	share          a·den − b·den_i
//	denominator    den − m
//	numerator      num − n   or  −num          (exclusive: n ≥ 1)
//	complement     den − num − c   or  num − den
//
// # The residual rule is not in the list
//
// It follows from share and denominator. Proof: share gives b·den_i ≤ a·den for
// every i, so b·(den − den_i) ≥ (b − a)·den, and with den ≥ m
//
//	b·(den − den_i) ≥ (b − a)·m.
//
// If (b − a)·m ≥ b·r, then den − den_i ≥ r. [Compile] checks that inequality on
// the numbers at hand, and refuses with them where it does not hold; quality-rate
// has 2·30 ≥ 5·11, price-like 3·30 ≥ 4·11.
//
// # Value
//
// A released cell is Step × clamp(⌊(2p·num + q·den)/(2q·den)⌋, Lo, Hi), scale p/q:
// half up. For unit percent a profile narrows the range (5…95), and the ends
// then mean "or less" and "or more": [Program.Coded].
//
// # Reliability
//
// A release may ask a proportion's cells whether as many people are behind them as a line says ([Program.Line], governance/rules): by a further cell of the circuit with the
// same inputs, [Program.Asking], whose rules are those of the cell with den − line in the place of den − m, and whose value is always 0. It is released exactly when the
// cell is and den ≥ line, so of a suppressed cell it says nothing, and of a released one a bit. A line up to m or beyond the caps asks nothing: the answer is the same for all.
// What a payer that lies can do is what it can do to the cell itself: one bit more of its choosing; answers that fit no cell end the run (node).
//
// # Totals
//
// A profile of class quality-rate may say exact_totals: the numerators and
// denominators of shown practices may then be added up, by region or over all, and
// opened exactly (a run of its own: governance/rules). No circuit tests such a sum,
// and none has to, because every rule of a shown practice holds of every sum of
// shown practices. With p over the practices of the sum:
//
//	contributors        [Σ_p den_ip ≥ 1] ≥ [den_ip ≥ 1], so there are no fewer than at any one of them
//	share               b·den_ip ≤ a·den_p, added over p
//	denominator         den_p ≥ m, added: at least m for each practice
//	others-numerator    num_p − num_ip ≥ n, added
//	others-complement   (den_p − num_p) − (den_ip − num_ip) ≥ c, added
//
// The last two take the place of numerator and complement in the cells of such a
// profile, and imply them and the residual rule ("or = 0" goes: a practice where all
// or none are in the numerator is suppressed). They are there because a payer that
// holds an exact sum subtracts its own part: what is left are n people or more in the
// numerator and c outside it, of two other payers at least.
//
// Suppressed practices are in no sum: what a total shows of them is nothing, whatever is
// known of their size. A total has min_total_practices (3 at least) of them that
// are not coded, of proportions in percent only ([Profile.AllowsTotals]).
//
// # Benchmark-only measures
//
// A measure of kind benchmark-only compiles to the same rules and values; what
// is released are P25, P50, P75 and P90 (nearest rank, as in measures/scoring)
// over the practices that pass, and only when min_benchmark_practices of them
// do: 10 at least, below which a quartile is somebody's value. Which practices
// pass, how many, and every value stay encrypted; no profile can allow more.
// A coded end counts as its limit and has no bound. What a second benchmark
// over other practices or payers would give away is kept from happening by
// governance/rules.
//
// # Profiles
//
// A profile is strict JSON ([Parse]); its canonical bytes and hash are what the
// log stores. Its class says which floor it must meet. Floors are compiled in
// and a profile below one is refused by name and number; [Stricter] combines
// the profiles of several members into the one no member finds too loose.
//
// A profile may also carry floors for the data of every member ([Quality]): a
// member whose data does not meet them takes no part.
package disclosure
