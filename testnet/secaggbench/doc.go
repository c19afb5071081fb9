// Package secaggbench measures secure aggregation over real sockets: the convener's hub and payers on loopback, one stream each, every member with its
// own state. The same streams then carry the plain vectors, which the convener adds, and the two alternate; the result is the median of each.
//
// Processor time of a payer is that of its thread (getrusage, RUSAGE_THREAD) inside crypto/secagg: Masking is the one call that makes the masked
// vector, its hash and the opening of the others' shares; All is every step and the payer's own Recover of the sum from the transcript. In the
// timed round the convener recovers the sum and sends it to everybody, as in the plain one; Recover at a payer is measured beside it, not in the wall
// time. Sent are bytes that a payer writes to its stream.
//
// Risk is a model of measures/risk whose equations are summed in a round of all payers in this process, against the fit on the pooled people.
//
// Exact plays rounds within the process, with random vectors and bounds: every number of dropouts at every step, for rosters of 3 to 12 with the smallest
// threshold there can be and with the largest, each combination as often as the others; and beside them rounds with any roster and threshold in which members
// drop at different steps. Each must end with the plain sum of those present, or with an error when fewer than the threshold stayed (or one sent no keys).
package secaggbench
