/** Colours and shapes of all elements. A page may set any `--c-*`; these are what holds if it does not. */
const TOKENS = `
:where(:root) {
  color-scheme: light dark;
  --c-paper: light-dark(#f5f2ec, #14191b);
  --c-card: light-dark(#fffdf9, #1d2426);
  --c-sunk: light-dark(#efebe2, #171d1f);
  --c-ink: light-dark(#1f2c30, #e8e6e0);
  --c-soft: light-dark(#59676b, #a3adaf);
  --c-line: light-dark(#ded8cb, #323b3e);
  --c-accent: light-dark(#0e5a5f, #7cc7c5);
  --c-accent-ink: light-dark(#ffffff, #0d2122);
  --c-accent-soft: light-dark(#dcebe9, #1d3b3c);
  --c-warm: light-dark(#935d0a, #e8b463);
  --c-warm-soft: light-dark(#f8e9cd, #3b2f19);
  --c-alarm: light-dark(#b3261e, #ff8a7d);
  --c-alarm-soft: light-dark(#fbe3df, #45211e);
  --c-good: light-dark(#2b6a3c, #8fd19c);
  --c-good-soft: light-dark(#dfeee0, #1f3a26);
  --c-quiet: light-dark(#55508c, #b6b0ee);
  --c-quiet-soft: light-dark(#e7e5f4, #2b2946);
  --c-round: 14px;
  --c-font: system-ui, -apple-system, "Segoe UI", Roboto, "Noto Sans", "Liberation Sans", sans-serif;
  --c-display: "Iowan Old Style", "Palatino Linotype", Palatino, "Source Serif 4", Georgia, "Liberation Serif", serif;
  --c-shadow: 0 1px 2px rgb(30 25 10 / .05), 0 6px 20px -12px rgb(30 25 10 / .18);
}`;

const SHARED = `
:host { display: block; color: var(--c-ink); font: 400 15px/1.5 var(--c-font); }
:host([hidden]), [hidden] { display: none !important; }
*, *::before, *::after { box-sizing: border-box; }
h2, h3, p, ul, ol, dl, dd { margin: 0; padding: 0; }
ul, ol { list-style: none; }
h2 { font: 500 1.3rem/1.25 var(--c-display); letter-spacing: -.005em; }
h3 { font: 600 .95rem/1.35 var(--c-font); }
.card { background: var(--c-card); border: 1px solid var(--c-line); border-radius: var(--c-round); padding: 1.15rem 1.25rem 1.25rem; box-shadow: var(--c-shadow); }
.head { display: flex; gap: .75rem; align-items: baseline; justify-content: space-between; margin-bottom: .85rem; flex-wrap: wrap; }
.soft { color: var(--c-soft); }
.small { font-size: .85rem; }
.num { font-variant-numeric: tabular-nums; }
.row { display: flex; gap: .5rem; align-items: center; flex-wrap: wrap; }
.stack { display: grid; gap: .75rem; }
.empty { color: var(--c-soft); padding: .6rem 0 .3rem; }
button { font: 550 .92rem/1.2 var(--c-font); color: var(--c-ink); background: var(--c-card); border: 1px solid var(--c-line); border-radius: 999px; padding: .55rem 1rem; min-height: 40px; cursor: pointer; }
button:hover { border-color: var(--c-soft); }
button:disabled { opacity: .5; cursor: default; }
button.main { background: var(--c-accent); border-color: transparent; color: var(--c-accent-ink); }
button.main:hover { filter: brightness(1.08); }
button.danger { background: var(--c-alarm); border-color: transparent; color: light-dark(#fff, #2b0b08); }
button.plain { border-color: transparent; background: none; color: var(--c-accent); padding-inline: .5rem; }
:focus-visible { outline: 2px solid var(--c-accent); outline-offset: 2px; }
label { display: grid; gap: .3rem; font-size: .85rem; color: var(--c-soft); }
input, select, textarea { font: 400 1rem/1.4 var(--c-font); color: var(--c-ink); background: var(--c-sunk); border: 1px solid var(--c-line); border-radius: 10px; padding: .55rem .7rem; width: 100%; min-height: 42px; }
textarea { resize: vertical; min-height: 64px; }
.tag { display: inline-flex; align-items: center; gap: .35em; border-radius: 999px; padding: .12rem .6rem; font-size: .78rem; font-weight: 550; background: var(--c-sunk); color: var(--c-soft); white-space: nowrap; }
.tag.good { background: var(--c-good-soft); color: var(--c-good); }
.tag.warm { background: var(--c-warm-soft); color: var(--c-warm); }
.tag.alarm { background: var(--c-alarm-soft); color: var(--c-alarm); }
.tag.accent { background: var(--c-accent-soft); color: var(--c-accent); }
.said { color: var(--c-alarm); font-size: .88rem; min-height: 0; }
.looked { outline: 2px solid var(--c-accent); outline-offset: 4px; border-radius: 6px; }
.said:empty { display: none; }
.hide { position: absolute; width: 1px; height: 1px; overflow: hidden; clip-path: inset(50%); white-space: nowrap; }
@media (prefers-reduced-motion: no-preference) { button, .moves { transition: background-color .18s, border-color .18s, color .18s; } }
`;

/** @param {string} css @returns {CSSStyleSheet} */
export function sheet(css) {
  const made = new CSSStyleSheet();
  made.replaceSync(css);
  return made;
}

export const shared = sheet(SHARED);
const tokens = sheet(TOKENS);

/** Give the page the tokens, once, with no more weight than a default. */
export function dress() {
  if (!document.adoptedStyleSheets.includes(tokens)) document.adoptedStyleSheets.push(tokens);
}
