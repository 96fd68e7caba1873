"use strict";
// Adds to a page that is complete without it: sorting, searching, tooltips, filters.
const all = (selector, within = document) => [...within.querySelectorAll(selector)];
const make = (tag, properties = {}, ...children) => {
  const element = Object.assign(document.createElement(tag), properties);
  element.append(...children);
  return element;
};
const usd = new Intl.NumberFormat("en-US", { style: "currency", currency: "USD" });
const dollars = (value) => usd.format(value).replace("-", "−");
const scale = { k: 1e3, M: 1e6, B: 1e9, T: 1e12 };
const number = (text) => {
  const found = /([▼−-]?)\s*\$?([\d,.]+)\s*([kMBT]?)/.exec(text);
  if (!found) return NaN;
  return (found[1] ? -1 : 1) * Number(found[2].replaceAll(",", "")) * (scale[found[3]] || 1);
};

// Tables: the head of a column sorts, a field above the table searches.
const value = (row, column) => {
  const exact = row.cells[column].querySelector("data");
  return exact ? Number(exact.value) : number(row.cells[column].textContent);
};
const sortBy = (table, column, up) => {
  const body = table.tBodies[0], sign = up ? 1 : -1;
  const isNumber = table.tHead.rows[0].cells[column].classList.contains("n");
  const text = (row) => row.cells[column].textContent;
  const order = isNumber
    ? (a, b) => (value(a, column) || 0) - (value(b, column) || 0)
    : (a, b) => text(a).localeCompare(text(b), "en", { numeric: true });
  body.append(...[...body.rows].sort((a, b) => sign * order(a, b)));
  all("th[aria-sort]", table.tHead).forEach((head) => head.removeAttribute("aria-sort"));
  table.tHead.rows[0].cells[column].ariaSort = up ? "ascending" : "descending";
};
const makeSortable = (table) => {
  [...table.tHead.rows[0].cells].forEach((head, column) => {
    if (!head.textContent || table.tBodies[0].querySelector(`td:nth-child(${column + 1}) > .spark`)) return;
    const button = make("button", { type: "button", textContent: head.textContent });
    button.onclick = () => sortBy(table, column, head.ariaSort === "descending" || (!head.ariaSort && !head.classList.contains("n")));
    head.replaceChildren(button);
  });
};
const makeSearchable = (table) => {
  const field = make("input", { type: "search", size: 16 });
  field.oninput = () => {
    const wanted = field.value.toLowerCase();
    for (const row of table.tBodies[0].rows) row.classList.toggle("missed", !row.textContent.toLowerCase().includes(wanted));
    show(table);
  };
  table.before(make("label", {}, "Search ", field));
};
// A row is hidden if the search, the filter or the length of the table leaves it out.
const MOST = 15;
const show = (table) => {
  let shown = 0, left = 0;
  for (const row of table.tBodies[0].rows) {
    const fits = !row.classList.contains("missed") && !row.classList.contains("empty");
    row.hidden = !fits || (table.dataset.short && ++shown > MOST);
    left += fits && row.hidden;
  }
  if (table.more) table.more.textContent = table.dataset.short ? `Show ${left.toLocaleString("en")} more` : `Show ${MOST} only`;
  if (table.more) table.more.hidden = table.dataset.short && !left;
};
const shorten = (table) => {
  table.dataset.short = "1";
  table.more = make("button", { type: "button" });
  table.more.onclick = () => {
    if (table.dataset.short) delete table.dataset.short; else table.dataset.short = "1";
    show(table);
  };
  table.after(table.more);
};
for (const table of all("table")) {
  const rows = table.tBodies[0].rows.length;
  if (rows > 2) makeSortable(table);
  if (rows > 8 && !table.closest("figure")) makeSearchable(table);
  if (rows > MOST + 5 && !table.closest("figure")) shorten(table);
  table.addEventListener("click", () => show(table));
  show(table);
}

// Charts: the numbers come from the table below the chart.
const svg = (tag, attributes) => {
  const element = document.createElementNS("http://www.w3.org/2000/svg", tag);
  for (const [name, to] of Object.entries(attributes)) element.setAttribute(name, to);
  return element;
};
class Chart {
  constructor(figure) {
    this.figure = figure;
    this.rows = [...document.getElementById(figure.dataset.table).tBodies[0].rows].map((row) => [...row.cells].map((cell) => cell.textContent));
    this.names = [...document.getElementById(figure.dataset.table).tHead.rows[0].cells].slice(1).map((cell) => cell.textContent.trim());
    this.plot = figure.querySelector(".plot");
    this.area = figure.querySelector(".area");
    this.paths = all("path", this.area);
    this.marks = all(".scale text", figure);
    this.lines = all("line", this.area);
    this.first = { rows: this.rows, paths: this.paths.map((path) => path.getAttribute("d")), marks: this.marks.map((mark) => [mark.getAttribute("y"), mark.textContent]) };
    this.tip = make("output", { className: "tip", hidden: true });
    this.mark = svg("rect", { class: "at", y: "4%", height: "84%", width: `${100 / this.rows.length}%`, visibility: "hidden" });
    this.area.append(this.mark);
    figure.append(this.tip);
    this.listen();
    this.toggles();
  }
  listen() {
    this.plot.tabIndex = 0;
    this.plot.setAttribute("role", "group");
    this.plot.setAttribute("aria-label", `${this.figure.querySelector("h3").textContent}. Arrow keys read the values.`);
    const over = (event) => {
      const box = this.area.getBoundingClientRect();
      this.point(Math.floor(((event.clientX - box.left) / box.width) * this.rows.length));
    };
    this.plot.onpointermove = this.plot.onpointerdown = over;
    this.plot.onpointerleave = this.plot.onblur = () => this.point(-1);
    this.plot.onfocus = () => this.at ?? this.point(this.rows.length - 1);
    this.plot.onkeydown = (event) => {
      const step = { ArrowLeft: -1, ArrowRight: 1, Home: -1e6, End: 1e6 }[event.key];
      if (event.key === "Escape") this.point(-1);
      if (!step) return;
      event.preventDefault();
      this.point(Math.max(0, Math.min(this.rows.length - 1, (this.at ?? this.rows.length) + step)));
    };
  }
  point(at) {
    this.at = this.rows[at] ? at : undefined;
    this.tip.hidden = this.at === undefined;
    this.mark.setAttribute("visibility", this.tip.hidden ? "hidden" : "visible");
    if (this.tip.hidden) return;
    const [label, ...values] = this.rows[at];
    const lines = values.map((text, n) => [text, n]).filter(([text, n]) => number(text) && !this.off(n));
    this.tip.replaceChildren(make("b", {}, label), ...lines.map(([text, n]) => make("div", {}, `${this.names[n]}: ${text}`)));
    if (!lines.length) this.tip.append("nothing");
    this.mark.setAttribute("x", `${(100 * at) / this.rows.length}%`);
    const box = this.area.getBoundingClientRect(), outer = this.figure.getBoundingClientRect();
    const middle = box.left - outer.left + ((at + 0.5) / this.rows.length) * box.width;
    const left = middle < outer.width / 2 ? middle + 12 : middle - 12 - this.tip.offsetWidth;
    this.tip.style.left = `${Math.max(0, left)}px`;
    this.tip.style.top = `${this.plot.offsetTop + 8}px`;
  }
  off(n) {
    return this.legend?.[n]?.classList.contains("off");
  }
  toggles() {
    this.legend = all(".legend li", this.figure);
    this.legend.forEach((item) => {
      const button = make("button", { type: "button", textContent: item.textContent, ariaPressed: "true" });
      button.onclick = () => {
        item.classList.toggle("off");
        button.ariaPressed = String(!item.classList.contains("off"));
        this.draw(this.rows.map((row) => row.slice(1).map(number)));
      };
      item.replaceChildren(button);
    });
  }
  // Draw bars again, with the scale of what is shown.
  draw(values) {
    const isFirst = this.rows === this.first.rows && !this.legend.some((item) => item.classList.contains("off"));
    this.plot.classList.toggle("changed", !isFirst);
    if (this.plot.classList.contains("line")) {
      return this.paths.forEach((path, n) => path.setAttribute("visibility", this.off(n) ? "hidden" : "visible"));
    }
    if (isFirst) return this.restore();
    const shown = values.map((row) => row.map((one, n) => (this.off(n) || !one ? 0 : one)));
    const sum = (row, sign) => row.reduce((total, one) => total + (one * sign > 0 ? one : 0), 0);
    const high = Math.max(...shown.map((row) => sum(row, 1))), low = Math.min(...shown.map((row) => sum(row, -1)));
    const size = high - low || 1, y = (one) => Math.round((1000 * (high - one)) / size);
    this.paths.forEach((path, n) => path.setAttribute("d", shown.map((row, at) => {
      const same = row.slice(0, n).filter((one) => one * row[n] > 0).reduce((total, one) => total + one, 0);
      return row[n] ? `M${10 * at + 1} ${y(same)}h8V${y(same + row[n])}h-8z` : "";
    }).join("")));
    this.rule(low, high);
  }
  restore() {
    this.paths.forEach((path, n) => path.setAttribute("d", this.first.paths[n]));
    this.first.marks.forEach(([y, text], n) => this.place(n, y, text));
  }
  rule(low, high) {
    this.marks.forEach((_, n) => {
      const share = n / (this.marks.length - 1);
      const text = new Intl.NumberFormat("en-US", { notation: "compact", maximumSignificantDigits: 3 }).format(low + share * (high - low));
      const money = this.figure.id === "c-spend" ? `$${text}`.replace("$-", "−$") : text;
      this.place(n, `${(4 + 84 * (1 - share)).toFixed(1)}%`, money);
    });
  }
  place(n, y, text) {
    this.marks[n].setAttribute("y", y);
    this.marks[n].textContent = text;
    this.lines[n].setAttribute("y1", y);
    this.lines[n].setAttribute("y2", y);
  }
}
const charts = Object.fromEntries(all("figure").map((figure) => [figure.id, new Chart(figure)]));

// Filter: spend by days, workspace, model and key.
const cells = JSON.parse(document.getElementById("cells").textContent);
const tables = Object.fromEntries(all("[data-picks]").map((table) => [table.dataset.picks, table]));
const chosen = { w: null, m: null, k: null };
const day = (at) => new Date(Date.parse(cells.start) + 864e5 * at).toISOString().slice(0, 10);
const days = cells.days;
const range = { first: 0, last: days - 1 };
const kinds = ["w", "m", "k"];
const label = { w: "Workspace", m: "Model", k: "API key" };
const nameOf = (kind, at) => (at < 0 ? cells.rest : names[kind][at]);
const names = Object.fromEntries(kinds.map((kind) => [kind, all("tr[data-at]", tables[kind]).map((row) => row.cells[0].textContent)]));
const isWhole = () => !range.first && range.last === days - 1 && kinds.every((kind) => chosen[kind] === null);
const sums = (skip) => {
  const found = new Map(), by = kinds.indexOf(skip);
  for (const series of cells.series) {
    if (kinds.some((kind, n) => kind !== skip && chosen[kind] !== null && chosen[kind] !== series[n])) continue;
    let total = 0;
    series[4].forEach((one, n) => { if (series[3] + n >= range.first && series[3] + n <= range.last) total += one; });
    found.set(series[by], (found.get(series[by]) || 0) + total);
  }
  return found;
};
const fill = (table, kind) => {
  const found = sums(kind), total = [...found.values()].reduce((a, b) => a + b, 0), whole = isWhole();
  for (const row of table.tBodies[0].rows) {
    const at = Number(row.dataset.at), amount = found.get(at), cell = row.querySelector("data");
    cell.whole ??= [cell.textContent, cell.value, cell.closest("td").nextElementSibling.lastChild.textContent];
    const [text, exact, share] = cell.whole, now = (amount || 0) / 1e6;
    cell.textContent = whole ? text : dollars(now);
    cell.value = whole ? exact : now;
    const part = total ? (amount || 0) / total : 0;
    cell.closest("td").nextElementSibling.lastChild.textContent = whole ? share : `${(100 * part).toFixed(part >= 0.1 ? 0 : 1)}%`;
    cell.closest("td").nextElementSibling.querySelector("rect").setAttribute("width", `${100 * Math.max(0, whole ? parseFloat(share) / 100 : part)}%`);
    row.classList.toggle("empty", !whole && !amount);
    row.classList.toggle("chosen", chosen[kind] === at);
  }
  sortBy(table, [...table.rows[1].cells].findIndex((cell) => cell.querySelector("data")), false);
  show(table);
  return total;
};
const apply = () => {
  const whole = isWhole();
  document.getElementById("rankings").classList.toggle("filtered", !whole);
  const totals = kinds.map((kind) => fill(tables[kind], kind));
  const only = new Map(kinds.map((kind) => [kind, sums(kind)]));
  const total = chosen.k === null ? totals[2] : only.get("k").get(chosen.k) || 0;
  const parts = kinds.filter((kind) => chosen[kind] !== null).map((kind) => `${label[kind]} ${nameOf(kind, chosen[kind])}`);
  said.textContent = whole ? "" : `${dollars(total / 1e6)}, ${day(range.first)} to ${day(range.last)}${parts.length ? `, ${parts.join(", ")}` : ""}`;
  reset.hidden = whole;
  redraw(whole);
};
const redraw = (whole) => {
  const chart = charts["c-spend"];
  if (!chart) return;
  const bar = (at) => Math.floor((at + cells.lead) / cells.bar);
  const width = chart.names.length, values = chart.first.rows.map(() => Array(width).fill(0));
  for (const [w, m, k, first, amounts] of cells.series) {
    if ([w, m, k].some((at, n) => chosen[kinds[n]] !== null && chosen[kinds[n]] !== at)) continue;
    const place = chart.names.indexOf(names.m[m]), column = place < 0 ? width - 1 : place;
    amounts.forEach((one, n) => { if (first + n >= range.first && first + n <= range.last) values[bar(first + n)][column] += one / 1e6; });
  }
  chart.rows = whole ? chart.first.rows : chart.first.rows.map((row, at) => [row[0], ...values[at].map(dollars)]);
  chart.draw(chart.rows.map((row) => row.slice(1).map(number)));
};
const pick = (kind, at) => {
  chosen[kind] = chosen[kind] === at ? null : at;
  apply();
};
const said = make("p", { role: "status" }), reset = make("button", { type: "button", textContent: "Show everything", hidden: true });
const addFilter = () => {
  const form = document.getElementById("filter"), last = day(days - 1);
  const presets = [["Whole period", 0], ["Last 7 days", days - 7], ["Last 14 days", days - 14], ["Month to date", days - Number(last.slice(8))]];
  const period = make("select", {}, ...presets.filter(([, first]) => first >= 0).map(([text, first]) => make("option", { value: first, textContent: text })), make("option", { value: "", textContent: "Days from … to …" }));
  const dates = ["first", "last"].map((end) => make("input", { type: "date", min: cells.start, max: last, value: day(range[end]), ariaLabel: `${end} day` }));
  const toDay = (field, otherwise) => (field.value ? Math.max(0, Math.min(days - 1, Math.round((Date.parse(field.value) - Date.parse(cells.start)) / 864e5))) : otherwise);
  const list = make("datalist", { id: "workspaces" }, ...names.w.map((name) => make("option", { value: name })));
  const search = make("input", { type: "search", size: 24, placeholder: "all" });
  search.setAttribute("list", "workspaces");
  const set = (first, end) => { [range.first, range.last] = [first, Math.max(first, end)]; dates[0].value = day(range.first); dates[1].value = day(range.last); apply(); };
  period.onchange = () => (period.value === "" ? dates[0].focus() : set(Number(period.value), days - 1));
  dates.forEach((field) => { field.onchange = () => { period.value = ""; set(toDay(dates[0], 0), toDay(dates[1], days - 1)); }; });
  search.onchange = () => { chosen.w = names.w.includes(search.value) ? names.w.indexOf(search.value) : null; apply(); };
  reset.onclick = () => { kinds.forEach((kind) => { chosen[kind] = null; }); search.value = ""; period.value = 0; set(0, days - 1); };
  form.append(make("label", {}, "Period ", period), make("label", {}, "First day ", dates[0]), make("label", {}, "Last day ", dates[1]), make("label", {}, "Workspace ", search), list, reset, said);
  form.onsubmit = (event) => event.preventDefault();
  form.hidden = false;
  for (const kind of kinds) {
    for (const row of all("tr[data-at]", tables[kind])) {
      const button = make("button", { type: "button", title: "Show only this" }, ...row.cells[0].childNodes);
      button.onclick = () => pick(kind, Number(row.dataset.at));
      row.cells[0].replaceChildren(button);
    }
  }
};
if (cells.series.length && kinds.every((kind) => tables[kind])) addFilter();

// A link to a finding opens it; printing opens everything.
const open = () => document.getElementById(location.hash.slice(1))?.closest("details")?.setAttribute("open", "");
addEventListener("hashchange", open);
open();
addEventListener("beforeprint", () => all("table").forEach((table) => { table.wasShort = table.dataset.short; delete table.dataset.short; show(table); }));
addEventListener("afterprint", () => all("table").forEach((table) => { if (table.wasShort) table.dataset.short = "1"; show(table); }));
