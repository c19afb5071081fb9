// Package store keeps one member's data in an embedded DuckDB, loads it
// strictly, and runs approved measures over it in a sandbox. It is the only
// importer of DuckDB. Nothing it holds leaves the process except as the rows
// of [Store.Measure].
//
// # Tables: Node Input v1
//
// A pinned subset of the Tuva input layer, its names kept, plus tables of our
// own. [Tables] documents every column (kind, unit, required or not, source):
//
//	eligibility           a person's span of cover
//	medical_claim         a claim line                (claim_id, claim_line_number)
//	pharmacy_claim        a dispensed line            (claim_id, claim_line_number)
//	lab_result            a resulted component        (lab_result_id)
//	observation           an observation              (observation_id)
//	immunization          a vaccine given or refused  (immunization_id)
//	provider_attribution  a person's practice a month (person_id, year_month)
//	encounter             a visit or stay, a row a code (encounter_id, source_code)
//	condition             a problem or diagnosis, likewise (condition_id, source_code)
//	procedure             a procedure done, likewise  (procedure_id, source_code)
//	service_request       an order or referral, likewise (service_request_id, source_code)
//	medication_request    an order of a drug, likewise (medication_request_id, source_code)
//	drug_crosswalk        NDC to RxNorm ingredient    (ndc_code, ingredient_rxcui)
//	deprivation_index     deprivation quintile        (zip_code)
//	practice_crosswalk    local to roster practice id (local_practice_id)
//	annual_summary        a person's year             (person_id, year)
//	measure_result        a certified engine's result (measure_id, person_id, practice_id)
//
// In brackets the key, which no two rows may share, in one load or in several.
// Ids and codes are text with leading zeros kept; money is whole cents; there
// is no float in any table, so sums do not depend on order. lab_result and
// observation carry result as it came, and result_micros, its exact decimal
// value in millionths where it is a plain number of at most six decimals.
//
// medical_claim has, in this database alone, diagnosis_codes and procedure_codes, in which the loaders put the 25 columns of each side by side ([Joined]):
// a measure asks for codes with one search instead of 25 comparisons (measures/engine), with the same answer for every row.
//
// # Loading
//
// [Store.Load] reads CSV and Parquet files in that layout. CSV: UTF-8, comma, LF or CRLF, quotes
// as in RFC 4180, an optional byte order mark, a header, a line break at the
// end (a file cut short is refused rather than taken for complete). An empty
// field is NULL. A code or id that was once a number
// (450.0, 1.23E+10, a ZIP code of four digits) is refused; revenue, place-of-service, disposition and DRG codes of digits alone get back the leading
// zeros that some payers never write. Unknown and missing columns are named; columns of the Tuva
// layer that are not kept are skipped and reported. A file that has one bad
// field is refused whole, with file, line and column of up to twenty problems.
// Texts of errors never contain a value. Each load is one transaction: a crash
// at any point leaves the table as it was before, or with all rows of the file.
// A test kills the process at several of them. [Options.Progress] hears how far a
// load is. A file's SHA-256 (decompressed) is noted in the same transaction, so that
// loading it again changes nothing. A changed file of the same name is another
// file: a key that comes again refuses it, and where the table has no key
// (eligibility) the report says what it stands beside. [Store.Unload] makes
// place for it.
//
// Parquet files are loaded by the database itself, set by set and not row by
// row: open the store with the files or their folder as Options.Sources, and
// call Load with them, as for CSV.
//
//	s, err := store.Open(ctx, dir, store.Options{MemoryMB: 6000, Threads: 2, Sources: []string{folder}})
//	report, err := s.Load(ctx, folder)   // folder/medical_claim.parquet, folder/medical_claim/part-0.parquet, …
//	s.Close()                            // and open it again without sources to run measures
//
// The checks are those of CSV written as SQL (a test holds the two to each
// other), the names of columns too; dollars may be DECIMAL, DOUBLE (the double
// nearest to a whole number of cents, nothing else) or text, codes and ids only
// text: a number has lost its leading zeros. A problem names the row.
//
// [Store.Append] is the way for adapters of other formats, with the same
// promises.
//
// # Sandbox
//
// From the end of [Open] on, for every connection of the store: external access
// is off (no file, no network, no attached database file but the store's own
// and its spill folder), no folder is allowed (but Options.Sources in a store that
// is opened to load, which runs no measure), extensions are neither installed
// nor loaded, memory, threads and spill are bounded, and the configuration is
// locked, so no statement can undo it. A measure's query passes, in this order,
//
//  1. the engine's lint: a whitelist of words, functions and tables;
//  2. DuckDB's own parser: one statement, a SELECT, over the declared inputs, made
//     of nothing but the kinds of nodes, operators and functions on a list;
//  3. a READ ONLY transaction in the locked database, with a timeout.
//
// Each layer is tested by itself. What passes runs over the inputs without what package withhold takes out, whatever the query (its sums, its form by
// member, an explanation). Which claims that are is kept in withheld_claim, found again by each process and after each load; a measure and a load
// wait for each other.
//
// # What measures have in common
//
// The building blocks that hold nothing of a measure's own (engine.Shared: practices by month, member months, enrolment, hospice, stays, emergency visits) have the
// same rows for every measure of a period. [Store.Measure] and [Store.Members] compute them once, over what package withhold leaves, keep them in tables
// node.kept_0 … node.kept_23 and put those in the place of the blocks' text after all checks of a query, which see it as it was compiled. A measure that does
// not declare all tables that a block reads computes the block itself. What is kept is believed by the process that filled it, until a load; a fourth
// period takes the place of the oldest. [Store.Explain] computes everything of the one person's rows. Engines that the node may only read keep nothing.
//
// # Files
//
// members.duckdb (0600), its write-ahead log, and spill/ while a query runs, in
// a folder of mode 0700. DuckDB locks the file: one process at a time.
package store
