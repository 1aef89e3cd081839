"use strict";
// The facts in the page in, its pictures out. Text is only ever set as text; colours are the style's, so that light
// and dark need nothing from here.
const facts = JSON.parse(document.getElementById("facts").textContent);
const state = { hour: null, antenna: null };
const $ = (id) => document.getElementById(id);
const HOUR = 3600;
const TOP = 7;
const MONTHS = ["Jan", "Feb", "Mar", "Apr", "May", "Jun", "Jul", "Aug", "Sep", "Oct", "Nov", "Dec"];

// ---- words

function digits(value) {
  const size = Math.abs(value);
  return size < 9.995 ? value.toFixed(2) : size < 99.95 ? value.toFixed(1) : Math.round(value).toLocaleString("en");
}
function scaled(value, units) {
  let step = 0;
  while (Math.abs(value) >= 999.5 && step < units.length - 1) { value /= 1000; step += 1; }
  return (step === 0 ? Math.round(value).toLocaleString("en") : digits(value)) + units[step];
}
const bytes = (value) => scaled(value, [" B", " kB", " MB", " GB", " TB", " PB", " EB"]);
const whole = (value) => Math.round(value).toLocaleString("en");
const short = (value) => scaled(value, ["", " k", " M", " G"]).replace(/\.?0+(?= |$)/, (zeros, at, all) =>
  all.includes(".") ? "" : zeros);
const shortBytes = (value) => bytes(value).replace(/\.?0+ /, (zeros, at, all) => all.includes(".") ? " " : zeros);
const percent = (share) => (100 * share).toFixed(share < 0.0995 ? 1 : 0) + " %";
const two = (value) => String(value).padStart(2, "0");
function clock(at, seconds) {
  const day = new Date(at * 1000);
  return two(day.getUTCHours()) + ":" + two(day.getUTCMinutes()) + (seconds ? ":" + two(day.getUTCSeconds()) : "");
}
function date(at) {
  const day = new Date(at * 1000);
  return day.getUTCDate() + " " + MONTHS[day.getUTCMonth()];
}
const span = (at, length) => date(at) + ", " + clock(at, length < 60) + " to " + clock(at + length, length < 60);

// ---- drawing

function svg(name, attributes, parent) {
  const made = document.createElementNS("http://www.w3.org/2000/svg", name);
  for (const [key, value] of Object.entries(attributes || {})) made.setAttribute(key, value);
  if (parent) parent.append(made);
  return made;
}
function label(parent, x, y, words, attributes) {
  const made = svg("text", { x, y, ...attributes }, parent);
  made.textContent = words;
  return made;
}
function element(name, words, parent) {
  const made = document.createElement(name);
  if (words !== undefined) made.textContent = words;
  if (parent) parent.append(made);
  return made;
}
function swatch(kind, parent) {
  const made = svg("svg", { viewBox: "0 0 10 10", "aria-hidden": "true" }, parent);
  svg("rect", { class: kind, width: 10, height: 10, rx: 2 }, made);
}
function legend(id, series) {
  const place = $(id);
  place.replaceChildren();
  for (const one of series) {
    const item = element("span", undefined, place);
    swatch(one.kind, item);
    const words = element("bdi", one.name, item);
    if (one.full && one.full !== one.name) words.title = one.full;
  }
}
function canvas(plot, width, height) {
  plot.replaceChildren();
  return svg("svg", { width, height, viewBox: `0 0 ${width} ${height}`, "aria-hidden": "true" }, plot);
}
function nothing(plot, words) {
  plot.replaceChildren();
  plot.removeAttribute("tabindex");
  plot.onpointermove = plot.onpointerleave = plot.onclick = plot.onkeydown = plot.onblur = null;
  const made = element("p", words, plot);
  made.className = "empty";
}
function ticks(top, most) {
  if (!(top > 0)) return [0, 1];
  const rough = top / most;
  const power = 10 ** Math.floor(Math.log10(rough));
  const step = Math.max([1, 2, 5, 10].find((factor) => factor * power >= rough) * power, 1e-9);
  const found = [];
  for (let i = 0; i <= Math.ceil(top / step - 1e-6); i += 1) found.push(i * step);
  return found;
}
function timeTicks(first, past, most) {
  const steps = [1, 2, 5, 10, 30, 60, 300, 600, 900, 1800, HOUR, 2 * HOUR, 3 * HOUR, 6 * HOUR, 12 * HOUR, 24 * HOUR,
    48 * HOUR, 96 * HOUR, 168 * HOUR];
  const step = steps.find((one) => (past - first) / one <= most) || 336 * HOUR;
  const found = [];
  for (let at = Math.ceil(first / step) * step; at < past; at += step) found.push(at);
  return { found, step };
}
function timeAxis(drawing, x, first, past, left, right, y) {
  const { found, step } = timeTicks(first, past, Math.max(2, Math.floor((right - left) / 62)));
  let taken = found.some((at) => at % (24 * HOUR) === 0) ? 0 : 46;
  found.forEach((at) => {
    const day = at % (24 * HOUR) === 0;
    const place = x(at);
    const anchor = place > right - 22 ? "end" : place < left + 12 ? "start" : "middle";
    const words = day || step >= 24 * HOUR ? date(at) : clock(at, step < 60);
    const size = 7.4 * words.length;
    const from = anchor === "end" ? place - size : anchor === "start" ? place : place - size / 2;
    if (from < taken) return;
    taken = from + size + 6;
    label(drawing, place, y + 15, words, { "text-anchor": anchor, class: day ? "strong" : "" });
    svg("line", { x1: place, x2: place, y1: y, y2: y + 3, class: "axis" }, drawing);
  });
  if (!found.some((at) => at % (24 * HOUR) === 0)) {
    label(drawing, 0, y + 15, date(first), { class: "strong" });
  }
}

// ---- pointing: by mouse and touch, and by keys

function show(title, rows, x, y) {
  const tip = $("tip");
  tip.replaceChildren();
  element("b", title, tip);
  for (const row of rows) {
    const line = element("div", undefined, tip);
    const name = element("i", undefined, line);
    if (row.kind) swatch(row.kind, name);
    element("bdi", row.name, name);
    element("em", row.value, line);
  }
  tip.hidden = false;
  const box = tip.getBoundingClientRect();
  const left = x + 14 + box.width > innerWidth ? x - box.width - 14 : x + 14;
  tip.style.left = Math.max(4, Math.min(left, innerWidth - box.width - 4)) + "px";
  tip.style.top = Math.max(4, Math.min(y + 14, innerHeight - box.height - 4)) + "px";
}
const hide = () => { $("tip").hidden = true; };
const say = (words) => { $("say").textContent = words; };

// `find(x, y)` gives what lies there, `about(spot)` its words and place, `step(spot, key)` the one beside it.
function pointing(plot, drawing, { find, about, step, pick }) {
  let spot = null;
  let pressed = 0;
  const mark = svg("rect", { class: plot.dataset.mark || "cross", visibility: "hidden", "pointer-events": "none" },
    drawing);
  const go = (next, spoken) => {
    spot = next;
    if (spot === null) { hide(); mark.setAttribute("visibility", "hidden"); return; }
    const it = about(spot);
    for (const key of ["x", "y", "width", "height"]) mark.setAttribute(key, Math.max(0, it[key]));
    mark.setAttribute("visibility", "visible");
    if (spoken) {
      if (it.x < plot.scrollLeft) plot.scrollLeft = it.x - 8;
      if (it.x + it.width > plot.scrollLeft + plot.clientWidth) plot.scrollLeft = it.x + it.width - plot.clientWidth + 8;
      say(it.title + ". " + it.rows.map((row) => row.name + " " + row.value).join(", "));
    }
    const box = drawing.getBoundingClientRect();
    const [x, y] = spoken ? [box.left + it.x + it.width, box.top + it.y + Math.min(it.height, 20)] : pressed;
    show(it.title, it.rows, x, y);
  };
  plot.tabIndex = 0;
  plot.setAttribute("aria-describedby", "keys");
  plot.onpointermove = (event) => {
    const box = drawing.getBoundingClientRect();
    pressed = [event.clientX, event.clientY];
    go(find(event.clientX - box.left, event.clientY - box.top), false);
  };
  plot.onpointerleave = () => go(null, false);
  plot.onblur = () => go(null, false);
  plot.onclick = () => { if (spot !== null && pick) pick(spot); };
  plot.onkeydown = (event) => {
    if (event.ctrlKey || event.altKey || event.metaKey) return;
    if (event.key === "Escape") { go(null, false); choose(null, null); return; }
    if (event.key === "Enter" || event.key === " ") { if (spot !== null && pick) { event.preventDefault(); pick(spot); } return; }
    if (!/^(Arrow|Home|End)/.test(event.key)) return;
    event.preventDefault();
    go(step(spot, event.key), true);
  };
}
function along(count) {
  return (spot, key) => {
    if (key === "Home") return 0;
    if (key === "End") return count - 1;
    const move = key === "ArrowRight" || key === "ArrowDown" ? 1 : -1;
    return spot === null ? 0 : Math.max(0, Math.min(count - 1, spot + move));
  };
}

// ---- columns over time: stacked or as shares, with a line across them where one is given

function columns(plot, options) {
  const { at, bin, series, format, mode = "stack", height = 260, axis = format, title, busy, picked, pick, top, line } = options;
  const width = Math.max(260, plot.clientWidth);
  const [left, right, upper, lower] = [58, width - 6, 22, height - 22];
  const sums = at.map((_, i) => series.reduce((sum, one) => sum + (one.values[i] || 0), 0));
  const tallest = Math.max(0, ...sums, ...(line || []));
  const marks = mode === "share" ? [0, 0.25, 0.5, 0.75, 1] : ticks(Math.max(tallest, top || 0), height < 140 ? 2 : 4);
  const limit = marks[marks.length - 1];
  const drawing = canvas(plot, width, height);
  const first = at[0];
  const past = at[at.length - 1] + bin;
  // Few columns are not stretched over the whole width: a bar as wide as a page is no picture of an hour.
  const step = Math.min((right - left) / Math.round((past - first) / bin), 120);
  const x = (moment) => left + ((moment - first) / bin) * step;
  const end = x(past);
  const y = (value) => lower - (limit ? value / limit : 0) * (lower - upper);
  if (busy !== undefined && busy !== null) {
    svg("rect", { class: "band", x: x(busy.at), y: 0, width: Math.max(2, (step * HOUR) / bin), height: lower }, drawing);
    const centre = x(busy.at) + (step * HOUR) / bin / 2;
    const anchor = centre < left + 90 ? "start" : centre > right - 90 ? "end" : "middle";
    const place = anchor === "start" ? x(busy.at) + 3 : anchor === "end" ? Math.min(right, x(busy.at) + (step * HOUR) / bin) : centre;
    label(drawing, place, 14, busy.words, { class: "busy", "text-anchor": anchor });
  }
  for (const value of marks) {
    svg("line", { class: "grid", x1: left, x2: Math.max(end, right), y1: y(value), y2: y(value) }, drawing);
    label(drawing, left - 6, y(value) + 4, mode === "share" ? 100 * value + " %" : axis(value), { "text-anchor": "end" });
  }
  if (title) label(drawing, left, 12, title, { class: "title" });
  const gap = step > 8 ? 2 : step > 4 && mode !== "share" ? 1 : 0;
  // Columns that touch would show their seams.
  if (!gap) drawing.setAttribute("shape-rendering", "crispEdges");
  at.forEach((moment, i) => {
    const place = x(moment);
    const dim = picked && !(moment >= picked[0] && moment < picked[1]) ? " dim" : "";
    let base = 0;
    series.forEach((one) => {
      const value = (one.values[i] || 0) / (mode === "share" ? sums[i] || 1 : 1);
      if (!value) return;
      const kind = one.kinds ? one.kinds[i] : one.kind;
      svg("rect", { class: kind + dim, x: place + gap / 2, width: Math.max(0.6, step - gap), y: y(base + value),
        height: Math.max(0.5, y(base) - y(base + value)) }, drawing);
      base += value;
    });
    if (line && line[i] !== null) {
      svg("line", { class: "level" + dim, x1: place, x2: place + step, y1: y(line[i]), y2: y(line[i]) }, drawing);
    }
  });
  svg("line", { class: "axis", x1: left, x2: Math.max(end, right), y1: lower, y2: lower }, drawing);
  timeAxis(drawing, x, first, past, left, end, lower);
  pointing(plot, drawing, {
    find: (px) => (px < left || px >= end ? null : Math.min(at.length - 1, Math.floor((px - left) / step))),
    step: along(at.length),
    about: (i) => ({
      x: x(at[i]), y: upper, width: step, height: lower - upper, title: span(at[i], bin),
      rows: options.rows ? options.rows(i) : series.map((one) => ({
        kind: one.kind, name: one.name, number: one.values[i] || 0,
        value: format(one.values[i] || 0) + (mode === "share" ? ", " + percent((one.values[i] || 0) / (sums[i] || 1)) : ""),
      })).filter((row) => row.number).concat(
        mode === "stack" && series.length > 1 ? [{ name: "all", value: format(sums[i]) }] : []),
    }),
    pick: pick && ((i) => pick(at[i])),
  });
}

// ---- bars from left to right

function bars(plot, rows, { format, limits = [], cap, labelWidth = 130, empty }) {
  if (!rows.length) { nothing(plot, empty); return; }
  const width = Math.max(260, plot.clientWidth);
  const narrow = width < 420;
  const left = Math.min(labelWidth, narrow ? width * 0.36 : width * 0.4);
  const right = width - (narrow ? 74 : 84);
  const tall = 22;
  const head = limits.length ? 20 : 2;
  const height = head + rows.length * tall + 2;
  const drawing = canvas(plot, width, height);
  const most = Math.min(cap || Infinity, Math.max(...rows.map((row) => row.value), ...limits.map((one) => one.value * 1.1), 1e-9));
  const x = (value) => left + (Math.min(value, most) / most) * (right - left);
  rows.forEach((row, i) => {
    const y = head + i * tall;
    const name = label(drawing, left - 8, y + 15, row.name, { "text-anchor": "end", class: "strong" });
    for (let words = row.name; words.length > 3 && name.getComputedTextLength() > left - 10;) {
      words = words.slice(0, -1);
      name.textContent = words + "…";
    }
    svg("rect", { class: row.kind, x: left, y: y + 4, width: Math.max(row.value ? 1 : 0, x(row.value) - left), height: tall - 8, rx: 2 }, drawing);
    if (row.value > most) {
      // Cut: the bar would be longer than the picture, its number is not.
      svg("path", { class: "cursor", d: `M${right - 12} ${y + 2}l-4 ${tall - 4}M${right - 7} ${y + 2}l-4 ${tall - 4}` }, drawing);
    }
  });
  for (const one of limits) {
    svg("line", { class: "limit " + one.kind, x1: x(one.value), x2: x(one.value), y1: head - 4, y2: height }, drawing);
    label(drawing, x(one.value), 12, one.name, { "text-anchor": one.anchor || "middle", class: "strong" });
  }
  // After the lines, so that none runs through a number.
  rows.forEach((row, i) => {
    label(drawing, (row.value > most ? right : x(row.value)) + 6, head + i * tall + 15, row.words || format(row.value),
      { class: (row.mark || "strong") + " halo" });
  });
  pointing(plot, drawing, {
    find: (px, py) => (py < head || py >= head + rows.length * tall ? null : Math.floor((py - head) / tall)),
    step: along(rows.length),
    about: (i) => ({ x: left, y: head + i * tall, width: right - left, height: tall, title: rows[i].title || rows[i].name, rows: rows[i].more }),
  });
}

// ---- the cards

const antennaName = (i) => (i < facts.antennas.labels.length ? facts.antennas.labels[i] : facts.antennas.others);
const antennaFull = (i) => (i < facts.antennas.names.length ? facts.antennas.names[i] : facts.antennas.others);
const picked = () => (state.hour === null ? null : [facts.hours[state.hour], facts.hours[state.hour] + HOUR]);
const pickHour = (at) => {
  const i = facts.hours.findIndex((hour) => at >= hour && at < hour + HOUR);
  choose(state.hour === i ? null : i, state.antenna);
};
function addRows(rows, length) {
  return Array.from({ length }, (_, i) => rows.reduce((sum, row) => sum + (row[i] || 0), 0));
}
function busyHour(rows) {
  const sums = addRows(rows, facts.hours.length);
  const most = Math.max(...sums);
  const at = facts.hours[sums.indexOf(most)];
  return most > 0 ? { at, words: `busy hour ${clock(at)}, ${bytes(most)}` } : null;
}

function drawTraffic() {
  const { at, bin_s: bin, rows } = facts.bins;
  let series;
  if (state.antenna !== null) {
    series = [{ name: antennaName(state.antenna), full: antennaFull(state.antenna), kind: "s" + Math.min(state.antenna, TOP), values: rows[state.antenna] }];
    if (state.antenna >= TOP) series[0].kind = "s0";
  } else {
    series = rows.slice(0, TOP).map((values, i) => ({ name: antennaName(i), full: antennaFull(i), kind: "s" + i, values }));
    if (rows.length > TOP) {
      const n = facts.antennas.names.length - TOP;
      const words = facts.antennas.others ? facts.antennas.others : n === 1 ? antennaName(TOP) : `${n} other antennas`;
      series.push({ name: words, kind: "rest", values: addRows(rows.slice(TOP), at.length) });
    }
  }
  legend("legend-traffic", series);
  const hours = state.antenna === null ? facts.antennas.rows : [facts.antennas.rows[state.antenna]];
  columns($("plot-traffic"), { at, bin, series, format: bytes, axis: shortBytes, height: innerWidth < 640 ? 240 : 300,
    busy: busyHour(hours), picked: picked(), pick: pickHour });
}

function drawHeat() {
  const plot = $("plot-heat");
  const chosen = state.antenna === null ? facts.antennas.names.map((_, i) => i) : [state.antenna];
  const most = Math.max(1, ...facts.antennas.rows.slice(0, facts.antennas.names.length).flat().map((value) => value || 0));
  const longest = Math.max(...chosen.map((i) => antennaName(i).length));
  const left = Math.min(24 + longest * 8, innerWidth < 640 ? 118 : 260);
  const n = facts.hours.length;
  const wide = Math.min(72, Math.max(5, (plot.clientWidth - left - 8) / n));
  const tall = chosen.length > 24 ? 15 : 20;
  const width = left + wide * n + 8;
  const drawing = canvas(plot, Math.max(width, Math.min(plot.clientWidth, 260)), chosen.length * tall + 26);
  // The square root tells small values apart: one busy antenna would else leave all others pale.
  const shade = (value) => "h" + Math.min(9, Math.floor(Math.sqrt(value / most) * 9.99));
  const gap = wide > 5 ? 1 : 0;
  chosen.forEach((row, line) => {
    const name = label(drawing, left - 8, line * tall + tall / 2 + 4, antennaName(row), { "text-anchor": "end", class: "strong" });
    for (let words = antennaName(row); words.length > 3 && name.getComputedTextLength() > left - 10;) {
      words = words.slice(0, -1);
      name.textContent = words + "…";
    }
    facts.antennas.rows[row].forEach((value, i) => {
      svg("rect", { class: value === null ? "void" : shade(value), x: left + i * wide + gap / 2, y: line * tall + gap / 2,
        width: wide - gap, height: tall - gap }, drawing);
    });
  });
  const bottom = chosen.length * tall;
  if (state.hour !== null) {
    svg("rect", { class: "picked", x: left + state.hour * wide, y: 0.75, width: wide, height: bottom - 0.75 }, drawing);
  }
  timeAxis(drawing, (at) => left + ((at - facts.hours[0]) / HOUR) * wide, facts.hours[0], facts.hours[n - 1] + HOUR,
    left, left + wide * n, bottom + 2);
  plot.dataset.mark = "cursor";
  const place = (px, py) => {
    const [i, line] = [Math.floor((px - left) / wide), Math.floor(py / tall)];
    return i < 0 || i >= n || line < 0 || line >= chosen.length ? null : line * n + i;
  };
  pointing(plot, drawing, {
    find: place,
    step: (spot, key) => {
      if (spot === null || key === "Home") return 0;
      if (key === "End") return chosen.length * n - 1;
      const [line, i] = [Math.floor(spot / n), spot % n];
      if (key === "ArrowUp") return Math.max(0, line - 1) * n + i;
      if (key === "ArrowDown") return Math.min(chosen.length - 1, line + 1) * n + i;
      return line * n + Math.max(0, Math.min(n - 1, i + (key === "ArrowRight" ? 1 : -1)));
    },
    about: (spot) => {
      const [row, i] = [chosen[Math.floor(spot / n)], spot % n];
      const value = facts.antennas.rows[row][i];
      return { x: left + i * wide, y: Math.floor(spot / n) * tall, width: wide, height: tall, title: antennaFull(row),
        rows: [{ name: span(facts.hours[i], HOUR), value: value === null ? "no traffic" : bytes(value) }] };
    },
    pick: (spot) => {
      const [row, i] = [chosen[Math.floor(spot / n)], spot % n];
      choose(i, row);
    },
  });
  const scale = $("legend-heat");
  scale.replaceChildren();
  element("span", "0 B", scale);
  const ramp = svg("svg", { viewBox: "0 0 100 10", "aria-hidden": "true" }, element("span", undefined, scale));
  ramp.style.width = "100px";
  for (let i = 0; i < 10; i += 1) svg("rect", { class: "h" + i, x: i * 10, width: 10, height: 10 }, ramp);
  element("span", bytes(most), scale);
}

function drawApps() {
  const series = facts.apps.rows.map((values, i) => ({
    name: i < facts.apps.labels.length ? facts.apps.names[i] : facts.apps.others, values,
    kind: i < facts.apps.labels.length ? "s" + i : "rest",
  }));
  legend("legend-apps", series);
  columns($("plot-apps"), { at: facts.hours, bin: HOUR, series, format: bytes, mode: "share", picked: picked(), pick: pickHour });
}

function drawSpeed() {
  const { batch, speed, user, app } = facts.speed;
  const differs = batch.map((value, i) => (value !== null && speed[i] !== null && value !== speed[i]) || user[i] || app[i]);
  const series = [{ name: "batch", kind: "s0", values: batch, kinds: differs.map((one) => (one ? "bad" : "s0")) }];
  legend("legend-speed", [...series, ...(differs.some(Boolean) ? [{ name: "batch, where they differ", kind: "bad" }] : []),
    { name: "live totals", kind: "level-key" }]);
  const signed = (value) => (value === null ? "not compared" : value === 0 ? "0 B" : (value > 0 ? "+" : "−") + whole(Math.abs(value)) + " B");
  columns($("plot-speed"), {
    at: facts.hours, bin: HOUR, series, format: bytes, axis: shortBytes, line: speed, picked: picked(), pick: pickHour,
    rows: (i) => [
      ...[["live totals", speed], ["batch", batch]].map(([name, values]) => ({ name, value: values[i] === null ? "none yet" : whole(values[i]) + " B" })),
      { name: "live minus batch", value: signed(batch[i] === null || speed[i] === null ? null : speed[i] - batch[i]) },
      ...(user[i] ? [{ name: "by users", value: signed(user[i]) }] : []), ...(app[i] ? [{ name: "by apps", value: signed(app[i]) }] : []),
    ],
  });
}

function drawQuota() {
  const covered = Object.keys(facts.quota.shares).map(Number);
  const shown = state.hour === null ? covered : covered.filter((i) => i === state.hour);
  const worst = new Map();
  for (const [i, name, email, usage, quota] of facts.quota.users) {
    if (state.hour !== null && i !== state.hour) continue;
    const share = quota > 0 ? usage / quota : usage > 0 ? Infinity : 0;
    const key = name + "\n" + email;
    if (!worst.has(key) || worst.get(key).share < share) worst.set(key, { i, name, email, usage, quota, share });
  }
  const rows = [...worst.values()].sort((a, b) => b.share - a.share || b.usage - a.usage).slice(0, 20).map((one) => ({
    name: one.name || one.email, title: one.name ? `${one.name}, ${one.email}` : one.email, value: one.share,
    kind: one.usage > one.quota ? "bad" : one.share >= 0.8 ? "mid" : "s0",
    mark: one.usage > one.quota ? "over" : one.share >= 0.8 ? "near" : "strong",
    words: Number.isFinite(one.share) ? exact(one) : "no quota",
    more: [{ name: span(facts.hours[one.i], HOUR), value: Number.isFinite(one.share) ? exact(one) : "" }, { name: "used", value: bytes(one.usage) }, { name: "quota", value: bytes(one.quota) }],
  }));
  const limits = [{ value: 0.8, kind: "", name: "80 %", anchor: "end" }, { value: 1, kind: "full", name: "100 %", anchor: "start" }];
  const over = state.hour === null ? null : facts.quota.over[state.hour];
  const empty = shown.length ? "No user with a quota had traffic." :
    `Users were looked at one by one in the newest ${covered.length} hours alone` + (over === null ? "." : `; ${whole(over)} were over quota in this one.`);
  bars($("plot-quota"), rows, { format: percent, limits, cap: 2.5, empty });
  const counts = facts.quota.labels.map((_, number) => shown.reduce((sum, i) => sum + facts.quota.shares[i][number], 0));
  const all = counts.reduce((sum, n) => sum + n, 0);
  bars($("plot-shares"), !all ? [] : counts.map((value, i) => ({
    name: facts.quota.labels[i], value, words: short(value), kind: i < 4 ? "s0" : i < 5 ? "mid" : "bad",
    more: [{ name: "users", value: whole(value) }, { name: "share of all", value: percent(value / all) }],
  })), { format: whole, labelWidth: 90, empty });
}
function exact({ usage, quota }) {
  const share = (100 * usage) / quota;
  if (share > 99 && share < 101 && usage !== quota) {
    return Math.abs(share - 100) >= 0.005 ? share.toFixed(2) + " %" : usage > quota ? "> 100 %" : "< 100 %";
  }
  return whole(share) + " %";
}

function drawHealth() {
  const found = facts.batches;
  const plots = [
    ["events", "events", found.events, "s0", short, whole],
    ["rejects", "rejected messages", found.rejects, "s4", short, whole],
    ["late", "late events", found.late, "s1", short, whole],
    ["busy", "working time, median of a micro-batch", found.busy_ms, "s2", (ms) => (ms < 1000 ? short(ms) + " ms" : short(ms / 1000) + " s"), (ms) => whole(ms) + " ms"],
  ];
  if (!found.at.length) { for (const [id] of plots) nothing($("plot-" + id), "No micro-batch wrote events of these hours."); return; }
  const bin = found.bin_s[0];
  // Bins without a commit are there too: a gap has to look like one.
  const at = [];
  for (let moment = found.at[0]; moment <= found.at[found.at.length - 1]; moment += bin) at.push(moment);
  const number = new Map(found.at.map((moment, i) => [moment, i]));
  for (const [id, title, values, kind, axis, format] of plots) {
    const series = [{ name: title, kind, values: at.map((moment) => (number.has(moment) ? values[number.get(moment)] : 0)) }];
    columns($("plot-" + id), { at, bin, series, format, axis, height: 108, title, top: 1, rows: (i) => {
      const j = number.get(at[i]);
      if (j === undefined) return [{ name: "micro-batches", value: "none" }];
      const rows = [{ kind, name: title, value: format(values[j]) }, { name: "micro-batches", value: whole(found.n[j]) }];
      if (id === "busy") rows.push({ name: "slowest", value: format(found.slowest_ms[j]) });
      if (id === "events") rows.push({ name: "of unknown users", value: whole(found.unknown[j]) });
      return rows;
    } });
  }
}

function drawArrivals() {
  const { labels, rows } = facts.arrivals;
  const all = rows.reduce((sum, n) => sum + n, 0);
  bars($("plot-arrivals"), !all ? [] : labels.map((name, i) => ({
    name, value: rows[i], words: short(rows[i]), kind: i === 0 ? "s0" : "s1",
    more: [{ name: "events", value: whole(rows[i]) }, { name: "share", value: percent(rows[i] / all) }],
  })), { format: whole, labelWidth: 150, empty: "No micro-batch wrote events of these hours." });
}

// ---- filters

function choose(hour, antenna) {
  state.hour = hour;
  state.antenna = antenna;
  $("hour").value = hour === null ? "" : hour;
  $("antenna").value = antenna === null ? "" : antenna;
  $("reset").disabled = hour === null && antenna === null;
  const parts = [];
  if (hour !== null) parts.push("hour=" + facts.hours[hour]);
  if (antenna !== null) parts.push("antenna=" + encodeURIComponent(facts.antennas.names[antenna]));
  history.replaceState(null, "", "#" + parts.join("&"));
  say("Showing " + (hour === null ? "all hours" : span(facts.hours[hour], HOUR)) + ", " + (antenna === null ? "all antennas" : antennaFull(antenna)));
  hide();
  drawTraffic(); drawHeat(); drawApps(); drawSpeed(); drawQuota();
}
const chosen = (id) => ($(id).value === "" ? null : Number($(id).value));
function fromAddress() {
  const given = new URLSearchParams(location.hash.slice(1));
  const hour = facts.hours.indexOf(Number(given.get("hour")));
  const antenna = facts.antennas.names.indexOf(given.get("antenna"));
  return [given.has("hour") && hour >= 0 ? hour : null, antenna >= 0 ? antenna : null];
}
function drawAll() { drawTraffic(); drawHeat(); drawApps(); drawSpeed(); drawQuota(); drawHealth(); drawArrivals(); }

$("filters").hidden = false;
$("filters").onsubmit = (event) => event.preventDefault();
$("hour").onchange = $("antenna").onchange = () => choose(chosen("hour"), chosen("antenna"));
$("reset").onclick = () => choose(null, null);
let width = innerWidth;
addEventListener("resize", () => { if (innerWidth !== width) { width = innerWidth; hide(); drawAll(); } });
addEventListener("scroll", hide, { passive: true });
addEventListener("beforeprint", drawAll);
drawAll();
if (location.hash.includes("=")) choose(...fromAddress());
document.documentElement.dataset.ready = "yes";
