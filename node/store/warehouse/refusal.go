package warehouse

import (
	"errors"
	"fmt"

	"github.com/jackc/pgx/v5/pgconn"
	"github.com/trinodb/trino-go-client/trino"
)

// plain rewords a server's error in the classes that measures/engine knows, which passes on a text that can only quote the measure's own SQL and
// withholds any other.
func plain(err error) error {
	if pg, ok := errors.AsType[*pgconn.PgError](err); ok {
		switch {
		case len(pg.Code) == 5 && pg.Code[:2] == "42": // syntax error or access rule violation
			return errors.New("Binder Error: " + pg.Message)
		case pg.Code == "53200":
			return errors.New("Out of Memory Error: " + pg.Code)
		case pg.Code == "57014":
			return errors.New("Timeout Error: " + pg.Code)
		}
		return fmt.Errorf("SQLSTATE %.5s Error: withheld", pg.Code)
	}
	if t, ok := errors.AsType[*trino.ErrTrino](err); ok {
		return plainTrino(*t)
	}
	if t, ok := errors.AsType[trino.ErrTrino](err); ok {
		return plainTrino(t)
	}
	return err
}

// refusals are the errors of Trino's analysis, whose texts quote nothing but the query.
var refusals = map[string]bool{
	"SYNTAX_ERROR": true, "TABLE_NOT_FOUND": true, "COLUMN_NOT_FOUND": true, "FUNCTION_NOT_FOUND": true, "TYPE_MISMATCH": true, "PERMISSION_DENIED": true,
	"SCHEMA_NOT_FOUND": true, "AMBIGUOUS_NAME": true, "EXPRESSION_NOT_AGGREGATE": true, "NOT_SUPPORTED": true, "MISSING_CATALOG_NAME": true, "CATALOG_NOT_FOUND": true,
}

func plainTrino(t trino.ErrTrino) error {
	if refusals[t.ErrorName] {
		return errors.New("Binder Error: " + t.Message)
	}
	return fmt.Errorf("%.30s Error: withheld", t.ErrorName)
}

// withheld is for errors outside a measure's query: the server's code, without its text.
func withheld(err error) error {
	pg, coded := errors.AsType[*pgconn.PgError](err)
	_, connecting := errors.AsType[*pgconn.ConnectError](err)
	switch {
	case connecting && coded:
		return fmt.Errorf("no connection (SQLSTATE %.5s): look at role, database, password and TLS of its address, and at the server's log", pg.Code)
	case connecting:
		return errors.New("no connection: look at host, port and TLS of its address, and at the server's log")
	case coded:
		return fmt.Errorf("the server refuses with SQLSTATE %.5s", pg.Code)
	}
	return plain(err)
}
