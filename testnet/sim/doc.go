// Package sim plays whole networks in virtual time: the members' services (package node: link, log, consensus, run, journal) as they are,
// over simulated packets, on real directories, in memory where the system has such a folder. Minutes of a network's life take a second of one processor. INSECURE: toy parameters.
//
// # World
//
// testing/synctest gives the clock: it stands still while anything computes or writes, and jumps to the next timer when everything
// waits. quic-go's simnet carries the packets between the sockets; network decides which arrive. Two things of a member are not the real
// ones, because waiting for a real socket would stop the clock: its database (its figures come from population) and its operator's
// socket (node.Simulated). Virtual time exists in tests only, so Run is a test that a command may start.
//
// # Scenario
//
// A seed draws: 3 or 4 payers; the delay of every link; milliseconds in which packets are lost; partitions, one-way ones too, short or for
// ever; members that die at a point of a step (run.Point) and come back on their directory, or never; a disk that refuses a step's
// journal; a member that computes something else than the others, or reveals other bytes than it is bound to. Dead means dead: from that
// point on no packet leaves or reaches the member, and its next life begins with what is on its disk.
//
// # Invariants, in every scenario
//
//   - no member sends two statements or two objects for one step, over all its lives (share once);
//   - no member acts in the run before its own log has the authorisation under a checkpoint that every participant has cosigned;
//   - every honest member that is there at the end has a verdict, certified or void, and all have the same;
//   - all recipients hold the same table, and it is the one that follows from the pooled figures;
//   - a member that is there at the end keeps no secret and no object of the run on its disk;
//   - an honest member's evidence verifies (package governance/audit);
//   - nothing is left running, the heap stays bounded.
//
// # Replay
//
// The trace of a scenario is what was done to it and what each member did and ended with. A seed replays to the same trace, byte for byte:
// what happens to a packet is a function of seed, link and virtual millisecond, a disturbance that depends on the clock is much shorter than
// the deadline, and one that lasts for ever, like a crash, is bound to a point of a step. Two things are left out of the trace because the real stack draws them at
// random: the virtual instant at which an election ends, and which of several members notices an end first.
package sim
