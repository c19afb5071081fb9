package main

import (
	"fmt"

	"github.com/spf13/cobra"

	"github.com/tacet-health/tacet/node/store/warehouse"
)

// schemaCommand is `tacet node schema`.
func schemaCommand() *cobra.Command {
	var dialect, schema string
	c := &cobra.Command{
		Use: "schema", Short: "Print the tables of a payer's own warehouse as DDL", Args: noArgs,
		Long: `Print the canonical tables as DDL for the warehouse a payer has: postgres, citus (with the distribution: everything by person_id) or trino. A node reads them
there when tacet.toml says dsn in [database]; tables may be views over the warehouse's own, with these names and types.`,
		RunE: func(c *cobra.Command, _ []string) error {
			ddl, err := warehouse.Schema(warehouse.Kind(dialect), schema)
			if err != nil {
				return usageError{c, err}
			}
			_, err = fmt.Fprint(c.OutOrStdout(), ddl)
			return err
		},
	}
	c.Flags().StringVar(&dialect, "dialect", string(warehouse.PostgreSQL), "postgres, citus or trino")
	c.Flags().StringVar(&schema, "schema", warehouse.DefaultSchema, "schema that holds the tables")
	return c
}
