// Package node is one member's service: it holds the member's data directory and wires link, governance log, store and runs
// together. It is the one place where everything meets; nothing imports it but commands and the test network.
//
// # Life of a service
//
// Start locks the data directory, loads the keys, checks that the ledger's genesis names this member with these keys, opens the
// link (a payer dials, the convener listens), the replica of the governance log, a payer's store, and the local interface. From then on
// it acts on the log alone: nobody starts a run at a member. When an entry authorises a run that names this member, and the
// checkpoint over it carries the cosignature of every participant, the member takes part. A crash at any point loses nothing that was
// acknowledged: the log and the journals are fsynced. A member that comes back while its run is open in the log goes on with it: a payer
// with the same key share from its sealed journal and the same bytes for every step done, the convener with its board (package
// coordinator). A run that the log ended while a member was away is closed at its next start, and the key share erased (away.go).
//
// # What a payer contributes
//
// For every measure of the run the payer runs the approved SQL on its own store, lays the rows out in slot order, and holds them
// against the caps (predicate.Plan.Check). The figures exist in the payer's memory and, sealed, in its journal until the run ends; the
// node writes them nowhere else, neither to its log nor to an error.
//
// Withheld (withhold.go) are records of 42 CFR Part 2 and members of self-funded plans that did not opt in, from every measure. The manifest names the
// list; a payer that holds another one declines. Slots of value sets are filled from the payer's own lists (valueset.go); a list that the
// definition means and that is not there, or another edition of it, makes the payer decline. A measure of observed over expected takes its expected values
// from the version of the model that the manifest names, out of the log (model.go); the last version is kept in models/ID.json, for preview and explanation.
//
// # Consent
//
// Policy decides, and there is no default: a payer without one does not start. "standing" contributes to a run of measures that this member itself voted
// for, within the policy's measures, profiles, floors and peers; anything else declines.
// A declined run is void before any key exists. So is one for which the member's data does not pass its quality gate (package quality): the run learns the
// reason code quality and no figure.
//
// # Joining
//
// A ledger begins with its convener (Found). A payer comes in by a one-time invitation (package invitation), with which alone it can reach one service of
// the convener: there it submits its public keys and proves that it holds them (Join). The convener's operator approves them by fingerprint, more than half
// of the present payers endorse them, each for the peers of its policy or by its operator's word, and member.join enters the log. Every other
// service is for members only.
//
// # New keys
//
// Rotate replaces all keys of a member but the convener's: made on disk first (keys.next), then brought into the log by an entry signed with the old and the new
// ones, then put in place, after which the service begins again (Renewed). Every node's link takes the new pin alone from that entry on, also while a run
// computes (keepDirectory). It goes on after a crash at any point; the replaced keys are deleted when the log here has the entry.
//
// # A ledger that is gone
//
// ledger.begun tells a ledger that was lost from one that never was. A node gets its own again from the others; a convener is restored from a snapshot of any
// member, for an empty ledger of it would be a fork (upkeep.go, package replica).
//
// # Seats
//
// An auditor, counsel, a provider, an expert or an observer has a node without data, policy and key share (Role.Seat). It dials out like a payer's, is no voter
// in Raft, replays and judges the whole log, and cosigns every checkpoint. After every Witness.Every entries of others, and once a minute, it asks all
// connected members for the newest checkpoint that they were shown and compares it with its own (replica.Gossip), and then puts the root that
// it has cosigned into the log (checkpoint.witness). A contradiction is an alarm: a proof in the ledger's folder, a line in node.log, Status.Alarms; when
// the convener has signed it, the replica stops for good, over restarts, until somebody moves the proof away. More than half of the payers let a
// seat in, by policy.seats or by their operators.
//
// # Rooms and sealed votes
//
// The convener holds the sittings of open rooms at the times of their entries (sittings.go), among those of their members who are connected, and counts a
// sealed vote when its operator asks. A member takes part in a sitting that its own log has now, whether there is something to say or not, once
// everybody present has cosigned the entry behind it, and in none twice (seated.go). All sign what came out, and the convener puts it on record.
//
// What a member has to say waits in rooms/ROOM/slip.sealed, of one size for everybody. Before it can be opened in a sitting the slip says so; from then
// on it is not said again until the log has that sitting: on record it is said, else a person decides. So a statement is said once or its member is told;
// a sitting that somebody leaves is void, and the convener holds another attempt (five at most). A ballot counts in the attempt that is on record.
//
// # Exact sums
//
// A run of kind aggregate (run.aggregate) sums vectors of what a motion approved (sum.define): a risk model's stages, a measure's variance components, exact totals, or payers by
// the tenth of a share of their quality gate. It goes
// the way of a release – cosigned manifest, policy (the sum's id is in measures), the payer's word in the log before it opens anything, certificate, evidence –
// with protocol/sum in place of the encrypted circuit. Where the definition has a bound, every payer proves to all others that its vector is in range
// (crypto/secagg/bounded): all must be present, the certificate names the proof, and a payer without one is named in the run's void entry. What a vector is made of,
// and how long it is, every member derives by itself from the definition and the certified tables of the runs before (sumkind.go). The model that follows from a sum
// is in the statement that those present sign; the convener puts it on record
// (model.set). A sum of kind total (totalsum.go) adds up what a certified release shows, by region: each member takes the practices from its own copy of that release's
// table, refuses another number of them than the manifest says, and contributes only the vector that it was bound to in the release (its salt opens that commitment);
// totals.csv is made of the table. A payer that dropped has no table, and takes no part in what follows until it is given one. Journals are in sums/RUN; report.json beside the table is
// for people.
//
// # Result
//
// The table has a cell for every practice of a measure, released or suppressed; of a stratified measure one for every practice and stratum that the
// manifest names (Draft.Strata; what a member holds of another stratum is in no cell). A benchmark-only measure has a row in
// benchmarks instead: P25, P50, P75 and P90, or suppressed.
//
// A run that asks for reliability (reliable.go) has a further cell of the circuit behind the others for each cell it asks, with the same inputs, and a released cell
// of the table says reliable: true or false. Answers that fit no cell end the run. tacet node release writes reliability.csv beside release.csv,
// and the certificate carries it, so that release.csv with its certificate is the signed table again (audit.Marks).
//
// Each recipient keeps runs/RUN/table.json (the canonical bytes it signed) and certificate.json: the statement, all recipients'
// signatures, the certifying entry, its inclusion proof and the cosigned checkpoint.
//
// A certified run whose participants have not all cosigned the log over its certificate when the deadline of its last step has passed is held: the member
// says so, and whom it waits for, goes on with the next run, and releases as soon as they have. So a participant that never comes back holds back one table
// and hangs nobody.
package node
