// Package bench runs the release circuit on made-up cells, compares every cell with exact arithmetic, and measures what it costs a member.
//
// # Cells
//
// Shape by shape (see shapes) and case by case (see draw): exact ties of the rounding, one beside them, the largest denominators, every
// rule's edge and one beside it, nothing and everything, one payer dominating, and random ones. Caps are the widest that the parameter set
// carries for the number of payers, so that the narrowest gap of the circuit is in use. The same seed gives the same cells.
//
// Every cell is compared with Plan.Oracle, which computes the circuit's own forms, and with exact, which computes the rate, rounds it and
// applies the rules as the disclosure profile states them, and shares nothing with crypto/predicate.
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
// recipient. Peak memory is that of this process since it started, in which all payers' key shares lie side by side.
package bench
