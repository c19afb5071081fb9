// Package logbench measures the governance log: replicas as members run them, over QUIC on the loopback device, with real signatures and real
// fsyncs.
//
//	sustained  all members write batches (replica.ProposeAll) for as long as asked; an entry counts when it is in its author's own ledger
//	latency    all members together write 50 entries a second, one at a time, each at its own time: from that time to the author's own ledger
//	agreement  all replicas have the same root and the same state in the end, or the measurement has failed
//	size       a generated log of so many entries: its bytes on disk, and the heap of a replica's ledger and state replayed from it
//	audit      the evidence bundle of that log, verified: tree, signatures, every rule, policy and report
//
// Entries are the shortest kinds: clocks of payers and rosters of one practice of the convener, so that signatures and fsyncs are what is measured.
// Each goal is printed as met or missed, and one that is missed is an error. The first two and the auditor's are of the clock of an idle machine;
// a short measurement judges by processor time, on two processors, and leaves latency unjudged. Sizes are extrapolated to 100,000 entries.
//
// All members share this machine's processors and its disk: every entry is signed once and verified by each. What five machines would do is
// more. Times are of the wall; processor seconds stand beside them, since on a loaded machine only they mean something.
package logbench
