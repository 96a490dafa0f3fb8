/** The style sheet of the page: light and dark by the reader's setting, and fit for paper. */
export const style = `
:root { color-scheme: light dark;
  --page: #f6f7f9; --card: #fff; --ink: #16202c; --soft: #5a6675; --line: #dfe4ea; --free: #e9edf2;
  --model: #2463c9; --harness: #97a3b2; --input: #12908a; --stack: #c27a10; --good: #1a7f4b; --good-bg: #e3f5ea;
  --bad: #c0322b; --bad-bg: #fdeae8; --warn: #97600a; --warn-bg: #fdf2dc; --hit: #2463c9; --miss: #c8501e; --block: 62% 66%; }
@media (prefers-color-scheme: dark) { :root {
  --page: #11161d; --card: #1a212b; --ink: #e8edf3; --soft: #9ba8b8; --line: #2d3744; --free: #2a333f;
  --model: #5c97f5; --harness: #6d7b8c; --input: #35b8ae; --stack: #e0a03c; --good: #5fd394; --good-bg: #16382a;
  --bad: #ff8078; --bad-bg: #45201f; --warn: #edbb62; --warn-bg: #3e3018; --hit: #4a86e8; --miss: #d9672f; --block: 42% 46%; } }
* { box-sizing: border-box; }
body { margin: 0; background: var(--page); color: var(--ink); font: 15px/1.5 system-ui, -apple-system, "Segoe UI", Roboto, "Helvetica Neue", Arial, sans-serif; font-variant-numeric: tabular-nums; }
main { max-width: 1120px; margin: 0 auto; padding: 36px 24px 48px; }
h1 { font-size: 30px; line-height: 1.2; margin: 0; letter-spacing: -0.01em; overflow-wrap: anywhere; }
h2 { font-size: 19px; margin: 40px 0 12px; }
h3 { font-size: 17px; margin: 0; overflow-wrap: anywhere; }
p { margin: 4px 0; } .soft { color: var(--soft); }
.proof > :first-child { white-space: nowrap; }
.proof { display: flex; flex-wrap: wrap; gap: 0 12px; align-items: baseline; margin: 20px 0 24px; padding: 12px 16px; border-radius: 10px; font-weight: 600; }
.proven { background: var(--good-bg); color: var(--good); } .differs { background: var(--bad-bg); color: var(--bad); } .too-large { background: var(--warn-bg); color: var(--warn); }
.proof .why { font-weight: 400; color: var(--ink); }
.cards { display: grid; grid-template-columns: repeat(auto-fit, minmax(min(100%, 340px), 1fr)); gap: 16px; }
.pairs { grid-template-columns: repeat(auto-fit, minmax(min(100%, 440px), 1fr)); }
.card { background: var(--card); border: 1px solid var(--line); border-radius: 12px; padding: 18px 20px; break-inside: avoid; min-width: 0; }
.card header { display: flex; justify-content: space-between; align-items: center; gap: 12px; margin-bottom: 10px; }
.badge { flex: none; border-radius: 999px; padding: 2px 11px; font-size: 13px; font-weight: 600; }
.tiles { display: grid; grid-template-columns: repeat(auto-fit, minmax(112px, 1fr)); gap: 12px; margin: 12px 0 4px; }
.tile b { display: block; font-size: 26px; line-height: 1.15; font-weight: 650; letter-spacing: -0.01em; } .tile .name { font-size: 14px; font-weight: 600; } .tile .soft { font-size: 13px; line-height: 1.35; margin: 0; }
.row { margin-top: 16px; } .row .head { display: flex; justify-content: space-between; gap: 12px; font-size: 14px; margin-bottom: 4px; } .row .head b { font-weight: 600; }
svg { display: block; } .bar { border-radius: 5px; overflow: hidden; }
.free { fill: var(--free); } .part { stroke: var(--card); stroke-width: 1; } .part.model, .part.static { fill: var(--model); } .part.harness, .part.frame { fill: var(--harness); } .part.input { fill: var(--input); } .part.stack { fill: var(--stack); }
.beyond { fill: var(--bad); } .edge { stroke: var(--ink); stroke-width: 3; }
.axis { fill: var(--free); } .range { fill: var(--model); opacity: 0.45; } .mean { stroke: var(--model); stroke-width: 3; } .right { fill: var(--hit); }
.key { display: flex; flex-wrap: wrap; gap: 2px 14px; margin: 6px 0 0; padding: 0; list-style: none; font-size: 13px; color: var(--soft); }
.key i { display: inline-block; width: 10px; height: 10px; border-radius: 3px; margin-right: 6px; }
i.model, i.static { background: var(--model); } i.harness, i.frame { background: var(--harness); } i.input { background: var(--input); } i.stack { background: var(--stack); } i.free { background: var(--free); outline: 1px solid var(--line); outline-offset: -1px; }
.wide { overflow-x: auto; } table { border-collapse: collapse; font-size: 14px; }
caption { text-align: left; color: var(--soft); font-size: 13px; padding-bottom: 8px; }
th { font-weight: 600; text-align: left; } td, th { padding: 6px 12px 6px 0; vertical-align: top; }
.plain { width: 100%; } .plain th[scope="row"] { width: 120px; } .plain tr + tr > *, .plain thead + tbody tr > * { border-top: 1px solid var(--line); } .plain thead th { color: var(--soft); font-weight: 500; font-size: 13px; } .plain td { overflow-wrap: anywhere; }
.matrix { border-spacing: 2px; border-collapse: separate; } .matrix th, .matrix td { padding: 0 8px; height: 34px; vertical-align: middle; font-weight: 500; }
.matrix thead th { font-size: 13px; color: var(--soft); text-align: center; height: auto; padding-bottom: 4px; vertical-align: bottom; } .matrix tbody th { text-align: right; padding-left: 0; white-space: nowrap; }
.matrix td.n { min-width: 60px; text-align: center; border-radius: 5px; background: color-mix(in srgb, var(--c) calc(var(--v) * 100%), var(--card)); }
.matrix td.zero { color: transparent; background: color-mix(in srgb, var(--free) 55%, var(--card)); } .matrix td.hit { --c: var(--hit); } .matrix td.miss { --c: var(--miss); } .matrix td.strong { color: #fff; }
.matrix th.recall { text-align: left; padding-left: 18px; } .matrix td.recall { padding-left: 18px; white-space: nowrap; } .recall > span { display: inline-flex; gap: 10px; align-items: center; }
.small th, .small td { height: 22px; font-size: 11px; padding: 0 4px; } .small td.n { min-width: 24px; border-radius: 3px; } .small thead th { writing-mode: vertical-rl; transform: rotate(180deg); text-align: left; padding: 4px 0 0; }  .small thead th.recall { writing-mode: horizontal-tb; transform: none; }
.memory { width: 100%; min-width: 640px; height: auto; margin-top: 10px; } .memory .ground { fill: var(--free); opacity: 0.5; } .memory .grid { stroke: var(--line); }
.memory .block { stroke: var(--card); stroke-width: 1; } .memory .block.input { fill: var(--input); } .memory .block.state { fill: var(--stack); } .memory .block.scratch { fill: var(--harness); } .memory .bound { stroke: var(--bad); stroke-dasharray: 6 4; }
.memory text { font: 12px system-ui, sans-serif; fill: var(--soft); } .memory text.in { text-anchor: middle; fill: var(--ink); font-weight: 600; pointer-events: none; } .memory g:hover .block { stroke: var(--ink); stroke-width: 2; }
section > .card + .card { margin-top: 16px; } .layers { min-width: 760px; } .layers td, .layers tbody th { padding: 5px 14px 5px 0; vertical-align: middle; } .layers td { white-space: nowrap; overflow-wrap: normal; } .layers .small-name { font-size: 12px; font-weight: 400; } .number { text-align: right !important; } .plain.layers th[scope="row"] { width: auto; }
.barred { min-width: 120px; font-size: 13px; white-space: nowrap; } .barred svg { margin-top: 3px; }
ul.notes { margin: 0; padding-left: 20px; } footer { margin-top: 44px; padding-top: 14px; border-top: 1px solid var(--line); font-size: 13px; color: var(--soft); }
code { font: 13px/1.4 ui-monospace, "SF Mono", Menlo, Consolas, monospace; }
@media print { :root { color-scheme: light; --page: #fff; --card: #fff; --ink: #000; --soft: #444; --line: #ccc; --free: #e9edf2; --model: #2463c9; --harness: #97a3b2; --input: #12908a; --stack: #c27a10; --hit: #2463c9; --miss: #c8501e; --good: #1a7f4b; --good-bg: #e3f5ea; --bad: #c0322b; --bad-bg: #fdeae8; --warn: #97600a; --warn-bg: #fdf2dc; }
  body { font-size: 12px; } main { padding: 0; max-width: none; } * { print-color-adjust: exact; -webkit-print-color-adjust: exact; } .cards { grid-template-columns: repeat(auto-fit, minmax(260px, 1fr)); } section { break-inside: avoid; } }
`;
