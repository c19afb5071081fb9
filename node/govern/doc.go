// Package govern makes entries of what people want to do, says what they are, and lists what is open. It reads a state of the log and signs nothing: the member's service
// signs what a person has seen (package admin), with the key that stays where the member is.
//
// # Acts
//
// A matter is a motion's name, or a measure: ID, ID@VERSION, or the beginning of its hash.
//
//	entry KIND                               the content is the body, as the command line made it (measure.propose, profile.set, roster.set)
//	propose SUBJECT [ARG…]                   a motion; charter, seats, agreement, structure, sum: the content is the document; chair NAME|nobody,
//	                                         remove NAME, retire MEASURE, agreement-end ID: with the option reason; option id names it
//	refer MEASURE · publish MEASURE          a draft to the committee; what it has to public comment
//	comment MATTER TEXT                      option from: one of the public, for whom the convener writes
//	respond MATTER ENTRY TEXT · object MATTER TEXT · vote MATTER yes|no|abstain · withdraw MATTER
//	approve MATTER                           a measure is approved (option in-force: a date), a motion carried
//	attest                                   for the log's year; the content is the statement, whose hash the charter has
//	adopt-open ID STRUCTURE intention|status DATE · adopt-commit ID full|partial|none · adopt-reveal ID
//	veto RUN REASON · void RUN REASON
//	appeal-open ID RUN GROUND                options measure and practice
//	appeal-panel ID NAME… · appeal-answer ID TEXT · appeal-decide ID upheld|dismissed TEXT
//	submit MEASURE PERIOD PRACTICE STRATUM VALUE   the content is the evidence, of which the log gets the hash
//	audit ENTRY confirmed|rejected TEXT
//	amend · identify                         convener; the content is the document of roster.amend, roster.identify
//	room-open · room-close · ballot          convener or chair; the content of the first is the document of room.open
//	witness                                  the root of the log as this member has it
//	leave                                    the member leaves
//
// Documents are JSON with the fields of package rules; unknown fields are refused. A missing version is the next one. Where a document wants a log time, a date
// ("2026-01-31") will do; where it wants seconds, days ("30d"); where it wants a measure's hash, ID or ID@VERSION of an approved one.
package govern
