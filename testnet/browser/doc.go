// Package browser opens every page that tacet writes for people in a real browser (Chromium, driven by chromedp) and looks at what comes out: the
// explanation and the preview of a node (node/page), the silent rooms (node/admin), the report of an evidence bundle (governance/audit). It has tests only.
//
// Every page is filled with hostile names and reasons and then
//
//   - is the same with scripts switched off, asks for nothing but itself, and leaves no line in the browser's console;
//   - holds its own policy: what an attacker who could write into the page would add (a script, an event handler, a picture, a style sheet, a form, a base address) does
//     nothing and loads nothing. This also shows that the observation observes;
//   - has a language, a title, one first heading, no heading left out, a main part, tables with a name and with header cells that say for what, and shows what
//     members wrote as text;
//   - is readable: every text has a contrast of at least 4.5 : 1 (3 : 1 when large) with what is behind it, in light, in dark and on paper;
//   - fits: 320 pixels wide (WCAG 2.2, 1.4.10) nothing leaves the page but tables inside regions that scroll; on paper nothing is cut off;
//   - is reached with the keyboard: Tab goes through everything that can be used or scrolled, in order, with a visible mark.
//
// Where there is no browser the tests skip, loudly; .ci/browser installs Debian's and has them fail instead (TACET_REQUIRE_CHROMIUM=1).
package browser
