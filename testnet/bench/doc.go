// Package bench runs the release circuit on made-up cells, compares every cell with exact arithmetic, and measures what it costs a member.
//
// # Cells
//
// Shape by shape (see shapes) and case by case (see draw): exact ties of the rounding, one beside them, the largest denominators, every
// rule's edge and one beside it, nothing and everything, one payer dominating, and random ones. Caps are the widest that the parameter set
// carries for the strategy and the number of payers, so that the narrowest gap of the circuit is in use. The same seed gives the same cells.
//
// Every cell is compared with Plan.Oracle, which computes the circuit's own forms, and with exact, which computes the rate, rounds it and
// applies the rules as the disclosure profile states them, and shares nothing with crypto/predicate.
//
// # Matrix
//
// Run goes through every combination of parameter set, number of payers and strategy (all thresholds at once, a search of higher radix, binary
// search; predicate.NewPlanAs), each with keys, noise and reference string of its own. A combination gets cells by what the ciphertexts of its
// strategy hold, so that most of the work is done for full ones.
//
// # First version
//
// Compare measures the planner's choice beside what the first version of the circuit did at any size, all thresholds at once, in the same
// process: cells per core-second of a member, bytes that a payer sends per released cell, peak memory. All cells are released then.
//
// # What is measured
//
// All payers live in one process, one after the other, through the public calls of crypto/mhe and crypto/predicate. What every member does for
// itself (adding up all shares, evaluating) is done once. The processor time of one member is then
//
//	its own shares (all payers' time divided by their number) + its aggregation + its evaluation
//
// with the runtime's garbage collection counted in the first two and not in the third (Evaluation.CPU). Hashing, signing, the link and the
// journal are not in it. Bytes are those of the objects a payer sends; commits add 4.5 kB a step, and the release is counted for one
// recipient. Peak memory is that of this process during the setting (Linux; elsewhere unknown), in which one
// payer's key share at a time is awake and objects are files: that of one member, whatever the number of payers. With Options.Memory the
// member keeps within a budget as it does in a real run. What Plan.Predict said beforehand stands beside each of the three, with the ratio.
package bench
