/**
 * Colours a to e stay 18 apart (CIE76) for protanopes, deuteranopes and tritanopes as Machado et al. (2009) model them,
 * and keep 3:1 against paper and shade; text keeps 4.5:1. Dark is of screens alone: paper is white.
 */
export const STYLE = `
:root {
  color-scheme: light dark;
  --paper: #ffffff; --ink: #1a1f26; --faint: #57606a; --edge: #d0d7de; --shade: #eef1f4;
  --good: #0a6b45; --bad: #b3261e; --good-paper: #e8f5ee; --bad-paper: #fdecea; --warn: #7a4b00; --warn-paper: #fff4db;
  --a: #0b4f9e; --b: #c2560a; --c: #1a8f5c; --d: #8f1d5e; --e: #1f2328;
}
@media screen and (prefers-color-scheme: dark) {
  :root {
    --paper: #12161b; --ink: #e6eaef; --faint: #a0aab5; --edge: #38424d; --shade: #1d242c;
    --good: #5fd39b; --bad: #ff8f86; --good-paper: #10291e; --bad-paper: #331614; --warn: #f2c363; --warn-paper: #30240c;
    --a: #3f8ee8; --b: #e0913f; --c: #3ecfa8; --d: #e78fd3; --e: #dfe5ec;
  }
}
* { box-sizing: border-box; }
body { margin: 0 auto; padding: 24px 16px 64px; max-width: 1080px; background: var(--paper); color: var(--ink);
  font: 16px/1.5 system-ui, sans-serif; font-variant-numeric: tabular-nums; overflow-wrap: break-word; }
h1 { margin: 0; font-size: 32px; line-height: 1.2; }
h2 { margin: 48px 0 12px; font-size: 22px; }
h3 { margin: 24px 0 8px; font-size: 16px; }
p { margin: 8px 0; }
a { color: var(--a); }
code, pre { font: 14px/1.5 ui-monospace, monospace; }
.over, .note { color: var(--faint); font-size: 14px; }
.over { margin: 0; }
.banner { padding: 12px 16px; border-left: 4px solid var(--warn); background: var(--warn-paper); }
.verdict { margin: 20px 0 0; padding: 16px 20px; border-left: 6px solid; border-color: var(--tone); background: var(--tone-paper); }
.holds { --tone: var(--good); --tone-paper: var(--good-paper); }
.broken { --tone: var(--bad); --tone-paper: var(--bad-paper); }
.word { margin: 0; color: var(--tone); font-size: 40px; font-weight: 700; line-height: 1.2; }
.verdict ul { display: grid; grid-template-columns: auto minmax(0, auto) minmax(0, 1fr); gap: 6px 16px; align-items: baseline; margin: 12px 0 0; padding: 0; list-style: none; }
.verdict li { display: contents; overflow-wrap: anywhere; }
.mark { color: var(--tone); font-weight: 600; white-space: nowrap; }
.figures { display: grid; grid-template-columns: repeat(auto-fit, minmax(140px, 1fr)); gap: 1px; margin: 0; padding: 1px; }
.figures div { padding: 12px 14px; box-shadow: 0 0 0 1px var(--edge); }
.figures dt { color: var(--faint); font-size: 14px; }
.figures dd { margin: 0; color: var(--faint); font-size: 14px; }
.figures b { display: block; color: var(--ink); font-size: 24px; line-height: 1.3; white-space: nowrap; }
figure { margin: 32px 0; }
figcaption h3 { margin: 0; }
.legend { display: flex; flex-wrap: wrap; gap: 2px 20px; margin: 6px 0; padding: 0; list-style: none; font-size: 14px; }
.legend li { display: flex; gap: 8px; align-items: center; }
.hatches { position: absolute; }
.chart { display: block; width: 100%; height: auto; margin-top: 8px; font: 13px system-ui, sans-serif; }
.narrow { display: none; }
.chart text { fill: var(--faint); }
.chart .phase { fill: var(--ink); }
/* Readable where a line goes through. */
.over-line { paint-order: stroke; stroke: var(--paper); stroke-width: 4px; }
.middle { text-anchor: middle; }
.end { text-anchor: end; }
.shade { fill: var(--shade); }
.boundary, .grid { fill: none; stroke: var(--edge); }
.boundary { stroke: var(--faint); stroke-dasharray: 2 3; }
.tick { fill: none; stroke: var(--faint); }
.moment { fill: transparent; }
.moment:hover { fill: var(--ink); fill-opacity: .12; }
.a { --c0: var(--a); } .b { --c0: var(--b); } .c { --c0: var(--c); } .d { --c0: var(--d); } .e { --c0: var(--e); }
.line { fill: none; stroke: var(--c0); stroke-width: 2; stroke-linejoin: round; stroke-linecap: round; }
.line.b { stroke-dasharray: 7 5; }
.line.c { stroke-dasharray: 12 5 1 5; }
.line.d { stroke-dasharray: 1 5; stroke-width: 2.5; }
.fill, .bar { fill: var(--c0); }
.area { stroke: var(--paper); stroke-width: .75; }
.area.a { fill: var(--a); } .area.b { fill: url(#hatch-b); } .area.c { fill: url(#hatch-c); } .area.d { fill: url(#hatch-d); } .area.e { fill: url(#hatch-e); }
.hatch { fill: none; stroke: var(--paper); stroke-width: 1.5; }
.bin { fill: var(--a); fill-opacity: .55; stroke: var(--paper); stroke-width: .5; }
.bin:hover { fill-opacity: 1; }
.table { overflow-x: auto; }
table { min-width: min(100%, 560px); border-collapse: collapse; font-size: 15px; }
th, td { padding: 6px 32px 6px 0; border-bottom: 1px solid var(--edge); text-align: left; vertical-align: top; }
th:last-child, td:last-child { padding-right: 0; }
.number { text-align: right; }
td.number { white-space: nowrap; }
/* Names may be long; a cell that breaks anywhere would shrink to a letter beside one that does not. */
td:not(.number) { min-width: 7ch; overflow-wrap: anywhere; }
th { font-weight: 600; }
tbody th { font-weight: 400; color: var(--faint); }
.bad { color: var(--bad); }
pre { margin: 0 0 16px; padding: 12px 16px; background: var(--shade); white-space: pre-wrap; }
pre span { display: inline-block; max-width: 100%; }
@media screen and (max-width: 699px) {
  .wide { display: none; }
  .narrow { display: block; }
  table { font-size: 14px; }
  th, td { padding-right: 12px; }
  .verdict { padding: 12px 14px; }
  .verdict ul { column-gap: 10px; }
}
@media print {
  :root { color-scheme: light; }
  body { max-width: none; padding: 0; font-size: 12px; print-color-adjust: exact; -webkit-print-color-adjust: exact; }
  figure, table:not(.pairs), tr, p, .verdict, .figures, pre { break-inside: avoid; }
  h2, h3, h2 + .note { break-after: avoid; }
  .figures { grid-template-columns: repeat(7, 1fr); }
  .figures div { padding: 6px 8px; }
  .figures b { font-size: 17px; }
  .table { overflow: visible; }
}
`;
