// Keeps the text of a study and its fields together: puts what the fields wrote into the text, and marks wrong fields.
// What is typed while an answer is on its way is newer than the answer, and stays.

const typedInto = () => [...document.querySelectorAll("#fields input:not([type='radio']), #fields textarea, #text")];
const values = () => new Map(typedInto().map((field) => [field.id, field.value]));
let sent = values();
let newer = [];

function putBack([id, value]) {
  const field = document.getElementById(id);
  if (!field) return;
  field.value = value;
  let told = false; // by the browser itself, which tells before the field is left if it saw the change
  field.addEventListener("change", () => { told = true; }, { once: true });
  const tell = () => { if (!told) field.dispatchEvent(new Event("change", { bubbles: true })); };
  if (document.activeElement === field) field.addEventListener("blur", tell, { once: true });
  else tell();
}

document.addEventListener("htmx:beforeRequest", () => { sent = values(); });
document.addEventListener("htmx:oobBeforeSwap", (event) => {
  if (event.detail.target.id === "fields") newer = [...values()].filter(([id, value]) => id !== "text" && sent.get(id) !== value);
});
document.addEventListener("htmx:afterSettle", () => {
  for (const each of newer.splice(0)) putBack(each);
});

function take(written) {
  const area = document.getElementById("text");
  if (area.value === written.value || area.value !== sent.get("text")) return;
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
