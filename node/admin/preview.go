package admin

import (
	"context"
	"net/http"
	"net/url"
)

// Previewer runs the measures of a run on the member's own data, before or while others do.
type Previewer interface {
	// Preview returns the payer's own counts: they go to its operator and nowhere else.
	Preview(ctx context.Context, run string) ([]Previewed, error)
}

// Previewed is what the node would contribute for one practice and stratum.
type Previewed struct {
	Measure  string   `json:"measure"`
	Practice string   `json:"practice"`
	Stratum  string   `json:"stratum"`
	Num      int64    `json:"num"`
	Den      int64    `json:"den"`
	PriorNum int64    `json:"prior_num"` // of the year before
	PriorDen int64    `json:"prior_den"`
	Flags    []string `json:"flags"`
}

func previewRoutes(mux *http.ServeMux, m Previewer) {
	mux.HandleFunc("GET /v1/runs/{run}/preview", func(w http.ResponseWriter, r *http.Request) {
		rows, err := m.Preview(r.Context(), r.PathValue("run"))
		answer(w, rows, err)
	})
}

// Preview asks what the member would contribute to a run of the log.
func (c *Client) Preview(ctx context.Context, run string) (rows []Previewed, err error) {
	err = c.do(ctx, http.MethodGet, "/v1/runs/"+url.PathEscape(run)+"/preview", nil, &rows)
	return rows, err
}
