// Package page writes what a node may show its own people as one HTML file: an explanation of one member's result, a preview of what the node would
// contribute.
//
// A file, not a server: it needs no port that another user or a page in another tab could reach, no token that ends in a browser's history and no
// process that outlives the question. It holds member data and is written with mode 0600; who deletes it has deleted the page. It has no script
// and loads nothing: its policy (Content-Security-Policy, in the file) forbids both, so opening it tells nobody. It is plain HTML with headings, table
// captions and header cells for a screen reader, follows the light or dark scheme, fits a narrow screen, and prints. Package testnet/browser looks at it in a real browser.
package page
