// Marks the faults of a text where they stand, behind the text that is typed.
"use strict";

function spotOf(text, line, column, width) {
  const lines = text.split("\n");
  const start = lines.slice(0, line - 1).reduce((sum, each) => sum + each.length + 1, 0);
  return column ? [start + column - 1, start + column - 1 + Math.max(width, 1)] : [start, start + lines[line - 1].length];
}

function spots(text) {
  return [...document.querySelectorAll("#faults [data-line]")].map((button) =>
    spotOf(text, Number(button.dataset.line), Number(button.dataset.column), Number(button.dataset.width)));
}

function mark(area, backdrop, found) {
  const text = area.value;
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

document.addEventListener("DOMContentLoaded", () => {
  const area = document.querySelector(".editor textarea");
  const backdrop = document.querySelector(".editor pre");
  const reading = document.getElementById("reading");
  const fit = () => { area.rows = Math.min(Number(area.dataset.mostRows ?? 14), Math.max(4, area.value.split("\n").length + 1)); };
  const show = () => {
    const found = spots(area.value);
    const wrong = document.querySelector("#faults .fault") !== null;
    mark(area, backdrop, found);
    area.setAttribute("aria-invalid", wrong ? "true" : "false");
    reading?.classList.toggle("stale", wrong);
  };
  area.addEventListener("input", () => { fit(); mark(area, backdrop, []); });
  area.addEventListener("scroll", () => { backdrop.scrollTop = area.scrollTop; });
  document.addEventListener("htmx:afterSettle", show);
  document.addEventListener("htmx:oobAfterSwap", show);
  document.addEventListener("click", (event) => {
    const button = event.target.closest("#faults [data-line]");
    if (!button) return;
    const [start, end] = spotOf(area.value, Number(button.dataset.line), Number(button.dataset.column), Number(button.dataset.width));
    area.focus();
    area.setSelectionRange(start, end);
  });
  fit();
  show();
});
