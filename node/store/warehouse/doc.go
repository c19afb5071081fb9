// Package warehouse runs approved measures on a payer's own warehouse: the member data stays where it is, and only the rows of
// [Warehouse.Measure] come back. It is the only importer of pgx and of the Trino client. The measures, the tables and the numbers are those of the
// embedded store (node/store); a test runs every case of the library on each engine and wants identical integers.
//
// # Engines
//
//	postgres://reader@host:5432/claims?search_path=tacet   PostgreSQL 13 or later, and what speaks its protocol: Citus, a partitioning by postgres_fdw
//	https://reader@host:8443/catalog/schema                Trino, in front of a lakehouse (http:// for a loopback address only)
//
// The schema that holds the canonical tables is search_path (default "tacet"), or the second part of the Trino path. A password belongs into
// ~/.pgpass (PGPASSFILE) or a client certificate rather than into the text. Neither the text nor a server's answer that may quote data is ever part
// of an error.
//
// # Tables
//
// [Schema] prints the DDL: typed, every column documented by a COMMENT, indexes by person and by date, ANALYZE at the end, and for Citus the
// distribution: every table that has person_id by person_id, co-located, so that all joins of a measure stay on one shard; the few others are
// reference tables. Tables may be views over what the warehouse has, as long as names and types are these. Dates are stored columns of type
// DATE and the measures compare them with literals: a day number computed in a view hides the dates from the planner's statistics (a query of 1.5 s
// became one of more than ten minutes). Text is COLLATE "C": comparing and ordering by bytes, as the other engines do; a column of another collation
// or type is refused when a measure needs it, with its name.
//
// # One person
//
// An explanation evaluates a measure many times without one row each. [Warehouse.Person] reads a person's rows, read-only and under the
// same timeout, into an embedded store that ends with the command, and the explanation runs there.
//
// # Sandbox
//
// A measure's query passes, in this order,
//
//  1. the engine's lint: a whitelist of words, functions and tables;
//  2. a guard that asks the database itself what the query is, without running it;
//  3. a read-only transaction that is always rolled back, with statement_timeout, a fixed search_path and fixed settings, under a role that can
//     do no more.
//
// What passes runs over the inputs without what package withhold takes out; the role may only read, so the query finds it itself.
//
// The guard for PostgreSQL sends the query to the parser (one statement, one that returns rows) and compares the locks which the transaction
// holds afterwards with those of the declared inputs alone: parsing locks every table and view a statement names, so a table too many, or one locked for more
// than reading, shows up whatever the text looks like. Then it reads the plan: a function that is volatile, or that only a session makes
// sense of (files, settings, other servers, large objects, queries in strings), is refused, and so is any function in FROM. For Trino it reads
// EXPLAIN (TYPE IO), which names what is read and what is written, of a text that begins as a query. What a server says before anything ran is passed on where it can only
// quote the query; of what ran, its code alone.
//
// [Open] refuses a role that is a superuser, that may read or write files or start programs on the server, or that may write the canonical
// tables. Each layer is tested by itself. When the context ends, the running statement is cancelled on the server; should this process die, statement_timeout
// ends it.
package warehouse
