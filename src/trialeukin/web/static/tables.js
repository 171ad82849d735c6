// Where a table is wider than a phone its rows are stacked: each cell is a line that starts with its column's name.

const phone = window.matchMedia("(max-width: 640px)");

// Stacked rows are no table to a browser; to who listens they stay one.
const ROLES = { TABLE: "table", THEAD: "rowgroup", TBODY: "rowgroup", TR: "row", TD: "cell" };

function nameCells(table) {
  const heads = [...table.tHead.rows[0].cells].map((cell) => cell.textContent.trim());
  for (const each of [table, ...table.querySelectorAll("thead, tbody, tr, td, th")])
    each.setAttribute("role", ROLES[each.tagName] ?? (each.scope === "row" ? "rowheader" : "columnheader"));
  for (const row of table.tBodies[0].rows)
    for (const cell of row.cells) {
      cell.dataset.label = heads[cell.cellIndex] ?? "";
      cell.classList.toggle("nothing", ["", "–"].includes(cell.textContent.trim()) && cell.childElementCount === 0);
    }
}

function stackIfWide(table) {
  const frame = table.parentElement;
  table.classList.remove("stacked");
  if (!phone.matches || !table.tHead || !table.tBodies.length || frame.scrollWidth <= frame.clientWidth) return;
  if (!table.hasAttribute("role")) nameCells(table);
  table.classList.add("stacked");
}

// The many numbers behind a chart are compared down a column: they stay beside each other.
function stackAll() {
  for (const table of document.querySelectorAll(".scroll > table")) if (!table.closest("figure.chart")) stackIfWide(table);
}

document.addEventListener("DOMContentLoaded", stackAll);
document.addEventListener("htmx:afterSettle", stackAll);
document.addEventListener("toggle", stackAll, true);
phone.addEventListener("change", stackAll);
