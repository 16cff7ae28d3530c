"use strict";
// What every page of ours has: tables that sort, marks that tell what they are.
const page = (() => {
  // -- tables: a click on a heading sorts; ids by length and digits, never as numbers ---------
  const byId = (a, b) =>
    /^\d+$/.test(a) && /^\d+$/.test(b) ? a.length - b.length || (a < b ? -1 : a > b ? 1 : 0) : byText(a, b);
  const byText = (a, b) => a.localeCompare(b);
  const byNumber = (a, b) => Number(a) - Number(b);
  const orders = { id: byId, text: byText, number: byNumber };

  for (const table of document.querySelectorAll("table.sortable")) {
    const headings = [...table.tHead.rows[0].cells];
    headings.forEach((heading, column) => {
      heading.addEventListener("click", () => {
        const kind = heading.dataset.kind;
        // Numbers are first met from the largest down.
        const before = heading.getAttribute("aria-sort");
        const first = kind === "number" ? "descending" : "ascending";
        const other = first === "ascending" ? "descending" : "ascending";
        const direction = before === first ? other : first;
        for (const each of headings) each.removeAttribute("aria-sort");
        heading.setAttribute("aria-sort", direction);
        const sign = direction === "ascending" ? 1 : -1;
        const body = table.tBodies[0];
        const rows = [...body.rows].map((row, place) => [row.cells[column].dataset.key, place, row]);
        rows.sort((a, b) =>
          // What is missing stays at the end, whichever the direction.
          (a[0] === "") - (b[0] === "") || sign * orders[kind](a[0], b[0]) || a[1] - b[1]);
        body.append(...rows.map((row) => row[2]));
      });
    });
  }

  // -- what is pointed at tells what it is ----------------------------------------------------
  const tip = document.getElementById("tip");
  const show = (text, x, y) => {
    tip.textContent = text;
    tip.hidden = false;
    const box = tip.getBoundingClientRect();
    tip.style.left = `${Math.max(4, Math.min(x + 14, innerWidth - box.width - 6))}px`;
    tip.style.top = `${y + 18 + box.height > innerHeight ? Math.max(4, y - box.height - 10) : y + 18}px`;
  };
  const hide = () => { tip.hidden = true; };
  document.addEventListener("pointermove", (event) => {
    // A picture tells of its own cells.
    if (event.target.closest("[data-own-tip]")) return;
    const told = event.target.closest("[data-tip]");
    if (told) show(told.dataset.tip, event.clientX, event.clientY);
    else hide();
  });
  document.addEventListener("focusin", (event) => {
    const told = event.target.closest("[data-tip]");
    if (!told) return;
    const box = told.getBoundingClientRect();
    show(told.dataset.tip, box.left, box.bottom - 14);
  });
  document.addEventListener("scroll", hide, { passive: true });
  // Whole numbers packed as base64 of little-endian uint32.
  const unpacked = (text) => {
    const bytes = Uint8Array.from(atob(text), (letter) => letter.charCodeAt(0));
    const view = new DataView(bytes.buffer);
    return Uint32Array.from({ length: bytes.length / 4 }, (_, i) => view.getUint32(4 * i, true));
  };

  return { show, hide, orders, unpacked };
})();
