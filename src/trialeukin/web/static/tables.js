// Where a table is wider than a phone its rows are stacked: each cell is a line that starts with its column's name.
// The rows of a long table are folded to their names, those of one name together, and opened by the button there.

const phone = window.matchMedia("(max-width: 640px)");
const FEW = 4; // names; as many are read as they stand
const SEARCHED = "onbeforematch" in document.documentElement; // whether the browser's own search opens what is folded

// Stacked rows are no table to a browser; to who listens they stay one.
const ROLES = { TABLE: "table", THEAD: "rowgroup", TBODY: "rowgroup", TR: "row", TD: "cell" };

function nameCells(table) {
  const heads = [...table.tHead.rows[0].cells];
  for (const each of [table, ...table.querySelectorAll("thead, tbody, tr, td, th")])
    each.setAttribute("role", ROLES[each.tagName] ?? (each.scope === "row" ? "rowheader" : "columnheader"));
  for (const row of table.tBodies[0].rows)
    for (const cell of row.cells) {
      const head = heads[cell.cellIndex];
      cell.dataset.label = head?.textContent.trim() ?? "";
      for (const kind of ["brief", "bare"]) cell.classList.toggle(kind, head?.classList.contains(kind) ?? false);
      cell.classList.toggle("nothing", ["", "–"].includes(cell.textContent.trim()) && cell.childElementCount === 0);
    }
}

const nameOf = (row) => row.querySelector("th[scope='row']")?.textContent.trim();

// Rows that follow each other under one name.
function groupsOf(table) {
  const groups = [];
  for (const row of table.tBodies[0].rows) {
    if (groups.length && nameOf(groups.at(-1)[0]) === nameOf(row)) groups.at(-1).push(row);
    else groups.push([row]);
  }
  return groups;
}

// A row after the first of its group is folded whole, the first all but its name and what stands beside that.
function hide(row) {
  if (!SEARCHED) return;
  const away = row.classList.contains("folded") && row.closest("table").classList.contains("stacked");
  for (const part of row.classList.contains("again") ? [row] : row.querySelectorAll("td:not(.brief)"))
    for (const [name, value] of [["hidden", "until-found"], ["aria-hidden", "true"]])
      if (away) part.setAttribute(name, value);
      else part.removeAttribute(name);
}

function fold(group, folded) {
  for (const row of group) {
    row.classList.toggle("folded", folded);
    hide(row);
  }
}

function foldingButton(group) {
  const button = document.createElement("button");
  button.type = "button";
  button.className = "fold";
  button.setAttribute("aria-label", `Details of ${nameOf(group[0])}`);
  button.setAttribute("aria-expanded", "false");
  const show = (open) => {
    button.setAttribute("aria-expanded", String(open));
    fold(group, !open);
  };
  button.addEventListener("click", () => show(button.getAttribute("aria-expanded") === "false"));
  for (const row of group) row.addEventListener("beforematch", () => show(true));
  return button;
}

function foldRows(table) {
  const groups = groupsOf(table);
  if (groups.length <= FEW) return;
  for (const group of groups) {
    for (const row of group.slice(1)) row.classList.add("again");
    fold(group, true);
    const head = group[0].querySelector("th[scope='row']");
    head.setAttribute("aria-label", nameOf(group[0])); // the button's words are no part of the row's name
    head.append(foldingButton(group));
  }
}

function stackIfWide(table) {
  const frame = table.parentElement;
  table.classList.remove("stacked");
  if (phone.matches && table.tHead && table.tBodies.length && frame.scrollWidth > frame.clientWidth) {
    if (!table.hasAttribute("role")) {
      nameCells(table);
      if (table.classList.contains("long")) foldRows(table);
    }
    table.classList.add("stacked");
  }
  for (const row of table.querySelectorAll(".folded")) hide(row);
}

// The many numbers behind a chart are compared down a column: they stay beside each other.
function stackAll() {
  for (const table of document.querySelectorAll(".scroll > table")) if (!table.closest("figure.chart")) stackIfWide(table);
}

document.addEventListener("DOMContentLoaded", stackAll);
document.addEventListener("htmx:afterSettle", stackAll);
document.addEventListener("toggle", stackAll, true);
phone.addEventListener("change", stackAll);
