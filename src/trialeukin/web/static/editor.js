// Marks the faults of each text where they stand, behind the text that is typed.

function spotOf(text, line, column, width) {
  const lines = text.split("\n");
  const start = lines.slice(0, line - 1).reduce((sum, each) => sum + each.length + 1, 0);
  return column ? [start + column - 1, start + column - 1 + Math.max(width, 1)] : [start, start + lines[line - 1].length];
}

function faultsOf(area) {
  return document.getElementById(area.getAttribute("aria-describedby"));
}

function spots(area) {
  return [...faultsOf(area).querySelectorAll("[data-line]")].map((button) =>
    spotOf(area.value, Number(button.dataset.line), Number(button.dataset.column), Number(button.dataset.width)));
}

function mark(area, found) {
  const text = area.value;
  const backdrop = area.closest(".editor").querySelector("pre");
  const parts = [];
  let at = 0;
  for (const [start, end] of found.sort((one, other) => one[0] - other[0])) {
    if (start < at) continue;
    parts.push(document.createTextNode(text.slice(at, start)));
    const spot = document.createElement("mark");
    spot.textContent = text.slice(start, end) || " ";
    parts.push(spot);
    at = Math.max(end, at);
  }
  parts.push(document.createTextNode(text.slice(at) + "\n"));
  backdrop.replaceChildren(...parts);
  backdrop.scrollTop = area.scrollTop;
}

const textAreas = () => [...document.querySelectorAll(".editor textarea")];

function fitRows(area) {
  const most = Number(area.dataset.mostRows ?? 14);
  area.rows = Math.min(most, Math.max(Number(area.dataset.rows ?? 4), area.value.split("\n").length + 1));
  while (area.scrollHeight > area.clientHeight && area.rows < most) area.rows += 1; // lines that are broken
}

document.addEventListener("DOMContentLoaded", () => {
  const reading = document.getElementById("reading");
  const ready = new WeakSet();
  const prepare = (area) => {
    if (ready.has(area)) return;
    ready.add(area);
    for (const change of ["input", "written"]) area.addEventListener(change, () => { fitRows(area); mark(area, []); });
    area.addEventListener("scroll", () => { area.closest(".editor").querySelector("pre").scrollTop = area.scrollTop; });
    fitRows(area);
  };
  const show = () => {
    for (const area of textAreas()) {
      prepare(area);
      mark(area, spots(area));
      area.setAttribute("aria-invalid", faultsOf(area).querySelector(".fault, .wrong") ? "true" : "false");
    }
    for (const field of document.querySelectorAll(".ask input[aria-describedby]"))
      field.setAttribute("aria-invalid", faultsOf(field)?.querySelector(".wrong") ? "true" : "false");
    reading?.classList.toggle("stale", document.querySelector(".ask .fault, .ask .wrong") !== null);
  };
  window.addEventListener("resize", () => textAreas().forEach(fitRows));
  document.addEventListener("htmx:afterSettle", show);
  document.addEventListener("htmx:oobAfterSwap", show);
  document.addEventListener("click", (event) => {
    const button = event.target.closest("[data-line]");
    const area = button && textAreas().find((each) => faultsOf(each).contains(button));
    if (!area) return;
    const [start, end] = spotOf(area.value, Number(button.dataset.line), Number(button.dataset.column), Number(button.dataset.width));
    area.focus();
    area.setSelectionRange(start, end);
  });
  show();
});
