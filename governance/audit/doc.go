// Package audit makes evidence bundles of a governance log and verifies them: offline, from the bundle's own bytes, applying every rule again. It
// reaches neither Raft, QUIC, a database, the lattice nor net/http, so that what counsel runs is small (a test says so).
//
// # Bundle
//
// A bundle is a zip with these files and no others:
//
//	README.txt                               what is in it and how to check it with coreutils and openssl
//	policy                                   whose signatures a checkpoint needs (c2sp.org/tlog-policy)
//	genesis.json                             entry 0: the members and their keys at the beginning
//	checkpoint                               signed by the convener as the log, cosigned by payers (c2sp.org/tlog-checkpoint)
//	tile/…, blob/…                           hashes, entries, long entries, as package ledger exports them (c2sp.org/tlog-tiles)
//	releases/RUN/table.json                  of every certified run: the table whose hash the recipients signed,
//	releases/RUN/certificate.json            the certificate that they hold,
//	releases/RUN/certificate.tlog-proof      and the proof that it is in the log (c2sp.org/tlog-proof)
//	report/index.html                        what was decided, by whom, what ran under it, what was released
//
// It has one byte form: names in order, stored and not compressed, no times, no comments, no gaps. Open accepts that form and nothing else, so no file can
// be hidden, doubled, or expand to more than the bundle's own size, and any change of any byte is found. Names are held against a
// list of forms; none leads out of a folder. At most 4 GiB and 65,535 files.
//
// # Verification
//
// Verify trusts nothing in the bundle but what it recomputes:
//
//	the tree         every entry is hashed with this package's own RFC 6962 code; tiles and the checkpoint's root must be the same
//	the rules        package rules judges every entry from the genesis on; one refused entry and the log is not verified
//	the checkpoint   signed by the convener and by more than half of the payers, each with Ed25519 and with ML-DSA-44: half a signature is
//	                 none; every line is a member's signature in its one form
//	witnessed roots  every root that a member said in the log to have seen is the root of this tree at that size
//	certificates     the statement, the signatures of all recipients, the certifying entry, its inclusion proof, and cosignatures of
//	                 every contributor on a checkpoint over it (the certificate's own or the bundle's)
//	tables           the hash; every cell is one of the manifest's, in order, its value one that the profile in force at the
//	                 authorisation can give: step, range, bound; a benchmark-only measure has its percentiles and no cell;
//	                 what a cell says of its reliability is what the manifest's line allows
//	exact sums       elements, present members and bounds as authorised; the model or the line that those present signed is made again of the sum and
//	                 those before it (Follows, by which members make it too), where their tables are in the bundle: Result.Sums says of which;
//	                 exact totals: of everybody, figures that so many shown practices can add up to, and, where the release's
//	                 table is there, as many practices as it shows
//	policy, README,  are made again and compared, byte for byte
//	report
//
// The bundle's policy says the same in C2SP's words, for programs that know keys and not members: a payer is a group of its two keys, the log's ML-DSA-44 key a
// witness that every quorum needs. A policy that an auditor brings along counts the keys that it lists.
//
// Findings carry a Code, the file with entry, run or cell, and for a refused entry the rule's own code. After a refused entry tiles and checkpoint are
// still looked at, releases are not: what was authorised is unknown.
//
// # Proofs of a fork
//
// A replica that is shown another history than it has leaves fork-N.json (ledger.ForkProof). CheckFork verifies it from its own bytes: who signed the other history,
// and that this side's is the beginning of a log that the convener signed (an RFC 6962 consistency proof to a signed checkpoint in the proof, or an evidence bundle
// beside it). Signatures are checked with the keys of the genesis in the proof, or of the bundle for members that joined later.
//
// # What a bundle cannot show
//
// It vouches for itself: whoever makes up a genesis with keys of their own can make a bundle of it. Options.Genesis, the hash on every member's
// invitation, or Options.Policy ties it to the ledger that is meant, and Diff to a bundle that one has kept. A bundle of an earlier
// state is as good as it ever was; only a later one shows that it is old. Figures of payers are not in it, so that a released value
// is the right one is what the recipients signed, after each had recomputed the encrypted evaluation; the auditor sees that it is one
// that the rules can give.
package audit
