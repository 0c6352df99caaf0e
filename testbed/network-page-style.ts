/** The style sheet of pages about a network: light, dark and print, and each answer by colour and word. */
export const NETWORK_STYLE = `
:root {
  color-scheme: light dark;
  --paper: #fbfaf8; --card: #ffffff; --ink: #1d2329; --soft: #55606b; --rule: #cfd4d8; --accent: #0b5c6b;
  --good: #0a7264; --good-soft: #e0f2ee; --bad: #b3261e; --bad-soft: #fbe7e5; --all-soft: #e3ecf8; --all: #24568f;
}
@media (prefers-color-scheme: dark) { :root {
  --paper: #14181c; --card: #1c2127; --ink: #e8ebed; --soft: #a9b3bb; --rule: #3c464f; --accent: #6cc5d4;
  --good: #57c2ae; --good-soft: #15332e; --bad: #ff8a80; --bad-soft: #43211f; --all-soft: #1b2c41; --all: #8ab8ef;
} }
* { box-sizing: border-box; }
body { margin: 0; background: var(--paper); color: var(--ink); font: 1rem/1.55 system-ui, "Segoe UI", "Helvetica Neue", Arial, sans-serif; }
header, main, footer { max-width: 90rem; margin: 0 auto; padding: 0 1.5rem; }
.brand { margin: 2rem 0 0; font-weight: 700; color: var(--accent); }
.brand span { margin-left: .75rem; padding: .15rem .5rem; border: 1px solid currentColor; border-radius: 3px; font-size: .72rem; letter-spacing: .06em; }
h1 { margin: .4rem 0 .2rem; font-size: clamp(1.7rem, 4vw, 2.3rem); line-height: 1.2; }
h2 { margin: 2.6rem 0 .6rem; font-size: 1.4rem; }
p { margin: .5rem 0; max-width: 52rem; }
a { color: var(--accent); }
.meta, .note { color: var(--soft); }
.verdict { padding: 1rem 1.2rem; border-left: 5px solid; border-radius: 4px; font-size: 1.2rem; font-weight: 650; max-width: none; }
.verdict.good { background: var(--good-soft); border-color: var(--good); }
.verdict.bad { background: var(--bad-soft); border-color: var(--bad); }
:focus-visible { outline: 3px solid var(--accent); outline-offset: 2px; }
.scroll { overflow-x: auto; max-width: 100%; }
table { border-collapse: collapse; font-size: .86rem; background: var(--card); border: 1px solid var(--rule); }
caption { text-align: left; font-weight: 650; padding: .4rem 0; }
th, td { padding: .35rem .5rem; border: 1px solid var(--rule); text-align: left; vertical-align: top; }
thead th { font-weight: 650; }
td.none { color: var(--soft); }
td.some { background: var(--good-soft); }
td.all { background: var(--all-soft); }
td.wrong { background: var(--bad-soft); box-shadow: inset 0 0 0 2px var(--bad); }
.wrong strong { color: var(--bad); display: block; }
td.number { text-align: right; font-variant-numeric: tabular-nums; }
small { display: block; color: var(--soft); }
footer { margin-top: 3rem; padding-bottom: 3rem; color: var(--soft); font-size: .9rem; }
@media print {
  :root { --paper: #fff; --card: #fff; --ink: #111; --soft: #444; --rule: #aaa; --accent: #0b4b57; --good: #0a5c50; --good-soft: #eaf5f2;
    --bad: #8f1d16; --bad-soft: #fdf0ef; --all-soft: #eef3fa; --all: #24568f; }
  @page { size: A4 landscape; margin: 12mm; }
  * { print-color-adjust: exact; -webkit-print-color-adjust: exact; }
  body { font-size: 9pt; } table { font-size: 6.5pt; } th, td { padding: .6mm 1mm; }
  .scroll { overflow: visible; } nav { display: none; } tr { break-inside: avoid; } h2, caption { break-after: avoid; }
}
`;
