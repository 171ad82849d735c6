// Copies a table as text whose cells are parted by tabs, as spreadsheets take it.

function tabbed(table) {
  return [...table.rows].map((row) => [...row.cells].map((cell) => cell.textContent.trim().replace(/\s+/g, " ")).join("\t")).join("\n") + "\n";
}

// A browser may wait for ever for somebody to allow the clipboard.
function refusedAfter(milliseconds) {
  return new Promise((_, reject) => { setTimeout(() => reject(new Error("no answer")), milliseconds); });
}

document.addEventListener("click", async (event) => {
  const button = event.target.closest("[data-copy]");
  if (!button) return;
  const figure = button.closest("figure");
  const told = figure.querySelector("[role='status']");
  try {
    await Promise.race([navigator.clipboard.writeText(tabbed(figure.querySelector("table"))), refusedAfter(1000)]);
    told.textContent = "Copied: paste it into a sheet.";
  } catch {
    getSelection().selectAllChildren(figure.querySelector("table"));
    told.textContent = "The table is selected: copy it with the keyboard, or save it as CSV.";
  }
});
