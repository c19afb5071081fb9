package warehouse

import (
	"context"
	"database/sql"
	"encoding/json"
	"errors"
	"fmt"
	"maps"
	"net"
	"net/url"
	"slices"
	"strings"
	"time"

	"github.com/trinodb/trino-go-client/trino"

	"github.com/tacet-health/tacet/measures/engine"
	"github.com/tacet-health/tacet/node/store"
)

// parseTrino reads the connection text; its errors quote none of it.
func parseTrino(dsn string) (*trino.Config, error) {
	u, err := url.Parse(dsn)
	if err != nil || u.User == nil || u.User.Username() == "" {
		return nil, errors.New("is not read: want https://role@host:8443/catalog/schema")
	}
	parts := strings.Split(strings.Trim(u.Path, "/"), "/")
	if len(parts) == 1 {
		parts = append(parts, DefaultSchema)
	}
	if len(parts) != 2 || !plainName.MatchString(parts[0]) || !plainName.MatchString(parts[1]) {
		return nil, errors.New("has no /catalog/schema of lower-case letters, digits and underscores")
	}
	if ip := net.ParseIP(u.Hostname()); u.Scheme == "http" && u.Hostname() != "localhost" && (ip == nil || !ip.IsLoopback()) {
		return nil, errors.New("is http:// to another machine, where everybody on the way reads member data: use https://")
	}
	c, err := trino.ParseDSN(dsn)
	if err != nil {
		return nil, errors.New("is not read: want https://role@host:8443/catalog/schema, with the parameters of Trino's Go client")
	}
	c.Catalog, c.Schema, c.Source, c.TimeZone = parts[0], parts[1], "tacet", "UTC"
	c.ExternalAuthentication = false // a service opens no browser
	return c, nil
}

func connectTrino(dsn string, o Options) (*Warehouse, error) {
	c, err := parseTrino(dsn)
	if err != nil {
		return nil, err
	}
	properties := maps.Clone(c.SessionProperties)
	if properties == nil {
		properties = map[string]string{}
	}
	limit := fmt.Sprintf("%dms", max(o.MeasureTimeout.Milliseconds(), 1))
	properties["query_max_run_time"], properties["query_max_execution_time"] = limit, limit
	c.SessionProperties = properties
	attempt := 30 * time.Second
	c.RequestRetryTimeout = &attempt
	connector, err := trino.NewConnector(c)
	if err != nil {
		return nil, errors.New("its address is not taken by Trino's client")
	}
	return &Warehouse{db: sql.OpenDB(connector), catalog: c.Catalog, schema: c.Schema, dialect: engine.Trino, timeout: o.MeasureTimeout}, nil
}

// admitTrino asks for the schema. What a role may do is the catalogue's access control in Trino and cannot be asked for.
func (w *Warehouse) admitTrino(ctx context.Context) error {
	var n int64
	err := w.db.QueryRowContext(ctx, "SELECT COUNT(*) FROM "+w.catalog+".information_schema.schemata WHERE schema_name = "+quote(w.schema)).Scan(&n)
	switch {
	case err != nil:
		return withheld(err)
	case n != 1:
		return fmt.Errorf("there is no schema %s.%s: print the tables with tacet node schema", w.catalog, w.schema)
	}
	return nil
}

// checkTrinoInputs holds the columns of the inputs to names and types.
func (w *Warehouse) checkTrinoInputs(ctx context.Context, conn *sql.Conn, inputs []string) error {
	rows, err := conn.QueryContext(ctx, "SELECT table_name, column_name, data_type FROM "+w.catalog+".information_schema.columns WHERE table_schema = "+quote(w.schema))
	if err != nil {
		return withheld(err)
	}
	defer rows.Close()
	have := map[string]string{}
	for rows.Next() {
		var table, column, typ string
		if err := rows.Scan(&table, &column, &typ); err != nil {
			return withheld(err)
		}
		have[table+"."+column], _, _ = strings.Cut(typ, "(")
	}
	if err := rows.Err(); err != nil {
		return withheld(err)
	}
	for _, in := range inputs {
		t, _ := store.Lookup(in)
		for _, c := range t.Columns {
			got, ok := have[in+"."+c.Name]
			if !ok {
				return fmt.Errorf("the warehouse has no column %s.%s.%s (tacet node schema prints the tables)", w.schema, in, c.Name)
			}
			want := []string{strings.ToLower(columnType(Trino, c))}
			if want[0] == "bigint" {
				want = append(want, "integer", "smallint")
			}
			if !slices.Contains(want, got) {
				return fmt.Errorf("column %s.%s.%s has type %s, want %s", w.schema, in, c.Name, got, want[0])
			}
		}
	}
	return nil
}

// checkTrino asks the server what a query reads and writes. Views are opened up in the answer, so the answer for the inputs by themselves is asked for
// first.
func (g *guard) checkTrino(ctx context.Context, query string) error {
	// What begins so is a query to the grammar. A statement that removes all of a table may say of itself that it reads and writes nothing.
	if first, _, _ := strings.Cut(strings.TrimSpace(query), " "); !strings.EqualFold(first, "select") && !strings.EqualFold(first, "with") {
		return errors.New("Parser Error: the statement is not a SELECT")
	}
	allowed, err := g.io(ctx, "SELECT * FROM "+strings.Join(g.inputs, " CROSS JOIN "))
	if err != nil {
		return err
	}
	read, err := g.io(ctx, query)
	if err != nil {
		return err
	}
	for _, name := range read {
		if !slices.Contains(allowed, name) {
			return fmt.Errorf("Binder Error: the statement reads %.100q, which is not a declared input", name)
		}
	}
	return nil
}

// io returns the tables that one statement reads; a statement that writes is refused.
func (g *guard) io(ctx context.Context, query string) ([]string, error) {
	var text string
	if err := g.conn.QueryRowContext(ctx, "EXPLAIN (TYPE IO, FORMAT JSON) "+query).Scan(&text); err != nil {
		return nil, err
	}
	return tablesRead(text)
}

func tablesRead(text string) ([]string, error) {
	type name struct {
		Catalog string `json:"catalog"`
		Schema  struct {
			Schema string `json:"schema"`
			Table  string `json:"table"`
		} `json:"schemaTable"`
	}
	var plan struct {
		Inputs []struct {
			Table name `json:"table"`
		} `json:"inputTableColumnInfos"`
		Output *name `json:"outputTable"`
	}
	if err := json.Unmarshal([]byte(text), &plan); err != nil {
		return nil, errors.New("Parser Error: the statement is not a SELECT")
	}
	if plan.Output != nil {
		return nil, errors.New("Parser Error: the statement does more than read")
	}
	var out []string
	for _, in := range plan.Inputs {
		out = append(out, strings.Join([]string{in.Table.Catalog, in.Table.Schema.Schema, in.Table.Schema.Table}, "."))
	}
	return out, nil
}
