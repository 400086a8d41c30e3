#include "analysis/trace/page.hpp"

#include <fmt/format.h>

#include "analysis/trace/results.hpp"
#include "analysis/trace/sequence.hpp"
#include "sim/base/html.hpp"

namespace pagetoken {

namespace {
constexpr std::string_view kHead = R"html(<!DOCTYPE html>
<html lang="en"><head><meta charset="utf-8"><meta name="viewport" content="width=device-width">
<title>)html";

constexpr std::string_view kStyle = R"html(</title>
<style>
body { font: 15px/1.45 system-ui, sans-serif; margin: 2rem auto; max-width: 72rem; padding: 0 1rem; color: #1a1a1a; background: #fff; }
h1 { font-size: 1.5rem; } h2 { font-size: 1.15rem; margin-top: 2.2rem; }
table { border-collapse: collapse; } th, td { padding: .2rem .7rem; text-align: right; border-bottom: 1px solid #ddd; }
th:first-child, td:first-child, td.text, th.text { text-align: left; }
tbody tr.pick { cursor: pointer; } tbody tr.pick:hover, tbody tr[aria-selected=true] { background: #e8f0fa; }
tr:focus-visible { outline: 2px solid #1b4f8a; }
.bar { display: flex; height: 1.6rem; width: 100%; border: 1px solid #555; margin: .2rem 0 .6rem; }
.bar span { overflow: hidden; white-space: nowrap; font-size: .75rem; padding: .2rem 0 0 .2rem; border-right: 1px solid #fff; }
.scroll { overflow-x: auto; } figure { margin: 0; } .note { color: #444; }
</style></head><body>
)html";

// Everything shown is text in the JSON below; the script puts it into elements by textContent only.
constexpr std::string_view kScript = R"html(<script>
const data = JSON.parse(document.getElementById('data').textContent);
const colors = {wire:'#1b4f8a', queue:'#b5541c', handler:'#e2a03f', storage:'#5b8c3a', lock:'#8c2d5a', remote:'#7a6fb0', retry:'#c22f2f', local:'#9a9a9a'};
const dark = {wire:1, queue:1, storage:1, lock:1, remote:1, retry:1};
const time = ns => ns < 1e3 ? ns + ' ns' : ns < 1e6 ? (ns / 1e3).toPrecision(3) + ' us' : ns < 1e9 ? (ns / 1e6).toPrecision(3) + ' ms' : (ns / 1e9).toPrecision(3) + ' s';
const node = n => { const h = data.nodes_of; return n < h.clients ? 'client ' + n : n < h.clients + h.managers ? 'manager ' + (n - h.clients) : 'storage ' + (n - h.clients - h.managers); };
function element(tag, text, parent, attributes) {
  const e = document.createElement(tag);
  if (text !== undefined && text !== null) e.textContent = text;
  for (const k in attributes || {}) e.setAttribute(k, attributes[k]);
  if (parent) parent.appendChild(e);
  return e;
}
function table(id, heads, rows, pick) {
  const t = element('table', null, document.getElementById(id));
  const head = element('tr', null, element('thead', null, t));
  heads.forEach(h => element('th', h, head, {scope: 'col'}));
  const body = element('tbody', null, t);
  rows.forEach((cells, i) => {
    const tr = element('tr', null, body, pick ? {class: 'pick', tabindex: '0', 'aria-selected': 'false'} : {});
    cells.forEach(c => element('td', c, tr));
    if (!pick) return;
    const choose = () => { body.querySelectorAll('tr').forEach(r => r.setAttribute('aria-selected', 'false')); tr.setAttribute('aria-selected', 'true'); pick(i); };
    tr.addEventListener('click', choose);
    tr.addEventListener('keydown', e => { if (e.key === 'Enter' || e.key === ' ') { e.preventDefault(); choose(); } });
  });
  return body;
}
function bar(parent, parts) {
  const sum = Object.values(parts).reduce((a, b) => a + b, 0) || 1;
  const text = Object.entries(parts).filter(p => p[1] > 0).map(p => p[0] + ' ' + (100 * p[1] / sum).toFixed(1) + ' %').join(', ');
  const b = element('div', null, parent, {class: 'bar', role: 'img', 'aria-label': text});
  for (const [name, ns] of Object.entries(parts)) {
    if (ns <= 0) continue;
    const s = element('span', name, b, {title: name + ' ' + time(ns)});
    s.style.width = 100 * ns / sum + '%'; s.style.background = colors[name]; s.style.color = dark[name] ? '#fff' : '#000';
  }
  element('p', text, parent, {class: 'note'});
}
table('causes', ['cause', 'name', 'share', ''], data.causes.map(c => [c.kind, c.name, (100 * c.share).toFixed(1) + ' %', c.text]));
element('p', 'All ' + data.breakdown.all.count + ' operations:', document.getElementById('breakdown'));
bar(document.getElementById('breakdown'), data.breakdown.all.parts);
element('p', 'The slowest 1 % (' + data.breakdown.slowest_percent.count + '):', document.getElementById('breakdown'));
bar(document.getElementById('breakdown'), data.breakdown.slowest_percent.parts);
table('latencies', ['kind', 'count', 'mean', 'p50', 'p99', 'p99.9', 'max'], Object.entries(data.latency_ns || {}).map(([k, l]) => [k, l.count, time(Math.round(l.mean)), time(l.p50), time(l.p99), time(l.p999), time(l.max)]));
const drawn = document.getElementById('sequence');
function show(i) {
  const o = data.operations[i];
  drawn.replaceChildren();
  element('h3', o.kind + ' by ' + node(o.node) + ' of file ' + o.file + (o.page === undefined ? '' : ' page ' + o.page) + ': ' + time(o.latency_ns), drawn);
  bar(drawn, o.parts);
  const list = element('ol', null, drawn);
  o.path.forEach(s => element('li', time(s.ns) + ' ' + s.part + (s.from === undefined ? '' : ' from ' + node(s.from)) + ' at ' + node(s.node) + (s.name ? ' (' + s.name + ')' : ''), list));
  const picture = document.getElementById('op-' + o.id);
  if (picture) element('div', null, drawn, {class: 'scroll', tabindex: '0'}).appendChild(picture.content.cloneNode(true));
}
const chosen = table('operations', ['operation', 'kind', 'by', 'file', 'page', 'latency', 'event', 'retries'], data.operations.map(o => [o.id, o.kind, node(o.node), o.file, o.page === undefined ? '' : o.page, time(o.latency_ns), o.event, o.retries]), show);
if (data.operations.length) chosen.querySelector('tr').click();
table('pages', ['file', 'page', 'waited', 'faults', 'handoffs', 'accesses a run', 'sharing'], data.pages.map(p => [p.file, p.page === undefined ? 'all' : p.page, time(p.waited_ns), p.faults, p.handoffs, p.run_length === undefined ? '' : p.run_length.toFixed(1), p.sharing + (p.granularity_bytes ? ', ended by tokens of ' + p.granularity_bytes + ' B' : '') + (p.ping_pong ? ', ping-pong' : '')]));
table('sharing', ['from', 'to', 'handoffs'], data.sharing.slice(0, 100).map(m => [node(m.from), node(m.to), m.count]));
const loads = document.getElementById('load');
data.nodes.filter(n => n.busy && n.node >= (data.nodes_of.managers ? data.nodes_of.clients : 0)).slice(0, 16).forEach(n => {
  const f = element('figure', null, loads);
  element('figcaption', n.name + ': busy ' + time(n.busy_ns) + ', ' + n.handled + ' handled, longest wait ' + time(n.worst_wait_ns), f);
  const ns = 'http://www.w3.org/2000/svg', svg = document.createElementNS(ns, 'svg');
  svg.setAttribute('viewBox', '0 0 640 60'); svg.setAttribute('width', '640'); svg.setAttribute('height', '60');
  svg.setAttribute('role', 'img'); svg.setAttribute('aria-label', 'share of time in which ' + n.name + ' is busy');
  n.busy.forEach((b, i) => { const r = document.createElementNS(ns, 'rect'), h = Math.min(1, b) * 56, w = 640 / n.busy.length;
    r.setAttribute('x', i * w); r.setAttribute('y', 58 - h); r.setAttribute('width', Math.max(.5, w - 1)); r.setAttribute('height', h); r.setAttribute('fill', '#1b4f8a'); svg.appendChild(r); });
  f.appendChild(svg);
});
const bad = document.getElementById('anomalies');
if (!data.anomalies.length) element('p', 'None.', bad);
data.anomalies.forEach(a => element('p', a.kind + ': ' + a.text, bad));
</script></body></html>
)html";
}  // namespace

std::string results_page(const TraceAnalysis& analysis, const std::string& title,
                         const std::map<std::uint64_t, std::string>& sequences) {
  AnalysisJson data = results_json(analysis);
  data["nodes_of"] = {{"clients", analysis.head().clients},
                      {"managers", analysis.head().managers},
                      {"storage", analysis.head().storage}};
  // Ids may be beyond what a double holds.
  for (AnalysisJson& operation : data["operations"])
    operation["id"] = std::to_string(operation["id"].get<std::uint64_t>());
  std::string json = data.dump();
  for (std::size_t at = 0; (at = json.find('<', at)) != json.npos;) json.replace(at, 1, "\\u003c");
  std::string html(kHead);
  html += escape_html(title);
  html += kStyle;
  html += fmt::format("<h1>{}</h1>\n<p class=\"note\">{} operations, {} hits beside, {} events.</p>\n",
                      escape_html(title), analysis.all().count, analysis.hits(), analysis.events());
  html +=
      "<h2>What to look at first</h2><p class=\"note\">Shares of the sum of all latencies; causes overlap.</p><div "
      "id=\"causes\" class=\"scroll\"></div>\n"
      "<h2>Where the time of operations went</h2><div id=\"breakdown\"></div><div id=\"latencies\" "
      "class=\"scroll\"></div>\n"
      "<h2>The slowest operations</h2><p class=\"note\">Select one to see its critical path and its messages.</p><div "
      "id=\"operations\" class=\"scroll\"></div>\n"
      "<div id=\"sequence\" aria-live=\"polite\"></div>\n"
      "<h2>Pages that were waited for longest</h2><div id=\"pages\" class=\"scroll\"></div>\n"
      "<h2>Who takes tokens from whom</h2><div id=\"sharing\" class=\"scroll\"></div>\n"
      "<h2>Load over time</h2><div id=\"load\"></div>\n<h2>Anomalies</h2><div id=\"anomalies\"></div>\n";
  for (const auto& [id, svg] : sequences) html += fmt::format("<template id=\"op-{}\">{}</template>\n", id, svg);
  html += "<script type=\"application/json\" id=\"data\">" + json + "</script>\n";
  html += kScript;
  return html;
}

}  // namespace pagetoken
