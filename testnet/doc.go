// Package testnet runs a whole network on one machine: N payers and a convener, each with its own data directory, keys, embedded
// database, QUIC connection and replica of the governance log. Nothing passes between members but over their QUIC connections;
// the test network drives each member through the same local interface an operator has (node/admin), in one process or, with
// Options.Processes, in one process per member.
//
// # What a run of it does
//
//	input      read or make the payers' data and check every row; nothing else happens before that
//	oracle     compute what must come out, from the pooled plain data (testnet/oracle)
//	members    keys, genesis, directories; load each payer's data into its own store; start; the log has a leader
//	govern     disclosure profiles, roster, measures proposed, voted by every payer, approved
//	expect     the models that measures over expected values use, fitted by exact sums; each must be the pooled one, and is named in the manifest (expected.go)
//	lines      exact sums of the variance components of some proportions, equal to the pooled ones; the run asks for their lines (Options.Reliability)
//	run        authorise; the members compute; the certificate enters the log
//	risk       a risk model by exact sums under masks: presence, equations, bins, deciles; it must be the pooled one (Options.Risk)
//	check      all recipients hold the same table; it equals the oracle cell by cell
//	write      release.csv, release.parquet, certificate.json, oracle.csv, timings.json; evidence.zip is the convener's, asked for before
//
// Package matrix below kills and disturbs the members of such a network, one process each, at every step.
//
// # Folder
//
//	OUT/convener, OUT/payer-1, …   the members' data directories (node/vault); a payer's figures are in its own folder alone
//	OUT/release.csv …              what the run released
//	OUT/oracle.csv                 the pooled plain figures: exists on a test network only
//	OUT/timings.json               per step: seconds, bytes sent and received per member, peak resident memory
package testnet
