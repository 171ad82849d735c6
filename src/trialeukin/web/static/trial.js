// Keeps the text of a study and its fields together: puts what the fields wrote into the text, and marks wrong fields.

function take(written) {
  const area = document.getElementById("text");
  if (area.value === written.value) return;
  area.value = written.value;
  area.dispatchEvent(new Event("written"));
}

function markFields() {
  for (const beside of document.querySelectorAll("#fields .at")) {
    const field = document.getElementById(beside.id.slice("at-".length));
    field?.setAttribute("aria-invalid", beside.childElementCount > 0 ? "true" : "false");
  }
}

document.addEventListener("htmx:oobAfterSwap", (event) => {
  const written = event.detail.target?.id === "written" ? document.getElementById("written") : null;
  if (written) take(written);
});
document.addEventListener("htmx:afterSettle", () => {
  const written = document.getElementById("written");
  if (written.value) take(written);
  written.value = "";
  markFields();
});
