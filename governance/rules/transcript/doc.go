// Package transcript plays readable stories against the rules: who writes what, and what the rules say of it. Tests of rules, replicas and the auditor play the same
// ones (rules/testdata). It makes its own keys and is for tests alone.
//
// A story is lines. A line that begins with "  -> " is an answer and is written by Play; "#" begins a comment. The others are:
//
//	AUTHOR KIND {…}                    an entry; the body as JSON
//	AUTHOR KIND FIELD=VALUE …          an entry; the body is the kind's template with fields changed. VALUE is JSON, or a word, or @DATE (log time)
//	AUTHOR run.authorise RUN FIELD=…   the standard manifest with fields changed
//	AUTHOR release.restate RUN FIELD=… the same, restating another run (restates=, appeal=, reason=)
//	AUTHOR statement.post FIELD=… signed=NAME,…   the same, with the signatures of all present, or of those named; so ballot.tally
//	AUTHOR motion.propose ID SUBJECT FIELD=…   a motion, its body the subject's template with fields changed
//	time DATE                          every payer shows this clock
//	carry ID SUBJECT FIELD=…           a motion put by the convener, voted for by all who decide, and carried
//	yes ID|measure NAME…               votes of several on a motion or on measure m-rate
//	join NAME ROLE                     a member, endorsed by all payers
//	given measures|profiles|roster     entries without a line of their own
//	again                              the last entry, byte for byte
//
// ${…} is replaced (expand). Options at a line's end: @seq=N, @version=N, @origin=NAME, @forged (signed by somebody else), @spaced (not canonical).
package transcript
