"""The style sheet of the static view.

Foreground and background are Jupyter's, else VS Code's, else by the system's
preference. Accents are mixed with the foreground, so that they darken on light
pages and lighten on dark ones whatever the theme; their hues are those of
Okabe and Ito, which the colour-blind can tell apart. Without ``color-mix``
(browsers before 2023) they stay at a middle tone.
"""

from __future__ import annotations

import re

_SHEET = """
.jhpo {
  --jhpo-fg0: #1f2328; --jhpo-bg0: #fff;
  --jhpo-fg: var(--jp-ui-font-color1, var(--vscode-editor-foreground, var(--jhpo-fg0)));
  --jhpo-bg: var(--jp-layout-color0, var(--vscode-editor-background, var(--jhpo-bg0)));
  --jhpo-dim: var(--jp-ui-font-color2, var(--jhpo-fg));
  --jhpo-line: rgba(128, 128, 128, .32);
  --jhpo-faint: rgba(128, 128, 128, .13);
  --jhpo-blue: #1f8fd6; --jhpo-red: #d9581c; --jhpo-gold: #d99a00; --jhpo-green: #00966d;
  --jhpo-dot: #777;
  box-sizing: border-box; max-width: 1000px; padding: 4px 6px 8px; position: relative;
  color: var(--jhpo-fg); background: var(--jhpo-bg);
  font: 13px/1.45 var(--jp-ui-font-family, system-ui, -apple-system, "Segoe UI", sans-serif);
  font-variant-numeric: tabular-nums;
}
@media (prefers-color-scheme: dark) { .jhpo { --jhpo-fg0: #e6e6e6; --jhpo-bg0: #16181b; } }
@supports (color: color-mix(in srgb, red, blue)) {
  .jhpo {
    --jhpo-dim: color-mix(in srgb, var(--jhpo-fg) 72%, var(--jhpo-bg));
    --jhpo-dot: color-mix(in srgb, var(--jhpo-fg) 56%, var(--jhpo-bg));
    --jhpo-blue: color-mix(in srgb, #1f8fd6 72%, var(--jhpo-fg));
    --jhpo-red: color-mix(in srgb, #d9581c 72%, var(--jhpo-fg));
    --jhpo-gold: color-mix(in srgb, #d99a00 60%, var(--jhpo-fg));
    --jhpo-green: color-mix(in srgb, #00966d 72%, var(--jhpo-fg));
  }
}
.jhpo *, .jhpo *::before { box-sizing: border-box; }
.jhpo i { font-style: normal; }
.jhpo [data-t]::before { content: attr(data-t); }
.jhpo .jhpo-dim { color: var(--jhpo-dim); }
.jhpo .jhpo-top { display: flex; flex-wrap: wrap; gap: 0 12px; align-items: baseline; }
.jhpo .jhpo-name { font-weight: 600; font-size: 15px; max-width: 100%; overflow: hidden;
  text-overflow: ellipsis; white-space: nowrap; }
.jhpo .jhpo-state { white-space: nowrap; }
.jhpo .jhpo-count { margin-left: auto; white-space: nowrap; }
.jhpo .jhpo-is-running, .jhpo .jhpo-s-running span,
.jhpo .jhpo-s-waiting span { color: var(--jhpo-blue); }
.jhpo .jhpo-is-finished { color: var(--jhpo-green); }
.jhpo .jhpo-is-paused, .jhpo .jhpo-s-parked span { color: var(--jhpo-gold); }
.jhpo .jhpo-bars { display: inline-block; width: .62em; height: .76em;
  border: solid currentColor; border-width: 0 .2em; }
.jhpo .jhpo-state .jhpo-bars { margin-right: .2em; }
.jhpo .jhpo-is-failed, .jhpo .jhpo-s-failed span { color: var(--jhpo-red); }
.jhpo .jhpo-bar { height: 4px; margin: 5px 0 9px; border-radius: 2px; overflow: hidden;
  background: var(--jhpo-line); }
.jhpo .jhpo-bar div { height: 4px; background: var(--jhpo-blue); }
.jhpo .jhpo-value { display: flex; flex-wrap: wrap; gap: 0 8px; align-items: baseline;
  min-height: 28px; }
.jhpo .jhpo-value b { font-size: 21px; line-height: 1.3; font-weight: 600; }
.jhpo .jhpo-now, .jhpo .jhpo-scroll { contain: inline-size; }
.jhpo .jhpo-now { height: 1.6em; overflow: hidden; white-space: nowrap; text-overflow: ellipsis; }
.jhpo .jhpo-say { margin-top: 2px; overflow-wrap: anywhere; }
.jhpo .jhpo-loud { margin: 6px 0; padding: 5px 10px; border: 1px solid var(--jhpo-red);
  border-left-width: 5px; overflow-wrap: anywhere; }
.jhpo .jhpo-loud b { color: var(--jhpo-red); }
.jhpo .jhpo-chart { position: relative; height: 208px; margin: 10px 6px 0 50px; }
.jhpo .jhpo-chart svg { display: block; width: 100%; height: 186px; overflow: visible;
  max-width: none; }
.jhpo .jhpo-chart path { fill: none; vector-effect: non-scaling-stroke; }
.jhpo .jhpo-chart .jhpo-gain { fill: var(--jhpo-blue); fill-opacity: .2; }
.jhpo .jhpo-grid { stroke: var(--jhpo-line); stroke-width: 1; }
.jhpo .jhpo-base { stroke: var(--jhpo-gold); stroke-width: 1.6; stroke-dasharray: 5 4; }
.jhpo .jhpo-steps { stroke: var(--jhpo-blue); stroke-width: 2.5; stroke-linejoin: round; }
.jhpo .jhpo-dots, .jhpo .jhpo-tops { stroke-linecap: round; }
.jhpo .jhpo-dots { stroke: var(--jhpo-dot); stroke-width: 5; }
.jhpo .jhpo-tops { stroke: var(--jhpo-blue); stroke-width: 8; }
.jhpo .jhpo-chart i { position: absolute; line-height: 1; white-space: nowrap; }
.jhpo .jhpo-x, .jhpo .jhpo-y { color: var(--jhpo-dim); font-size: 11px; }
.jhpo .jhpo-y { right: 100%; padding-right: 6px; transform: translateY(-50%); }
.jhpo .jhpo-end { transform: translateY(-50%); margin-left: 8px; padding: 0 2px;
  font-size: 12px; font-weight: 600; color: var(--jhpo-blue); background: var(--jhpo-bg); }
.jhpo .jhpo-from { font-weight: 400; color: var(--jhpo-gold); }
.jhpo .jhpo-x { top: 192px; transform: translateX(-50%); }
.jhpo .jhpo-dot { width: 12px; height: 12px; margin: -6px 0 0 -6px; border-radius: 6px;
  text-align: center; font-size: 9px; }
.jhpo .jhpo-dot:hover { box-shadow: 0 0 0 2px var(--jhpo-fg); }
.jhpo .jhpo-far { color: var(--jhpo-dim); }
.jhpo .jhpo-mark { top: 173px; width: 10px; margin-left: -5px; text-align: center;
  font-size: 10px; }
.jhpo .jhpo-bad { color: var(--jhpo-red); }
.jhpo .jhpo-cut { top: 174px; width: 2px; height: 8px; margin-left: -1px;
  background: var(--jhpo-dot); }
.jhpo .jhpo-legend { display: flex; flex-wrap: wrap; gap: 0 14px; min-height: 1.45em;
  color: var(--jhpo-dim); font-size: 12px; margin: 2px 0 8px 2px; }
.jhpo .jhpo-key::after { display: inline-block; margin-right: 5px; vertical-align: middle; }
.jhpo .jhpo-key { display: flex; flex-direction: row-reverse; align-items: center; }
.jhpo .jhpo-k-dot::after { content: ""; width: 6px; height: 6px; border-radius: 3px;
  background: var(--jhpo-dot); }
.jhpo .jhpo-k-best::after { content: ""; width: 16px; border-top: 2.5px solid var(--jhpo-blue); }
.jhpo .jhpo-k-base::after { content: ""; width: 16px; border-top: 2px dashed var(--jhpo-gold); }
.jhpo .jhpo-k-bad::after { content: "✕"; color: var(--jhpo-red); font-size: 10px; }
.jhpo .jhpo-k-cut::after { content: ""; width: 2px; height: 8px; background: var(--jhpo-dot); }
.jhpo .jhpo-k-far::after { content: "▲"; font-size: 9px; }
.jhpo .jhpo-scroll { overflow-x: auto; max-width: 100%; background:
  linear-gradient(to left, var(--jhpo-bg) 40%, transparent) right / 48px 100% no-repeat local,
  linear-gradient(to left, rgba(128, 128, 128, .6), transparent) right / 14px 100% no-repeat; }
.jhpo .jhpo-table { border-collapse: separate; border-spacing: 0; border: 0; margin: 0;
  width: auto; min-width: 100%; font-size: 13px; table-layout: auto; color: inherit; }
.jhpo .jhpo-table tr, .jhpo .jhpo-table tbody tr:nth-child(n) { background: none; }
.jhpo .jhpo-table th, .jhpo .jhpo-table td { height: 27px; padding: 0 6px; border: 0;
  border-bottom: 1px solid var(--jhpo-faint); text-align: left; white-space: nowrap;
  vertical-align: middle; line-height: 18px; max-width: 17ch; overflow: hidden;
  text-overflow: ellipsis; color: inherit; background: none; }
.jhpo .jhpo-table td span[aria-hidden] { display: inline-block; width: 1.2em;
  font-size: .85em; line-height: 1; }
.jhpo .jhpo-table thead th { font-weight: 600; font-size: 12px; color: var(--jhpo-dim);
  border-bottom: 1px solid var(--jhpo-line); }
.jhpo .jhpo-table tbody th { font-weight: 400; }
.jhpo .jhpo-table th:first-child { position: sticky; left: 0; z-index: 1;
  background-color: var(--jhpo-bg); }
.jhpo .jhpo-table .jhpo-num { text-align: right; }
.jhpo .jhpo-table .jhpo-dim, .jhpo .jhpo-table .jhpo-none { color: var(--jhpo-dim); }
.jhpo .jhpo-table .jhpo-why { max-width: 38ch; }
.jhpo .jhpo-table tbody tr:hover > * { background-image:
  linear-gradient(var(--jhpo-faint), var(--jhpo-faint)); }
.jhpo .jhpo-table .jhpo-best > * { font-weight: 600; background-image:
  linear-gradient(var(--jhpo-faint), var(--jhpo-faint)); }
.jhpo .jhpo-table .jhpo-best th { box-shadow: inset 3px 0 var(--jhpo-blue); }
.jhpo .jhpo-table .jhpo-best .jhpo-s-complete { color: var(--jhpo-blue); }
.jhpo svg.jhpo-spark { display: block; width: 64px; height: 18px; max-width: none; }
.jhpo .jhpo-spark polyline { fill: none; stroke: var(--jhpo-dim); stroke-width: 1.3; }
.jhpo .jhpo-spark circle { fill: var(--jhpo-blue); }
.jhpo .jhpo-rest, .jhpo .jhpo-more { padding-top: 6px; min-height: 26px; overflow-wrap: anywhere; }
.jhpo .jhpo-more { margin: 0; }
.jhpo .jhpo-more summary { color: var(--jhpo-dim); cursor: pointer; }
.jhpo .jhpo-more .jhpo-scroll { margin-top: 6px; }
.jhpo .jhpo-unseen { position: absolute; width: 1px; height: 1px; overflow: hidden;
  clip-path: inset(50%); }
"""

SHEET = re.sub(r"\s+", " ", _SHEET).strip()
