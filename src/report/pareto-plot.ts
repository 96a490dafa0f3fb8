/** Style and script of the interactive plot: our own constant texts; the data stand beside them as JSON. */

export const plotStyle = `
.controls { display: flex; flex-wrap: wrap; gap: 8px 20px; margin-bottom: 12px; font-size: 14px; align-items: center; }
select { font: inherit; color: var(--ink); background: var(--card); border: 1px solid var(--line); border-radius: 6px; padding: 3px 6px; }
h1 { overflow-wrap: break-word; font-size: clamp(20px, 5vw, 30px); }
@media (max-width: 640px) { main { padding: 20px 12px 32px; } .card { padding: 12px; } }
.plot { position: relative; } #plot { width: 100%; height: auto; font-size: 13px; }
#plot .grid { stroke: var(--line); } #plot text { fill: var(--soft); } #plot .name { fill: var(--ink); font-weight: 600; }
#plot .limit { stroke: var(--bad); stroke-width: 1.5; stroke-dasharray: 5 4; } #plot text.limit-text { fill: var(--bad); }
#plot .step { fill: none; stroke: var(--model); stroke-width: 2; opacity: 0.55; }
#plot .mark { stroke: var(--card); stroke-width: 1.5; cursor: pointer; } #plot .mark:focus-visible, #plot .mark:hover { stroke: var(--ink); stroke-width: 2; outline: none; }
.p-fit { fill: var(--harness); } .p-front { fill: var(--model); } .p-best { fill: var(--good); } .p-not { fill: var(--miss); opacity: 0.45; }
i.k-best { background: var(--good); border-radius: 50%; } i.k-front { background: var(--model); border-radius: 50%; } i.k-fit { background: var(--harness); border-radius: 50%; } i.k-low { width: 0; height: 0; border-radius: 0; border: 6px solid transparent; border-top-color: var(--soft); border-bottom: 0; } i.k-not { background: var(--miss); opacity: 0.6; border-radius: 50%; }
#tip { position: absolute; pointer-events: none; max-width: 320px; background: var(--card); color: var(--ink); border: 1px solid var(--line); border-radius: 8px; padding: 8px 12px; font-size: 13px; box-shadow: 0 4px 18px #0003; z-index: 2; }
#tip b { display: block; } #tip .soft { display: block; }
.ranks td, .ranks th { font-size: 13px; } .ranks .n { text-align: right; white-space: nowrap; } .ranks td.n { padding-left: 8px; } .ranks th .soft { font-weight: 400; } .ranks th[scope="row"] { width: 38%; min-width: 220px; }
.ranks tr.best > * { background: var(--good-bg); } .ranks tr.not > * { color: var(--soft); } .ranks tr:target > * { background: var(--warn-bg); }
.wide { margin-top: 16px; } summary { cursor: pointer; }
`;

/**
 * Draws `fit` on #plot; accuracy grows, everything else shrinks towards the good. The drawing is as wide as its place, so that
 * texts keep their size. An axis of accuracy ends where few lie far below: those stand at its end as triangles.
 */
export const plotScript = `
(() => {
  const svg = document.getElementById("plot"), tip = document.getElementById("tip"), ax = document.getElementById("ax"), ay = document.getElementById("ay"), all = document.getElementById("nofit");
  if (!svg) return;
  const key = document.getElementById("low"), H = 430, L = 88, R = 24, T = 18, B = 52; let W = 900; const up = { validated: 1, tested: 1 };
  const make = (name, at, text) => { const e = document.createElementNS("http://www.w3.org/2000/svg", name); for (const k in at) e.setAttribute(k, at[k]); if (text !== undefined) e.textContent = text; svg.append(e); return e; };
  const number = (key, v) => up[key] ? (fit.share ? Number((100 * v).toFixed(2)) + " %" : v.toFixed(4)) : v >= 100 ? Math.round(v).toLocaleString("en-GB") : String(Number(v.toPrecision(3)));
  const log = (key, list) => !up[key] && Math.min(...list) > 0 && Math.max(...list) / Math.min(...list) > 8;
  function scale(key, list, from, to) {
    const byLog = log(key, list), f = byLog ? Math.log10 : (v) => v;
    let lo = f(Math.min(...list)), hi = f(Math.max(...list));
    const quarter = list.slice().sort((a, b) => a - b)[Math.floor(list.length / 4)], far = hi - 4 * (hi - quarter), cut = up[key] === 1 && quarter < hi && lo < far;
    if (cut) lo = far;
    const pad = (hi - lo || Math.abs(hi) * 0.1 || 1) * 0.06; lo -= pad; hi += pad;
    if (up[key] && fit.share) hi = Math.min(hi, 1 + pad / 2);
    const ticks = [];
    if (byLog) for (let p = Math.floor(lo); p <= hi; p++) for (const m of [1, 2, 5]) { const v = p + Math.log10(m); if (v >= lo && v <= hi) ticks.push(m * 10 ** p); }
    else { const raw = (hi - lo) / 5, mag = 10 ** Math.floor(Math.log10(raw)), step = [1, 2, 5, 10].map((m) => m * mag).find((s) => s >= raw) ?? raw; for (let v = Math.ceil(lo / step) * step; v <= hi + step * 1e-6; v += step) ticks.push(Number(v.toPrecision(12))); }
    return { cut: cut ? lo : -Infinity, at: (v) => from + ((Math.max(f(v), lo) - lo) / (hi - lo)) * (to - from), ticks: byLog && ticks.length > 8 ? ticks.filter((t) => /^1/.test(String(t))) : ticks };
  }
  function limit(key, s, x) {
    const v = fit.limits[key];
    if (v === null || v === undefined) return;
    const p = s.at(v);
    if (!(p >= (x ? L : T) && p <= (x ? W - R : H - B))) return;
    make("line", x ? { class: "limit", x1: p, x2: p, y1: T, y2: H - B } : { class: "limit", x1: L, x2: W - R, y1: p, y2: p });
    make("text", x ? { class: "limit-text", x: p - 5, y: T + 12, "text-anchor": "end" } : { class: "limit-text", x: W - R, y: p - 5, "text-anchor": "end" }, "limit");
  }
  function show(p, e) {
    tip.textContent = "";
    const add = (name, text) => { const n = document.createElement(name); n.textContent = text; if (name === "span") n.className = "soft"; tip.append(n); };
    add("b", p.name); add("span", p.hyper); add("span", p.how);
    for (const o of ax.options) if (p.v[o.value] !== null) { const d = document.createElement("div"); d.textContent = o.text + ": " + number(o.value, p.v[o.value]); tip.append(d); }
    add("b", p.verdict);
    tip.hidden = false;
    const box = svg.getBoundingClientRect(), at = e.getBoundingClientRect(), cx = at.left + at.width / 2 - box.left, cy = at.top + at.height / 2 - box.top;
    tip.style.left = Math.max(0, cx + 14 + tip.offsetWidth > box.width ? cx - tip.offsetWidth - 14 : cx + 14) + "px";
    tip.style.top = Math.max(0, Math.min(cy - 20, box.height - tip.offsetHeight)) + "px";
  }
  function draw() {
    const kx = ax.value, ky = ay.value;
    const list = fit.list.filter((p) => p.v[kx] !== null && p.v[ky] !== null && (all.checked || p.fits));
    svg.textContent = ""; tip.hidden = true;
    W = Math.max(320, Math.min(1200, svg.clientWidth || 900)); svg.setAttribute("viewBox", "0 0 " + W + " " + H);
    if (list.length === 0) { make("text", { x: W / 2, y: H / 2, "text-anchor": "middle" }, "no candidate has both figures"); return; }
    const sx = scale(kx, list.map((p) => p.v[kx]), L, W - R), sy = scale(ky, list.map((p) => p.v[ky]), H - B, T);
    let last = -Infinity;
    for (const t of sx.ticks) { const x = sx.at(t); make("line", { class: "grid", x1: x, x2: x, y1: T, y2: H - B }); if (x - last < 52) continue; last = x; make("text", { x, y: H - B + 18, "text-anchor": "middle" }, number(kx, t)); }
    for (const t of sy.ticks) { const y = sy.at(t); make("line", { class: "grid", x1: L, x2: W - R, y1: y, y2: y }); make("text", { x: L - 8, y: y + 4, "text-anchor": "end" }, number(ky, t)); }
    make("text", { class: "name", x: (L + W - R) / 2, y: H - 8, "text-anchor": "middle" }, ax.selectedOptions[0].text);
    make("text", { class: "name", x: 14, y: (T + H - B) / 2, "text-anchor": "middle", transform: "rotate(-90 14 " + (T + H - B) / 2 + ")" }, ay.selectedOptions[0].text);
    limit(kx, sx, true); limit(ky, sy, false);
    const good = (key, v) => up[key] ? v : -v;
    const two = list.filter((p) => p.fits).sort((a, b) => good(kx, b.v[kx]) - good(kx, a.v[kx]) || good(ky, b.v[ky]) - good(ky, a.v[ky]));
    let best = -Infinity, path = "", py = 0;
    for (const p of two) { const g = good(ky, p.v[ky]); if (g <= best) continue; best = g; const x = sx.at(p.v[kx]), y = sy.at(p.v[ky]); path += path === "" ? "M" + x + " " + y : "L" + x + " " + py + "L" + x + " " + y; py = y; }
    if (path !== "") make("path", { class: "step", d: path });
    key.hidden = !list.some((p) => p.v[ky] < sy.cut || p.v[kx] < sx.cut);
    const rank = (p) => p.best ? 3 : p.front ? 2 : p.fits ? 1 : 0;
    for (const p of list.slice().sort((a, b) => rank(a) - rank(b))) {
      const x = sx.at(p.v[kx]), y = sy.at(p.v[ky]), r = p.best ? 9 : p.front ? 6.5 : 5.5, about = { class: "mark " + ["p-not", "p-fit", "p-front", "p-best"][rank(p)], tabindex: 0, "aria-label": p.name + ", " + p.verdict };
      const c = p.v[ky] < sy.cut ? make("path", { ...about, d: "M" + (x - 7) + " " + (y - 12) + "H" + (x + 7) + "L" + x + " " + y + "Z" }) : p.v[kx] < sx.cut ? make("path", { ...about, d: "M" + (x + 12) + " " + (y - 7) + "V" + (y + 7) + "L" + x + " " + y + "Z" }) : make("circle", { ...about, cx: x, cy: y, r });
      c.addEventListener("mouseenter", () => show(p, c)); c.addEventListener("focus", () => show(p, c));
      c.addEventListener("mouseleave", () => { tip.hidden = true; }); c.addEventListener("blur", () => { tip.hidden = true; });
      c.addEventListener("click", () => { location.hash = "c-" + p.id; });
    }
  }
  for (const e of [ax, ay, all]) e.addEventListener("change", draw);
  addEventListener("resize", draw);
  draw();
})();
`;
