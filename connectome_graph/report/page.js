"use strict";
(() => {
  const { show, hide, unpacked } = page;

  // -- the adjacency ----------------------------------------------------------------------------
  const data = JSON.parse(document.getElementById("data").textContent);
  const canvas = document.getElementById("adjacency");
  if (!data || !canvas) return;

  const [pointers, places, edges, synapses] =
    ["pointers", "places", "edges", "synapses"].map((name) => unpacked(data[name]));
  const rows = data.rows;
  const columns = data.columns || data.rows;
  const nRows = rows.n.length, nColumns = columns.n.length;
  const typed = data.labels.length > 1;

  // How dark a cell is: the synapses of a pair; for groups of neurons, edges over pairs.
  const shades = new Float32Array(places.length);
  for (let row = 0; row < nRows; row++)
    for (let k = pointers[row]; k < pointers[row + 1]; k++)
      shades[k] = data.pooled ? Math.sqrt(edges[k] / (rows.n[row] * columns.n[places[k]]))
        : Math.log1p(synapses[k]);
  const ranked = Float32Array.from(shades).sort();
  const darkest = ranked[Math.floor(0.995 * (ranked.length - 1))] || 1;

  const legend = document.getElementById("legend");
  if (typed) {
    const used = new Set([...rows.label, ...columns.label]);
    data.labels.forEach((label, place) => {
      if (!used.has(place)) return;
      const item = document.createElement("li");
      const mark = document.createElement("i");
      mark.style.background = data.colors[place];
      item.append(mark, label);
      legend.append(item);
    });
  }

  const bar = typed ? 14 : 0;                      // colours of the types, along both sides
  const wide = 720;
  const shape = Math.min(2, Math.max(0.4, nRows / nColumns));
  const high = Math.round((wide - bar) * shape) + bar;
  const dense = window.devicePixelRatio > 1 ? 2 : 1;
  canvas.width = wide * dense;
  canvas.height = high * dense;
  canvas.style.width = `${wide}px`;
  const pen = canvas.getContext("2d");
  const across = canvas.width - bar * dense, down = canvas.height - bar * dense;
  const whole = () => ({ x: 0, y: 0, w: nColumns, h: nRows });
  let view = whole();

  const lowest = (row, column) => {                // first stored cell at or after `column`
    let a = pointers[row], b = pointers[row + 1];
    while (a < b) {
      const middle = (a + b) >> 1;
      if (places[middle] < column) a = middle + 1;
      else b = middle;
    }
    return a;
  };

  const draw = () => {
    const pixels = pen.createImageData(across, down);
    const ink = pixels.data.fill(255);
    const sx = across / view.w, sy = down / view.h;
    const strongest = new Float32Array(across * down);
    const lastRow = Math.min(nRows, Math.ceil(view.y + view.h));
    const lastColumn = Math.min(nColumns, Math.ceil(view.x + view.w));
    for (let row = Math.max(0, Math.floor(view.y)); row < lastRow; row++) {
      const top = Math.max(0, Math.floor((row - view.y) * sy));
      const bottom = Math.min(down, Math.max(top + 1, Math.floor((row + 1 - view.y) * sy)));
      const stop = pointers[row + 1];
      for (let k = lowest(row, Math.floor(view.x)); k < stop && places[k] < lastColumn; k++) {
        const left = Math.max(0, Math.floor((places[k] - view.x) * sx));
        const right = Math.min(across, Math.max(left + 1, Math.floor((places[k] + 1 - view.x) * sx)));
        const faintest = data.pooled ? 0.08 : 0.3;
        const shade = faintest + (1 - faintest) * Math.min(1, shades[k] / darkest);
        for (let y = top; y < bottom; y++)
          for (let x = left; x < right; x++) {
            const at = y * across + x;
            if (shade > strongest[at]) strongest[at] = shade;
          }
      }
    }
    for (let at = 0; at < strongest.length; at++) {
      const shade = strongest[at];
      if (!shade) continue;
      ink[4 * at] = 235 - 225 * shade;
      ink[4 * at + 1] = 242 - 190 * shade;
      ink[4 * at + 2] = 250 - 140 * shade;
    }
    pen.clearRect(0, 0, canvas.width, canvas.height);
    pen.putImageData(pixels, bar * dense, bar * dense);
    if (typed) drawBars(sx, sy);
    pen.strokeStyle = "#99a";
    pen.strokeRect(bar * dense + 0.5, bar * dense + 0.5, across - 1, down - 1);
    const part = `rows ${Math.floor(view.y) + 1} to ${lastRow} of ${nRows}, columns ${Math.floor(view.x) + 1} to ${lastColumn} of ${nColumns}`;
    document.getElementById("view").textContent = part;
  };

  const drawBars = (sx, sy) => {
    const side = (bar - 3) * dense;
    for (let row = Math.floor(view.y); row < Math.min(nRows, view.y + view.h); row++) {
      const top = Math.max(0, (row - view.y) * sy);
      pen.fillStyle = data.colors[rows.label[row]];
      pen.fillRect(0, bar * dense + top, side, Math.min(down, (row + 1 - view.y) * sy) - top + 0.5);
    }
    for (let column = Math.floor(view.x); column < Math.min(nColumns, view.x + view.w); column++) {
      const left = Math.max(0, (column - view.x) * sx);
      pen.fillStyle = data.colors[columns.label[column]];
      pen.fillRect(bar * dense + left, 0, Math.min(across, (column + 1 - view.x) * sx) - left + 0.5, side);
    }
  };

  const clamp = () => {
    view.w = Math.min(nColumns, Math.max(view.w, Math.min(4, nColumns)));
    view.h = Math.min(nRows, Math.max(view.h, Math.min(4, nRows)));
    view.x = Math.min(Math.max(view.x, 0), nColumns - view.w);
    view.y = Math.min(Math.max(view.y, 0), nRows - view.h);
  };
  const zoom = (factor, fx = 0.5, fy = 0.5) => {
    const x = view.x + fx * view.w, y = view.y + fy * view.h;
    view.w *= factor;
    view.h *= factor;
    clamp();
    view.x = x - fx * view.w;
    view.y = y - fy * view.h;
    clamp();
    hide();
    draw();
  };
  document.getElementById("closer").addEventListener("click", () => zoom(0.5));
  document.getElementById("farther").addEventListener("click", () => zoom(2));
  document.getElementById("whole").addEventListener("click", () => { view = whole(); draw(); });

  const place = (event) => {                       // shares of the picture that is drawn
    const box = canvas.getBoundingClientRect();
    const unit = canvas.width / box.width;
    return {
      fx: ((event.clientX - box.left) * unit - bar * dense) / across,
      fy: ((event.clientY - box.top) * unit - bar * dense) / down,
    };
  };
  const found = (event) => {
    // The cell under the pointer; where cells are smaller than pixels, the nearest that is filled.
    const { fx, fy } = place(event);
    if (fx < 0 || fy < 0 || fx >= 1 || fy >= 1) return null;
    const x = view.x + fx * view.w, y = view.y + fy * view.h;
    const row = Math.min(nRows - 1, Math.floor(y)), column = Math.min(nColumns - 1, Math.floor(x));
    const nearX = view.w / across * 2 * dense, nearY = view.h / down * 2 * dense;
    let best = null, distance = Infinity;
    for (let r = Math.max(0, Math.floor(y - nearY)); r <= Math.min(nRows - 1, Math.floor(y + nearY)); r++) {
      for (let k = lowest(r, Math.max(0, Math.floor(x - nearX))); k < pointers[r + 1] && places[k] <= x + nearX; k++) {
        const far = Math.max(Math.abs(r + 0.5 - y) - 0.5, 0) + Math.max(Math.abs(places[k] + 0.5 - x) - 0.5, 0);
        if (far < distance) [best, distance] = [{ row: r, column: places[k], at: k }, far];
      }
    }
    return best || { row, column, at: -1 };
  };
  const named = (side, bin, most) => {
    const ids = side.ids[bin];
    const rest = side.n[bin] - Math.min(most, ids.length);
    const list = ids.slice(0, most).join(", ") + (rest > 0 ? ` and ${rest.toLocaleString("en")} more` : "");
    return typed ? `${list} (${data.labels[side.label[bin]]})` : list;
  };
  const told = (cell, most) => {
    const amount = cell.at < 0 ? "no edge"
      : `${edges[cell.at].toLocaleString("en")} edge${edges[cell.at] === 1 ? "" : "s"}, ` +
        `${synapses[cell.at].toLocaleString("en")} synapse${synapses[cell.at] === 1 ? "" : "s"}`;
    return `pre  ${named(rows, cell.row, most)}\npost ${named(columns, cell.column, most)}\n${amount}`;
  };

  let grip = null;
  canvas.addEventListener("pointerdown", (event) => {
    grip = { x: event.clientX, y: event.clientY, view: { ...view }, moved: false };
    canvas.setPointerCapture(event.pointerId);
  });
  canvas.addEventListener("pointermove", (event) => {
    if (grip) {
      const box = canvas.getBoundingClientRect();
      const dx = event.clientX - grip.x, dy = event.clientY - grip.y;
      if (Math.abs(dx) + Math.abs(dy) < 4 && !grip.moved) return;
      grip.moved = true;
      view.x = grip.view.x - dx / box.width * canvas.width / across * view.w;
      view.y = grip.view.y - dy / box.height * canvas.height / down * view.h;
      clamp();
      hide();
      draw();
      return;
    }
    const cell = found(event);
    if (cell) show(told(cell, 3), event.clientX, event.clientY);
    else hide();
  });
  canvas.addEventListener("pointerup", (event) => {
    const still = grip && !grip.moved;
    grip = null;
    const cell = still ? found(event) : null;
    if (cell) document.getElementById("chosen").textContent = told(cell, Infinity);
  });
  canvas.addEventListener("pointerleave", hide);
  canvas.addEventListener("wheel", (event) => {
    if (document.activeElement !== canvas && !event.ctrlKey) return;
    event.preventDefault();
    const { fx, fy } = place(event);
    zoom(event.deltaY < 0 ? 0.8 : 1.25, fx, fy);
  }, { passive: false });
  canvas.addEventListener("keydown", (event) => {
    const step = { ArrowLeft: [-1, 0], ArrowRight: [1, 0], ArrowUp: [0, -1], ArrowDown: [0, 1] }[event.key];
    if (event.key === "+") zoom(0.5);
    else if (event.key === "-") zoom(2);
    else if (event.key === "0") { view = whole(); draw(); }
    else if (step) {
      view.x += step[0] * view.w / 8;
      view.y += step[1] * view.h / 8;
      clamp();
      draw();
    } else return;
    event.preventDefault();
  });
  draw();
})();
