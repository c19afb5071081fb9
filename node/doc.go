// Package node is one member's service: it holds the member's data directory and wires link, governance log, store and runs
// together. It is the one place where everything meets; nothing imports it but commands and the test network.
//
// # Life of a service
//
// Start locks the data directory, loads the keys, checks that the ledger's genesis names this member with these keys, opens the
// link (a payer dials, the convener listens), the replica of the governance log, a payer's store, and the local interface. From then on
// it acts on the log alone: nobody starts a run at a member. When an entry authorises a run that names this member, and the
// checkpoint over it carries the cosignature of every participant, the member takes part. A crash at any point loses nothing that was
// acknowledged: the log and the journals are fsynced, and a run in which a member lost its key share ends void.
//
// # What a payer contributes
//
// For every measure of the run the payer runs the approved SQL on its own store, lays the rows out in slot order, and holds them
// against the caps (predicate.Plan.Check). The figures exist in the payer's memory and in its journal; the node writes them
// nowhere else, neither to its log nor to an error.
//
// # Consent
//
// Policy.Consent decides: "standing" contributes to a run of measures that this member itself voted for; anything else declines.
// A declined run is void before any key exists.
//
// # Result
//
// Each recipient keeps runs/RUN/table.json (the canonical bytes it signed) and certificate.json: the statement, all recipients'
// signatures, the certifying entry, its inclusion proof and the cosigned checkpoint.
package node
