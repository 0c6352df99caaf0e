/** The style sheet of the page: light, dark, print, and each effect by colour, letter and pattern. */
export const STYLE = `
:root {
  color-scheme: light dark;
  --paper: #fbfaf8; --card: #ffffff; --ink: #1d2329; --ink-soft: #55606b; --rule: #cfd4d8; --rule-soft: #e6e9eb;
  --accent: #0b5c6b; --accent-soft: #e3f0f2; --good: #0a7264; --good-soft: #e0f2ee; --bad: #b3261e; --bad-soft: #fbe7e5;
  --warn: #8a5a00; --warn-soft: #fcefd5;
  --stops: #0a7264; --limits: #2c68b0; --contains: #6d4bb0; --detects: #f2c66d; --stripe: rgba(255,255,255,.28);
}
@media (prefers-color-scheme: dark) { :root {
  --paper: #14181c; --card: #1c2127; --ink: #e8ebed; --ink-soft: #a9b3bb; --rule: #3c464f; --rule-soft: #2a3138;
  --accent: #6cc5d4; --accent-soft: #17333a; --good: #57c2ae; --good-soft: #15332e; --bad: #ff8a80; --bad-soft: #43211f;
  --warn: #f0bf62; --warn-soft: #3a2e14;
  --stops: #11796b; --limits: #2f69ae; --contains: #7353b5; --detects: #d9a942; --stripe: rgba(0,0,0,.28);
} }
* { box-sizing: border-box; }
html { scroll-padding-top: 4rem; -webkit-text-size-adjust: 100%; }
body { margin: 0; background: var(--paper); color: var(--ink); font: 1rem/1.55 system-ui, "Segoe UI", "Helvetica Neue", Arial, sans-serif; }
header, main, footer { max-width: 68rem; margin: 0 auto; padding: 0 1.5rem; }
main:focus { outline: none; }
header { padding-top: 2.5rem; }
.brand { margin: 0; font-weight: 700; color: var(--accent); letter-spacing: .01em; }
.brand span { margin-left: .75rem; padding: .15rem .5rem; border: 1px solid currentColor; border-radius: 3px; font-size: .72rem; letter-spacing: .06em; }
h1 { margin: .4rem 0 .2rem; font-size: clamp(1.7rem, 4vw, 2.5rem); line-height: 1.15; letter-spacing: -.015em; }
h2 { margin: 3.2rem 0 .8rem; font-size: 1.5rem; line-height: 1.25; letter-spacing: -.01em; }
h3 { margin: 0 0 .2rem; font-size: 1.2rem; line-height: 1.3; }
h4 { margin: 1.6rem 0 .4rem; font-size: 1rem; }
p { margin: .5rem 0; max-width: 46rem; }
.meta, .note, .intro, figcaption, small { color: var(--ink-soft); }
.meta { margin: 0 0 1rem; }
small { display: block; font-size: .82rem; font-weight: 400; }
a { color: var(--accent); text-underline-offset: .15em; }
code, pre { font-family: ui-monospace, "SF Mono", Consolas, "Liberation Mono", monospace; font-size: .88em; }
:focus-visible { outline: 3px solid var(--accent); outline-offset: 2px; border-radius: 2px; }
.vh { position: absolute; width: 1px; height: 1px; overflow: hidden; clip-path: inset(50%); white-space: nowrap; }
.skip { position: absolute; left: 1rem; top: -5rem; background: var(--accent); color: var(--paper); padding: .6rem 1rem; z-index: 3; }
.skip:focus { top: 1rem; }
nav { position: sticky; top: 0; z-index: 2; background: var(--paper); border-bottom: 1px solid var(--rule); }
nav ul { max-width: 68rem; margin: 0 auto; padding: .35rem 1.1rem; display: flex; flex-wrap: wrap; list-style: none; }
nav a { display: block; padding: .35rem .6rem; text-decoration: none; border-radius: 4px; }
nav a:hover { background: var(--accent-soft); }
.verdict { display: flex; gap: .8rem; align-items: center; max-width: none; margin: 0 0 1rem; padding: 1rem 1.2rem; border-left: 5px solid; border-radius: 4px; font-size: 1.2rem; font-weight: 650; line-height: 1.35; }
.verdict.good { background: var(--good-soft); border-color: var(--good); }
.verdict.bad { background: var(--bad-soft); border-color: var(--bad); }
.verdict span { font-size: 1.4rem; line-height: 1; }
ul.findings, ul.expected, .plain-list, .harms ul, ul.lost, ul.legend { list-style: none; margin: 0; padding: 0; }
.findings li, .expected li { display: flex; gap: .7rem; padding: .45rem 0; max-width: 52rem; }
.findings li + li { border-top: 1px solid var(--rule-soft); }
.sign { flex: none; width: 1.2rem; text-align: center; font-weight: 700; }
.k-good > .sign, td.good { color: var(--good); } .k-bad > .sign, td.bad { color: var(--bad); }
.scroll { overflow-x: auto; max-width: 100%; }
table { border-collapse: collapse; font-size: .92rem; }
caption { text-align: left; font-weight: 650; padding: .3rem 0 .5rem; }
th, td { padding: .45rem .7rem; text-align: left; vertical-align: top; }
.harms, .plain, .timeline { width: 100%; background: var(--card); border: 1px solid var(--rule); }
.harms thead th, .plain thead th, .timeline thead th { background: var(--rule-soft); font-weight: 650; }
.harms tbody tr, .plain tbody tr, .timeline tbody tr { border-top: 1px solid var(--rule-soft); }
.harms th[scope=row] { width: 24%; } .harms td { width: 38%; }
.harms li + li { margin-top: .3rem; }
.harms p { margin: 0 0 .3rem; }
.zero { color: var(--ink-soft); }
.in { color: var(--ink-soft); font-size: .88em; }
.note { padding: .7rem 1rem; border-left: 3px solid var(--rule); font-size: .92rem; max-width: 52rem; }
.note ul { margin: .3rem 0; padding-left: 1.2rem; }
.beside { display: flex; flex-wrap: wrap; gap: 1.5rem; align-items: flex-start; }
.beside .plain { width: auto; }
figure { margin: 0; }
.chart { display: block; max-width: 100%; height: auto; font-family: inherit; }
.curve { margin: 1.2rem 0; }
figcaption { font-size: .9rem; max-width: 46rem; }
.swatch { display: inline-block; width: 1.6rem; height: 0; margin: 0 .25rem .25rem .6rem; border-top: 3px solid; vertical-align: middle; }
.swatch:first-child { margin-left: 0; }
.swatch.ordered { border-top-style: dashed; color: var(--ink-soft); } .swatch.bare { color: var(--bad); } .swatch.all { color: var(--good); } .swatch.only { color: var(--accent); }
fieldset { display: inline-block; margin: 0 0 1rem; padding: .5rem .9rem .6rem; border: 1px solid var(--rule); border-radius: 5px; }
legend { padding: 0 .4rem; color: var(--ink-soft); font-size: .9rem; }
fieldset label { margin: 0 1rem 0 .35rem; cursor: pointer; }
fieldset input { accent-color: var(--accent); }
.view { display: none; }
.views:has(#view-alone:checked) .view-alone, .views:has(#view-removed:checked) .view-removed, .views:has(#view-lost:checked) .view-lost { display: block; }
.legend { display: grid; gap: .3rem 1.6rem; grid-template-columns: repeat(auto-fit, minmax(20rem, 1fr)); font-size: .88rem; }
.legend li { display: flex; gap: .6rem; align-items: baseline; }
.key { flex: none; width: 1.6rem; height: 1.45rem; line-height: 1.45rem; text-align: center; font-weight: 700; border-radius: 2px; border: 1px solid var(--rule-soft); }
section.wide .view { width: calc(100vw - 5rem); max-width: 100rem; margin-left: max(calc(50% - 50rem), calc(50% - 50vw + 2.5rem)); }
.heat { font-size: .82rem; border-collapse: separate; border-spacing: 0; background: var(--card); border: 1px solid var(--rule); }
.heat caption { position: sticky; left: 0; }
.heat th, .heat td { padding: 0; border-bottom: 1px solid var(--rule-soft); border-right: 1px solid var(--rule-soft); }
.heat tbody th { position: sticky; left: 0; z-index: 1; min-width: 13.5rem; max-width: 17rem; padding: .22rem .6rem; background: var(--card); border-right: 1px solid var(--rule); font-weight: 400; overflow-wrap: anywhere; }
.heat tbody td { width: 1.6rem; min-width: 1.6rem; height: 1.6rem; text-align: center; vertical-align: middle; font-weight: 700; }
.heat th.narrow { height: 6rem; vertical-align: bottom; } .heat th.narrow span { writing-mode: vertical-rl; transform: rotate(180deg); }
.heat th[scope=colgroup] { padding: .3rem .4rem; text-align: center; font-size: .78rem; background: var(--rule-soft); vertical-align: bottom; }
.heat th.up { height: 10.5rem; vertical-align: bottom; font-weight: 500; }
.heat th.up span { display: inline-block; writing-mode: vertical-rl; transform: rotate(180deg); padding: .3rem 0; white-space: nowrap; }
.heat .edge { border-left: 2px solid var(--rule); }
.heat.lost tbody td { width: 4.4rem; }
.heat.lost th.up { height: 8rem; }
.heat .number, .numbers td, .numbers th { font-variant-numeric: tabular-nums; text-align: right; }
.heat td.number { text-align: center; }
.absent { color: var(--ink-soft); font-weight: 400; }
.inferred { font-style: italic; font-weight: 400; }
.e-stops { background: var(--stops); color: #fff; }
.e-limits { color: #fff; background: repeating-linear-gradient(135deg, var(--limits) 0 5px, color-mix(in srgb, var(--limits) 80%, #fff) 5px 7px); }
.e-contains { color: #fff; background: radial-gradient(var(--stripe) 1px, transparent 1.5px) 0 0/6px 6px var(--contains); }
.e-detects { color: #2b2000; background: var(--detects); }
.e-none { color: var(--ink-soft); }
.removed .e-none, .lost .e-none { background: var(--bad-soft); color: var(--bad); box-shadow: inset 0 0 0 2px var(--bad); }
.removed td.e-stops, .lost td.e-stops { background: var(--good-soft); color: var(--good); font-weight: 500; }
.tag { display: inline-block; padding: .05rem .5rem; border-radius: 3px; font-size: .85rem; }
.tag.e-none { border: 1px solid var(--rule); }
.attack { margin: 1.5rem 0 2.5rem; padding: 1.4rem 1.6rem; background: var(--card); border: 1px solid var(--rule); border-radius: 6px; }
.byline { margin: 0 0 .6rem; color: var(--ink-soft); font-size: .9rem; }
.ref { display: inline-block; margin-left: .4rem; padding: 0 .45rem; border: 1px solid var(--rule); border-radius: 3px; font-size: .82rem; }
dl.facts { display: grid; grid-template-columns: repeat(auto-fit, minmax(19rem, 1fr)); gap: .9rem 2rem; margin: 1.1rem 0; }
.facts .broad { grid-column: 1 / -1; }
.facts thead th { font-size: .85rem; } .facts tbody th { font-weight: 500; } .index { font-size: .88rem; } .index td.number { text-align: center; }
.facts dt { color: var(--ink-soft); font-size: .85rem; } .facts dd { margin: .1rem 0 0; }
.facts li + li { margin-top: .35rem; }
.control small { display: inline; }
.layers { margin: 0 0 .4rem; font-weight: 600; }
.outcome { font-weight: 650; } .facts .o-succeeded, .t-red .o-succeeded { color: var(--bad); } .facts .o-refused, .t-red .o-refused, .o-held { color: var(--good); } .o-skipped { color: var(--ink-soft); font-weight: 400; }
.detail { display: block; color: var(--ink-soft); font-size: .88em; overflow-wrap: anywhere; }
.timeline { font-size: .88rem; } .timeline tbody th { font-variant-numeric: tabular-nums; font-weight: 500; white-space: nowrap; }
.timeline td { min-width: 9rem; }
.team { display: inline-block; min-width: 3.4rem; padding: 0 .4rem; border-radius: 3px; font-size: .78rem; text-align: center; border: 1px solid var(--rule); }
.t-red .team { background: var(--bad-soft); color: var(--bad); border-color: var(--bad); }
.t-blue .team, .t-alert .team { background: var(--accent-soft); color: var(--accent); border-color: var(--accent); }
.t-alarm .team { background: var(--warn-soft); color: var(--warn); border-color: var(--warn); }
.step { display: inline-block; min-width: 1.4rem; padding: 0 .3rem; border: 1.5px solid var(--accent); border-radius: 1rem; color: var(--accent); font-size: .78rem; font-weight: 700; text-align: center; }
ul.lost { display: flex; flex-wrap: wrap; gap: .45rem .9rem; }
.lost li { display: flex; gap: .45rem; align-items: center; padding: .25rem .55rem; border: 1px solid var(--rule); border-radius: 4px; font-size: .88rem; }
.lost li.open { border-color: var(--bad); background: var(--bad-soft); }
.lost .tag.e-none { background: none; box-shadow: none; border: 0; font-weight: 700; }
details { margin: .5rem 0; } summary { cursor: pointer; color: var(--accent); }
.raw { font-size: .78rem; margin-top: .4rem; } .raw th, .raw td { padding: .25rem .5rem; border-top: 1px solid var(--rule-soft); overflow-wrap: anywhere; }
.raw tbody th { font-weight: 500; }
.commands { margin: 0; padding: .8rem 1rem; background: var(--paper); border: 1px solid var(--rule-soft); border-radius: 4px; overflow-x: auto; }
.command { overflow-wrap: anywhere; }
footer { margin-top: 3rem; padding-top: 1rem; padding-bottom: 3rem; border-top: 1px solid var(--rule); color: var(--ink-soft); font-size: .9rem; }
@media (max-width: 40rem) { header, main, footer { padding: 0 1rem; } .attack { padding: 1rem; } .heat tbody th { min-width: 9rem; } }
@media print {
  :root { --paper: #fff; --card: #fff; --ink: #111; --ink-soft: #444; --rule: #aaa; --rule-soft: #ddd; --accent: #0b4b57; --accent-soft: #eef5f6;
    --good: #0a5c50; --good-soft: #eaf5f2; --bad: #8f1d16; --bad-soft: #fdf0ef; --warn: #6b4600; --warn-soft: #fdf5e6;
    --stops: #0a7264; --limits: #2c68b0; --contains: #6d4bb0; --detects: #f2c66d; --stripe: rgba(255,255,255,.28); }
  @page { size: A4; margin: 14mm 12mm; }
  @page heat { size: A4 landscape; }
  body { font-size: 9.5pt; }
  * { print-color-adjust: exact; -webkit-print-color-adjust: exact; }
  header, main, footer { max-width: none; padding-left: 0; padding-right: 0; }
  nav, .skip, fieldset, .evidence, .more { display: none; }
  .view { display: block; } .wide { page: heat; }
  section.wide .view { width: auto; margin: 0; max-width: none; } .view + .view { break-before: page; }
  .scroll { overflow: visible; }
  .heat { font-size: 6pt; } .heat tbody td { width: 4.6mm; min-width: 4.6mm; height: 4.6mm; } .heat.lost tbody td { width: 14mm; }
  .heat tbody th, .heat caption { position: static; } .heat tbody th { min-width: 42mm; max-width: 52mm; padding: .3mm 1.5mm; }
  .heat th.up, .heat.lost th.up { height: 28mm; } .heat th.up span { padding: 0; } .heat th.narrow { height: 14mm; }
  .heat th[scope=colgroup] { font-size: 6pt; padding: 0; } .harms { break-inside: avoid; }
  .attack { border: 0; border-top: 1px solid var(--rule); border-radius: 0; padding: 4mm 0; }
  .timeline { font-size: 8pt; } .timeline td { min-width: 0; }
  h2, h3, h4, caption { break-after: avoid; } tr, figure, .facts > div, .lost li { break-inside: avoid; }
  thead { display: table-header-group; }
  a { color: inherit; text-decoration: none; }
  .commands { white-space: pre-wrap; font-size: 7.5pt; }
}
`;
