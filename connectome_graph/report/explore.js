(() => {
  const { show, hide, unpacked } = page;
  const at = (id) => document.getElementById(id);
  const data = JSON.parse(at("data").textContent);
  const NS = "http://www.w3.org/2000/svg";
  const PAGE = 100;                                // neurons listed at once
  const MOST_ARROWS = 1500;                        // more are neither told apart nor drawn in time
  const MOST_LABELLED = 60;                        // beyond, a cell of the matrix gets its words when asked
  const pre = unpacked(data.pre), post = unpacked(data.post);
  const weights = {
    n_edges: unpacked(data.n_edges),
    n_synapses: unpacked(data.n_synapses),
    n_pairs: unpacked(data.n_pairs),
  };
  weights.probability = Float64Array.from(weights.n_edges, (edges, k) => edges / weights.n_pairs[k]);
  const kind = unpacked(data.kind);
  const amounts = {};
  for (const name of ["in_degree", "out_degree", "in_synapses", "out_synapses"]) amounts[name] = unpacked(data[name]);
  const seen = { in: unpacked(data.target), out: unpacked(data.source) };

  // Ids are exact: 64-bit integers become text without passing through a number.
  const ids = typeof data.ids === "string" ? (() => {
    const bytes = Uint8Array.from(atob(data.ids), (letter) => letter.charCodeAt(0));
    const view = new DataView(bytes.buffer);
    return Array.from({ length: bytes.length / 8 }, (_, i) => view.getBigInt64(8 * i, true).toString());
  })() : data.ids;
  const members = data.types.map(() => []);
  kind.forEach((type, neuron) => { if (type < members.length) members[type].push(neuron); });

  const whole = (value) => value.toLocaleString("en");
  const said = (value) => Number.isInteger(value) ? whole(value) : value.toPrecision(3);
  const typeName = (type) => type < data.types.length ? data.types[type] : "no type";
  const blockAt = new Map();
  pre.forEach((type, k) => blockAt.set(type * data.types.length + post[k], k));

  const state = { chosen: null, types: [], selected: new Set(), first: 0, listed: [], count: data.first };

  const element = (name, attributes, text) => {
    const made = document.createElementNS(NS, name);
    for (const [key, value] of Object.entries(attributes)) made.setAttribute(key, value);
    if (text !== undefined) made.textContent = text;
    return made;
  };

  // -- which types are drawn, and which blocks are strong enough ------------------------------
  const bySize = data.types.map((_, type) => type).sort((a, b) => data.sizes[b] - data.sizes[a] || a - b);
  const chooseTypes = () => {
    const part = at("named").value.trim().toLowerCase();
    const fitting = bySize.filter((type) => data.types[type].toLowerCase().includes(part));
    state.types = fitting.slice(0, state.count).sort((a, b) => a - b);
    return fitting.length;
  };
  const current = () => weights[at("weight").value];
  const least = () => Math.max(Number(at("least").value) || 0, Number.MIN_VALUE);
  const drawn = () => {
    const inside = new Set(state.types), values = current(), floor = least();
    const kept = [];
    for (let k = 0; k < pre.length; k++)
      if (values[k] >= floor && inside.has(pre[k]) && inside.has(post[k])) kept.push(k);
    return kept;
  };
  const blockTip = (k) =>
    `${data.types[pre[k]]} → ${data.types[post[k]]}\n${whole(weights.n_edges[k])} of ${whole(weights.n_pairs[k])} pairs connected` +
    ` (${said(weights.probability[k])})\n${whole(weights.n_synapses[k])} synapses`;
  const firstIds = (type) => {
    const few = members[type].slice(0, 3).map((neuron) => ids[neuron]).join("\n");
    return members[type].length > 3 ? `${few}\n…` : few;
  };

  // -- the network ------------------------------------------------------------------------------
  const radius = (type) => 4 + 20 * Math.sqrt(data.sizes[type] / Math.max(...data.sizes, 1));
  const spot = (type) => [50 + 460 * data.x[type], 62 + 416 * data.y[type]];
  const drawNetwork = (kept) => {
    const svg = at("network");
    svg.replaceChildren();
    const marker = element("marker", { id: "head", viewBox: "0 0 8 8", refX: 7, refY: 4, markerWidth: 7, markerHeight: 7, orient: "auto", markerUnits: "userSpaceOnUse" });
    marker.append(element("path", { d: "M0,0 L8,4 L0,8 z", fill: "context-stroke" }));
    const defs = element("defs", {});
    defs.append(marker);
    svg.append(defs);
    const values = current();
    const top = kept.reduce((most, k) => Math.max(most, values[k]), 0) || 1;
    // The strongest arrows last, so that they lie on top.
    const ordered = [...kept].sort((a, b) => values[a] - values[b]);
    const weaker = ordered.length - MOST_ARROWS;
    for (const [place, k] of ordered.entries()) {
      if (place < weaker && state.chosen !== pre[k] && state.chosen !== post[k]) continue;
      const [ax, ay] = spot(pre[k]), [bx, by] = spot(post[k]);
      const width = 0.4 + 5 * Math.sqrt(values[k] / top);
      let path;
      if (pre[k] === post[k]) {
        const r = radius(pre[k]);
        path = `M${ax - r * 0.6},${ay - r * 0.8} C${ax - r * 2},${ay - r * 2.6} ${ax + r * 2},${ay - r * 2.6} ${ax + r * 0.6},${ay - r * 0.8}`;
      } else {
        const far = Math.hypot(bx - ax, by - ay) || 1;
        const ux = (bx - ax) / far, uy = (by - ay) / far;
        const [r, s] = [radius(pre[k]), radius(post[k]) + 2];
        const bend = 0.12 * far;
        const mx = (ax + bx) / 2 - uy * bend, my = (ay + by) / 2 + ux * bend;
        path = `M${ax + ux * r},${ay + uy * r} Q${mx},${my} ${bx - ux * s},${by - uy * s}`;
      }
      const linked = state.chosen === pre[k] || state.chosen === post[k];
      svg.append(element("path", {
        class: `arrow${linked ? " linked" : state.chosen === null ? "" : " faint"}`, d: path, "stroke-width": width.toFixed(2),
        "marker-end": "url(#head)", "data-tip": blockTip(k),
      }));
    }
    for (const type of state.types) {
      const [x, y] = spot(type);
      const chosen = state.chosen === type;
      const node = element("g", {
        class: `node${chosen ? " chosen" : ""}`, tabindex: 0, role: "button", "aria-pressed": chosen, "data-type": type,
        "aria-label": `${data.types[type]}, ${whole(data.sizes[type])} cells`,
        "data-tip": `${data.types[type]}: ${whole(data.sizes[type])} cells\n${firstIds(type)}`,
      });
      node.append(element("circle", { cx: x, cy: y, r: radius(type).toFixed(1), fill: data.colors[type] }));
      node.append(element("text", { x, y: y + radius(type) + 11, "text-anchor": "middle" }, data.types[type].slice(0, 18)));
      svg.append(node);
    }
  };

  // -- the matrix -------------------------------------------------------------------------------
  const drawMatrix = (kept) => {
    const svg = at("matrix");
    svg.replaceChildren();
    const n = state.types.length;
    if (!n) return;
    const left = 92, top = 92, side = Math.min((548 - left) / n, (508 - top) / n);
    const defs = element("defs", {});
    const hatch = element("pattern", { id: "hatch", width: 5, height: 5, patternUnits: "userSpaceOnUse", patternTransform: "rotate(45)" });
    hatch.append(element("line", { x1: 0, y1: 0, x2: 0, y2: 5, stroke: "var(--unseen)", "stroke-width": 2 }));
    defs.append(hatch);
    svg.append(defs);
    const values = current(), shown = new Set(kept);
    const most = kept.reduce((largest, k) => Math.max(largest, values[k]), 0) || 1;
    const log = at("weight").value !== "probability";
    const shade = (value) => log ? Math.log1p(value) / Math.log1p(most) : value / most;
    const readable = side >= 9;
    const rows = state.types.map((row, i) => {
      const y = (top + i * side).toFixed(2);
      // Numbers alone are written as markup; names come in as text, below.
      const cells = state.types.map((column, j) => {
        const k = blockAt.get(row * data.types.length + column);
        const strong = k !== undefined && shown.has(k);
        const strength = strong ? Math.round(100 * (0.08 + 0.92 * shade(values[k]))) : 0;
        const fill = k === undefined ? "url(#hatch)" : strong ? `color-mix(in srgb, var(--high) ${strength}%, var(--low))` : "var(--low)";
        return `<rect class="cell" x="${(left + j * side).toFixed(2)}" y="${y}" width="${side.toFixed(2)}" height="${side.toFixed(2)}" fill="${fill}" role="gridcell" tabindex="${i + j ? -1 : 0}" data-row="${i}" data-column="${j}" data-type="${row}"/>`;
      });
      return `<g role="row">${cells.join("")}</g>`;
    });
    svg.insertAdjacentHTML("beforeend", rows.join(""));
    if (n <= MOST_LABELLED) svg.querySelectorAll(".cell").forEach(tell);
    if (!readable) return;
    const head = element("g", { role: "row" });
    svg.querySelectorAll("g[role=row]").forEach((line, i) => {
      const row = state.types[i], y = top + i * side, x = left + i * side, name = data.types[row].slice(0, 13);
      line.prepend(element("text", { class: "beside", x: left - 5, y: y + side / 2 + 3.5, "text-anchor": "end", "data-type": row, role: "rowheader" }, name));
      head.append(element("text", { class: "beside", x: 0, y: 0, transform: `translate(${x + side / 2 + 3.5} ${top - 5}) rotate(-90)`, "data-type": row, role: "columnheader" }, name));
    });
    defs.after(head);
  };
  // What a cell says, to the pointer and to a screen reader.
  const tell = (cell) => {
    if (cell.dataset.tip) return;
    const row = state.types[cell.dataset.row], column = state.types[cell.dataset.column];
    const k = blockAt.get(row * data.types.length + column);
    cell.dataset.tip = k === undefined ? `${data.types[row]} → ${data.types[column]}\nno pair could be seen` : blockTip(k);
    cell.setAttribute("aria-label", cell.dataset.tip.replaceAll("\n", ", "));
  };
  for (const event of ["pointerover", "focusin"])
    at("matrix").addEventListener(event, ({ target }) => { if (target.matches(".cell")) tell(target); });
  // The chosen type stands out: all else is veiled, and nothing is drawn again.
  const mark = () => {
    const svg = at("matrix"), n = state.types.length, chosen = state.types.indexOf(state.chosen);
    svg.querySelector(".veil")?.remove();
    svg.querySelectorAll(".beside").forEach((each) => each.classList.toggle("chosen", Number(each.dataset.type) === state.chosen));
    if (chosen < 0) return;
    const first = svg.querySelector(".cell"), side = Number(first.getAttribute("width"));
    const left = Number(first.getAttribute("x")), top = Number(first.getAttribute("y"));
    const veil = element("g", { class: "veil", "aria-hidden": true });
    const spans = [[0, chosen], [chosen + 1, n]].filter(([a, b]) => b > a);
    for (const [a, b] of spans)
      for (const [c, d] of spans)
        veil.append(element("rect", { x: left + a * side, y: top + c * side, width: (b - a) * side, height: (d - c) * side }));
    svg.append(veil);
  };

  const draw = () => {
    const fitting = chooseTypes(), kept = drawn();
    drawNetwork(kept);
    drawMatrix(kept);
    mark();
    const label = at("weight").selectedOptions[0].textContent;
    at("told").textContent = `${state.types.length} of ${whole(fitting)} types and ${whole(kept.length)} connections between types are drawn` +
      (Number(at("least").value) > 0 ? `, those with at least ${at("least").value} (${label})` : "") +
      (kept.length > MOST_ARROWS ? `; arrows stand for the ${whole(MOST_ARROWS)} strongest and for those of the chosen type.` : ".");
  };

  // -- a type is chosen -------------------------------------------------------------------------
  const fillPartners = (table, ends, others) => {
    const rows = [];
    for (let k = 0; k < pre.length; k++)
      if (ends[k] === state.chosen && weights.n_edges[k]) rows.push(k);
    rows.sort((a, b) => weights.n_synapses[b] - weights.n_synapses[a]);
    table.tBodies[0].replaceChildren(...rows.map((k) => {
      const row = document.createElement("tr");
      const cells = [[data.types[others[k]], "text", data.types[others[k]]]];
      for (const name of ["n_edges", "n_synapses", "probability"]) cells.push([said(weights[name][k]), "number", String(weights[name][k])]);
      for (const [text, kindOfCell, key] of cells) {
        const cell = row.insertCell();
        cell.textContent = text;
        cell.className = kindOfCell;
        cell.dataset.key = key;
      }
      return row;
    }));
  };
  const choose = (type, { focus = false } = {}) => {
    state.chosen = state.chosen === type ? null : type;
    at("chosen").textContent = state.chosen === null ? "nothing yet" : `${data.types[state.chosen]} (${whole(data.sizes[state.chosen])} cells)`;
    at("hint").hidden = state.chosen !== null;
    fillPartners(at("inputs"), post, pre);
    fillPartners(at("outputs"), pre, post);
    drawNetwork(drawn());
    mark();
    state.first = 0;
    list();
    if (focus) document.querySelector(`.node[data-type="${type}"]`)?.focus();
  };
  for (const svg of [at("network"), at("matrix")]) {
    svg.addEventListener("click", (event) => {
      const mark = event.target.closest("[data-type]");
      if (mark) choose(Number(mark.dataset.type));
    });
  }
  at("network").addEventListener("keydown", (event) => {
    const mark = event.target.closest(".node");
    if (!mark || (event.key !== "Enter" && event.key !== " ")) return;
    event.preventDefault();
    choose(Number(mark.dataset.type), { focus: true });
  });
  at("matrix").addEventListener("keydown", (event) => {
    const cell = event.target.closest(".cell");
    if (!cell) return;
    let row = Number(cell.dataset.row), column = Number(cell.dataset.column);
    const step = { ArrowLeft: [0, -1], ArrowRight: [0, 1], ArrowUp: [-1, 0], ArrowDown: [1, 0] }[event.key];
    if (step) {
      row = Math.min(Math.max(row + step[0], 0), state.types.length - 1);
      column = Math.min(Math.max(column + step[1], 0), state.types.length - 1);
    } else if (event.key !== "Enter" && event.key !== " ") return;
    event.preventDefault();
    if (!step) choose(Number(cell.dataset.type));
    const next = at("matrix").querySelector(`[data-row="${row}"][data-column="${column}"]`);
    at("matrix").querySelectorAll('.cell[tabindex="0"]').forEach((each) => each.setAttribute("tabindex", -1));
    next.setAttribute("tabindex", 0);
    next.focus();
  });

  // -- the neurons ------------------------------------------------------------------------------
  const list = () => {
    const begin = at("id").value.trim(), order = at("order").value;
    let found = state.chosen === null ? Array.from(ids, (_, neuron) => neuron) : members[state.chosen].slice();
    if (begin) found = found.filter((neuron) => ids[neuron].startsWith(begin));
    if (order !== "table") found.sort((a, b) => amounts[order][b] - amounts[order][a] || a - b);
    state.listed = found;
    state.first = Math.min(state.first, Math.max(0, PAGE * Math.ceil(found.length / PAGE - 1)));
    show_rows();
  };
  const show_rows = () => {
    const part = state.listed.slice(state.first, state.first + PAGE);
    at("neurons").tBodies[0].replaceChildren(...part.map((neuron) => {
      const row = document.createElement("tr");
      const box = document.createElement("input");
      box.type = "checkbox";
      box.checked = state.selected.has(neuron);
      box.dataset.neuron = neuron;
      box.setAttribute("aria-label", `select ${ids[neuron]}`);
      row.insertCell().append(box);
      row.insertCell().textContent = ids[neuron];
      row.insertCell().textContent = typeName(kind[neuron]);
      for (const name of ["in_degree", "out_degree", "in_synapses", "out_synapses"]) {
        const known = seen[name.split("_")[0]][neuron];
        row.insertCell().textContent = known ? whole(amounts[name][neuron]) : "not observable";
      }
      return row;
    }));
    const last = Math.min(state.first + PAGE, state.listed.length);
    at("listed").textContent = (state.listed.length
      ? `${whole(state.first + 1)} to ${whole(last)} of ${whole(state.listed.length)} neurons` : "no neuron") +
      `; ${whole(state.selected.size)} selected.`;
    at("back").disabled = state.first === 0;
    at("on").disabled = last >= state.listed.length;
    point();
  };
  const chosenIds = () => [...state.selected].sort((a, b) => a - b).map((neuron) => ids[neuron]);
  const point = () => {
    const source = at("segmentation").value.trim(), link = at("link");
    const ready = source !== "" && state.selected.size > 0;
    link.setAttribute("aria-disabled", !ready);
    const scene = { layers: [{ type: "segmentation", source, name: "neurons", segments: chosenIds().slice(0, 500) }] };
    link.href = ready ? `https://spelunker.cave-explorer.org/#!${encodeURIComponent(JSON.stringify(scene))}` : "#h-neurons";
  };
  at("neurons").addEventListener("change", (event) => {
    const neuron = Number(event.target.dataset.neuron);
    if (event.target.checked) state.selected.add(neuron);
    else state.selected.delete(neuron);
    at("listed").textContent = at("listed").textContent.replace(/;.*/, `; ${whole(state.selected.size)} selected.`);
    point();
  });
  at("all").addEventListener("click", () => { for (const neuron of state.listed) state.selected.add(neuron); show_rows(); });
  at("none").addEventListener("click", () => { state.selected.clear(); show_rows(); });
  at("back").addEventListener("click", () => { state.first = Math.max(0, state.first - PAGE); show_rows(); });
  at("on").addEventListener("click", () => { state.first += PAGE; show_rows(); });
  at("segmentation").value = data.segmentation || "";
  at("segmentation").addEventListener("input", point);
  for (const [name, event] of [["id", "input"], ["order", "change"]])
    at(name).addEventListener(event, () => { state.first = 0; list(); });
  at("copy").addEventListener("click", async () => {
    const text = chosenIds().join("\n");
    let done = true;
    try {
      await navigator.clipboard.writeText(text);
    } catch {
      // A page opened from a file may have no clipboard of its own.
      const field = document.createElement("textarea");
      field.value = text;
      document.body.append(field);
      field.select();
      done = document.execCommand("copy");
      field.remove();
    }
    at("listed").textContent = done ? `${whole(state.selected.size)} ids copied; ${whole(state.selected.size)} selected.`
      : "The browser did not allow copying; save the selection as CSV.";
  });

  // -- files ------------------------------------------------------------------------------------
  const save = (name, type, text) => {
    const link = document.createElement("a");
    link.href = URL.createObjectURL(new Blob([text], { type }));
    link.download = name;
    link.click();
    URL.revokeObjectURL(link.href);
  };
  // A cell that begins like a formula would be run by a spreadsheet; quotes keep the rest apart.
  const field = (value) => {
    const text = String(value);
    const safe = /^[=+\-@\t\r]/.test(text) && Number.isNaN(Number(text)) ? `'${text}` : text;
    return /[",\r\n]/.test(safe) ? `"${safe.replaceAll('"', '""')}"` : safe;
  };
  const table = (heading, rows) => [heading, ...rows].map((row) => row.map(field).join(",")).join("\r\n") + "\r\n";
  const blockTable = () => table(["pre_type", "post_type", "n_edges", "n_synapses", "n_pairs"], drawn().map((k) =>
    [data.types[pre[k]], data.types[post[k]], weights.n_edges[k], weights.n_synapses[k], weights.n_pairs[k]]));
  const neuronTable = () => table(["root_id", "type", "in_degree", "out_degree", "in_synapses", "out_synapses"],
    [...state.selected].sort((a, b) => a - b).map((neuron) => [ids[neuron], kind[neuron] < data.types.length ? data.types[kind[neuron]] : "",
      ...["in_degree", "out_degree", "in_synapses", "out_synapses"].map((name) => seen[name.split("_")[0]][neuron] ? amounts[name][neuron] : "")]));
  const picture = () => {
    // Colours as they are now, so that the file needs no style sheet.
    const sheet = element("svg", { xmlns: NS, viewBox: "0 0 1140 530", "font-family": "sans-serif", "font-size": 11 });
    [at("network"), at("matrix")].forEach((svg, place) => {
      const copy = svg.cloneNode(true);
      const originals = [svg, ...svg.querySelectorAll("*")];
      [copy, ...copy.querySelectorAll("*")].forEach((each, k) => {
        const style = getComputedStyle(originals[k]);
        for (const name of ["fill", "stroke", "stroke-width", "stroke-opacity", "opacity"]) {
          const value = style.getPropertyValue(name);
          if (value && !value.startsWith("url")) each.setAttribute(name, value);
        }
        for (const name of ["tabindex", "data-tip", "role", "class"]) each.removeAttribute(name);
      });
      const group = element("g", { transform: `translate(${570 * place} 0)` });
      group.append(...copy.childNodes);
      sheet.append(group);
    });
    return new XMLSerializer().serializeToString(sheet);
  };
  at("save-csv").addEventListener("click", () => save("types.csv", "text/csv", blockTable()));
  at("save-neurons").addEventListener("click", () => save("neurons.csv", "text/csv", neuronTable()));
  at("save-svg").addEventListener("click", () => save("types.svg", "image/svg+xml", picture()));
  // For whoever wants the same as text, and for the tests.
  window.connectome = { blockTable, neuronTable, picture, chosenIds };

  // -- filters and colours ------------------------------------------------------------------------
  for (const form of document.querySelectorAll("form")) form.addEventListener("submit", (event) => event.preventDefault());
  for (const [name, event] of [["weight", "change"], ["least", "input"], ["named", "input"]])
    at(name).addEventListener(event, draw);
  at("more").addEventListener("click", () => { state.count = data.types.length; draw(); });
  at("fewer").addEventListener("click", () => { state.count = data.first; draw(); });
  const theme = at("theme");
  const dark = () => document.documentElement.dataset.theme
    ? document.documentElement.dataset.theme === "dark" : matchMedia("(prefers-color-scheme: dark)").matches;
  const told = () => { theme.textContent = dark() ? "light" : "dark"; theme.setAttribute("aria-pressed", dark()); };
  theme.addEventListener("click", () => { document.documentElement.dataset.theme = dark() ? "light" : "dark"; told(); });
  matchMedia("(prefers-color-scheme: dark)").addEventListener("change", told);
  told();
  draw();
  list();
  hide();

  // -- an address may name a type or a neuron, as the links of a report do ------------------------
  const opened = () => {
    const asked = /^#(type|neuron)=(.*)$/s.exec(location.hash);
    if (!asked) return;
    let name = asked[2];
    try { name = decodeURIComponent(name); } catch { /* taken as it stands */ }
    if (asked[1] === "type") {
      const type = data.types.indexOf(name);
      if (type < 0) {
        at("told").textContent = `There is no type ${name} here; smaller types are taken together.`;
        return;
      }
      at("named").value = "";
      if (bySize.indexOf(type) >= state.count) state.count = data.types.length;
      if (state.chosen !== type) choose(type);
      at("h-chosen").focus();
    } else {
      if (state.chosen !== null) choose(state.chosen);
      at("id").value = name;
      state.first = 0;
      list();
      const neuron = state.listed.find((each) => ids[each] === name);
      if (neuron !== undefined) state.selected.add(neuron);
      show_rows();
      at("id").focus();
    }
  };
  addEventListener("hashchange", opened);
  opened();
})();
