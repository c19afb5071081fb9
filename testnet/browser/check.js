// What can be said about a page from inside it; a list of findings, none when all is well. mode is "screen" or "print".
function findings(mode) {
  const out = [];
  const say = (what, el) => out.push(what + (el ? ': ' + el.outerHTML.slice(0, 120) : ''));
  const all = (q) => [...document.querySelectorAll(q)];

  if (document.documentElement.lang !== 'en') say('the page has no language');
  if (!document.title.trim()) say('the page has no title');
  if (document.compatMode !== 'CSS1Compat') say('no document type');
  if (all('h1').length !== 1) say('there are ' + all('h1').length + ' first headings');
  if (all('main').length !== 1) say('there are ' + all('main').length + ' main parts');
  let level = 0;
  for (const h of all('h1,h2,h3,h4,h5,h6')) {
    const l = Number(h.tagName[1]);
    if (l > level + 1) say('a heading is left out before this one', h);
    if (!h.textContent.trim()) say('an empty heading', h);
    level = l;
  }

  // Tables: a name from a caption, the region around, or a heading before; header cells that say for what, and no cell without one.
  for (const t of all('table')) {
    let named = t.caption && t.caption.textContent.trim() || t.closest('[role=region][aria-label]');
    for (let p = t; !named && p && p !== document.body; p = p.parentElement) {
      for (let s = p.previousElementSibling; !named && s; s = s.previousElementSibling) named = /^H[1-6]$/.test(s.tagName);
    }
    if (!named) say('a table without a name', t);
    if (!t.querySelector('th')) say('a table without header cells', t);
    const columns = t.tHead ? t.tHead.rows[0].cells.length : 0;
    for (const r of t.rows) {
      let width = 0;
      for (const c of r.cells) width += c.colSpan;
      if (columns && width !== columns) say('a row of ' + width + ' cells under ' + columns + ' headers', r);
      if (!columns && r.cells[0].tagName !== 'TH') say('a row without a header cell', r);
    }
  }
  for (const th of all('th')) {
    if (!th.scope) say('a header cell without a scope', th);
    if (!th.textContent.trim()) say('an empty header cell', th);
  }

  // Nothing that runs or loads; what members wrote is text.
  for (const el of all('script,img,picture,video,audio,iframe,frame,object,embed,link,form,input,button,base,svg,meta[http-equiv=refresh],[hostile]')) say('an element that no page has', el);
  for (const el of all('*')) {
    for (const a of el.attributes) if (/^on/.test(a.name) || /^\s*(javascript|data|https?|file):/i.test(a.value)) say('an attribute that runs or loads', el);
  }
  const ids = all('[id]').map((e) => e.id);
  for (const id of new Set(ids)) if (ids.filter((i) => i === id).length > 1) say('the id ' + id + ' is there more than once');
  for (const a of all('a')) {
    if (!a.textContent.trim()) say('a link without a name', a);
    if (!document.getElementById(a.hash.slice(1))) say('a link that leads nowhere', a);
  }

  // Contrast of every text with what is behind it.
  const pen = new OffscreenCanvas(1, 1).getContext('2d', { willReadFrequently: true });
  const rgba = (css) => {
    pen.clearRect(0, 0, 1, 1);
    pen.fillStyle = css;
    pen.fillRect(0, 0, 1, 1);
    const d = pen.getImageData(0, 0, 1, 1).data;
    return [d[0], d[1], d[2], d[3] / 255];
  };
  const over = (top, under) => [0, 1, 2].map((i) => top[i] * top[3] + under[i] * (1 - top[3])).concat(1);
  const luminance = (c) => {
    const [r, g, b] = c.map((v) => (v /= 255) <= 0.04045 ? v / 12.92 : ((v + 0.055) / 1.055) ** 2.4);
    return 0.2126 * r + 0.7152 * g + 0.0722 * b;
  };
  const probe = document.createElement('i');
  probe.style.backgroundColor = 'Canvas';
  document.body.append(probe);
  const canvas = mode === 'print' ? [255, 255, 255, 1] : rgba(getComputedStyle(probe).backgroundColor);
  probe.remove();
  const texts = document.createTreeWalker(document.body, NodeFilter.SHOW_TEXT);
  let seen = 0;
  while (texts.nextNode()) {
    const el = texts.currentNode.parentElement;
    if (!texts.currentNode.data.trim() || !el.checkVisibility()) continue;
    seen++;
    const around = [];
    for (let p = el; p; p = p.parentElement) around.unshift(p);
    let behind = canvas, faint = 1;
    for (const p of around) {
      const s = getComputedStyle(p);
      if (mode !== 'print') behind = over(rgba(s.backgroundColor), behind); // paper: backgrounds are left out by default
      faint *= Number(s.opacity);
    }
    const s = getComputedStyle(el), ink = rgba(s.color);
    const shown = over([ink[0], ink[1], ink[2], ink[3] * faint], behind);
    const [a, b] = [luminance(shown), luminance(behind)].sort((x, y) => y - x);
    const size = parseFloat(s.fontSize), large = size >= 24 || size >= 18.66 && Number(s.fontWeight) >= 700;
    const ratio = (a + 0.05) / (b + 0.05);
    if (ratio < (large ? 3 : 4.5)) say('a contrast of ' + ratio.toFixed(2), el);
  }
  if (seen < 3) say('only ' + seen + ' texts are visible');

  // Nothing leaves the page; what scrolls can be reached and has a name.
  const page = document.scrollingElement;
  if (page.scrollWidth > innerWidth) {
    const wide = all('body *').filter((e) => e.getBoundingClientRect().right > innerWidth + 1 && !e.closest('.scroll'));
    say('the page is ' + page.scrollWidth + ' wide on ' + innerWidth, wide.pop());
  }
  for (const el of all('body *')) {
    const s = getComputedStyle(el);
    if (s.overflowX === 'visible' || s.display === 'inline') continue;
    if (mode === 'print' && el.scrollWidth > el.clientWidth) say('cut off on paper', el);
    if (s.overflowX !== 'hidden' && el.scrollWidth > el.clientWidth && (el.tabIndex !== 0 || el.getAttribute('role') !== 'region' || !el.ariaLabel)) say('a part that scrolls and cannot be reached', el);
    if (s.overflowX === 'hidden' && el.scrollWidth > el.clientWidth) say('hidden text', el);
  }
  const beyond = mode === 'print' && all('body *').findLast((e) => e.getBoundingClientRect().right > innerWidth + 1);
  if (beyond) say('beyond the paper', beyond);
  return [...new Set(out)];
}

// The parts that the keyboard should reach, and the one where it is, with its mark.
function reachable() {
  return [...document.querySelectorAll('a[href],[tabindex="0"]')].filter((e) => e.checkVisibility()).map((e) => e.getAttribute('aria-label') || e.textContent.trim());
}

function focused() {
  const el = document.activeElement, s = getComputedStyle(el);
  if (el === document.body) return { name: '', mark: false };
  return { name: el.getAttribute('aria-label') || el.textContent.trim(), mark: s.outlineStyle !== 'none' && parseFloat(s.outlineWidth) > 0 };
}
