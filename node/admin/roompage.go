package admin

import (
	"html/template"
	"io"
	"time"
)

// OwnStatement says, for people, how far a member's own statement is; empty: there is none.
func OwnStatement(r Room) string {
	if r.Own == "waiting" && !r.Open {
		return "“" + r.OwnText + "” waited, and the room is closed: it is not said; take it back with --withdraw"
	}
	switch r.Own {
	case "waiting":
		return "“" + r.OwnText + "” waits for the next sitting"
	case "opening":
		return "“" + r.OwnText + "” was in the last sitting; what came of it is not on record yet"
	case "said":
		return "the last statement is on record"
	case "unclear":
		return "“" + r.OwnText + "” is not on record, and the sitting it was in ended early: others may have seen it, without its author. Say it again, or take it back"
	}
	return ""
}

// RoomPage writes the rooms as a page that stands by itself: no script, nothing loaded, for the member's own eyes.
func RoomPage(w io.Writer, rooms []Room) error { return roomPage.Execute(w, rooms) }

var roomPage = template.Must(template.New("rooms").Funcs(template.FuncMap{
	"when": func(t int64) string { return time.Unix(t, 0).UTC().Format("2006-01-02 15:04 UTC") },
	"own":  OwnStatement,
}).Parse(`<!DOCTYPE html>
<html lang="en">
<head>
<meta charset="utf-8">
<meta http-equiv="Content-Security-Policy" content="default-src 'none'; style-src 'unsafe-inline'; base-uri 'none'; form-action 'none'">
<meta name="viewport" content="width=device-width, initial-scale=1">
<title>Silent rooms</title>
<style>
:root { color-scheme: light dark; --ink: #1a1a1a; --soft: #4d4d4d; --paper: #ffffff; --line: #767676; }
@media (prefers-color-scheme: dark) { :root { --ink: #f0f0f0; --soft: #c4c4c4; --paper: #161616; --line: #8c8c8c; } }
body { font: 1rem/1.5 system-ui, sans-serif; color: var(--ink); background: var(--paper); max-width: 50rem; margin: 0 auto; padding: 1rem; overflow-wrap: anywhere; }
h1 { font-size: 1.6rem; } h2 { font-size: 1.3rem; border-top: 1px solid var(--line); padding-top: 1rem; } h3 { font-size: 1rem; margin-bottom: 0; }
blockquote { margin: .5rem 0; padding-left: 1rem; border-left: .25rem solid var(--line); }
.soft { color: var(--soft); }
@media print { :root { color-scheme: light; --ink: #000000; --soft: #333333; --paper: #ffffff; --line: #767676; } body { max-width: none; padding: 0; } h2, h3 { break-after: avoid; } blockquote { break-inside: avoid; } }
</style>
</head>
<body>
<main>
<h1>Silent rooms</h1>
<p class="soft">Everybody present takes part in every sitting in the same bytes at the same times. One of those present said it; nobody can tell who.</p>{{range .}}
<h2>{{.Room}}: {{.Topic}}</h2>
<p>Members: {{range $i, $m := .Members}}{{if $i}}, {{end}}{{$m}}{{end}}. At least {{.Least}} must be present.
{{if .Open}}{{if .Due}}Sitting due since {{when .Next}}: it is held as soon as {{.Least}} are connected;{{else}}The next sitting is at {{when .Next}};{{end}} {{.Sat}} of {{.Sittings}} are on record.{{else}}Closed{{with .Reason}}: {{.}}{{end}}.{{end}}</p>{{if and .Open .Seat}}
<p>To say something there: <code>tacet node room say {{.Room}} "…" --dir DIR</code></p>{{end}}{{with own .}}
<p><strong>Your own, which nobody else can see:</strong> {{.}}.</p>{{end}}{{range .Said}}
<h3>Sitting {{.Number}}, entry {{.Entry}} of the log</h3>
<p class="soft">One of these said it: {{range $i, $m := .Present}}{{if $i}}, {{end}}{{$m}}{{end}}.{{with .Withheld}} {{.}} withheld.{{end}}</p>{{range .Statements}}
<blockquote>{{.}}</blockquote>{{else}}
<p>Nothing was said.</p>{{end}}{{else}}
<p>Nothing is on record yet.</p>{{end}}{{else}}
<p>No room was opened.</p>{{end}}
</main>
</body>
</html>
`))
