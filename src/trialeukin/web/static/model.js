// Moves a parameter's slider on the parameter's own scale, and keeps it and the number beside it the same.

const STEPS = 200;
const scales = {
  log: [Math.log, Math.exp],
  logit: [(value) => Math.log(value / (1 - value)), (at) => 1 / (1 + Math.exp(-at))],
  linear: [(value) => value, (at) => at],
};

function ends(range) {
  const [there] = scales[range.dataset.scale];
  return [there(Number(range.dataset.low)), there(Number(range.dataset.high))];
}

function valueAt(range) {
  const [low, high] = ends(range);
  const back = scales[range.dataset.scale][1];
  return Number(back(low + (high - low) * Number(range.value) / STEPS).toPrecision(4));
}

function placeOf(range, value) {
  const [low, high] = ends(range);
  const at = scales[range.dataset.scale][0](value);
  return Number.isFinite(at) ? Math.round(STEPS * Math.min(1, Math.max(0, (at - low) / (high - low)))) : null;
}

function say(range, value) {
  range.setAttribute("aria-valuetext", `${value} ${range.dataset.unit}`.trim());
}

function follow() {
  const range = document.getElementById("range");
  const number = document.getElementById("value");
  if (!range || !number) return;
  const place = placeOf(range, Number(number.value));
  if (place !== null) range.value = place;
  say(range, number.value);
}

function changed(number) {
  number.dispatchEvent(new Event("change", { bubbles: true }));
}

let waiting = 0;
document.addEventListener("input", (event) => {
  if (event.target.id !== "range") return;
  const number = document.getElementById("value");
  number.value = valueAt(event.target);
  say(event.target, number.value);
  clearTimeout(waiting);
  waiting = setTimeout(changed, 120, number);
});
document.addEventListener("change", (event) => {
  if (event.target.id === "value") follow();
});
document.addEventListener("click", (event) => {
  const button = event.target.closest("[data-reset]");
  if (!button) return;
  const number = document.getElementById("value");
  number.value = button.dataset.reset;
  changed(number);
});
document.addEventListener("DOMContentLoaded", () => {
  follow();
  // the slider of another parameter asks for its own effect, and a regimen is read as it is typed: the form must not ask again
  for (const id of ["parameter", "text"]) document.getElementById(id).addEventListener("change", (event) => event.stopPropagation());
  document.getElementById("effect-form").addEventListener("change", (event) => {
    if (event.target.id === "range") event.stopImmediatePropagation();
  }, true);
});
document.addEventListener("htmx:afterSettle", follow);

const WIDEST = 50; // em; a line of equations on paper, less where it starts
const BREAKABLE = ":is(math, mrow, mfrac, msup, msqrt)";

// Paper has no scroll bar: what is wider than it is marked, to be broken into lines there, fractions with a stroke.
function markWide() {
  const wide = [...document.querySelectorAll(`.equations ${BREAKABLE}:not(.broken)`)].filter((each) => {
    const em = parseFloat(getComputedStyle(each.closest(".equations")).fontSize);
    return each.parentElement.matches(`td, ${BREAKABLE}`) && each.getBoundingClientRect().width > WIDEST * em;
  });
  for (const each of wide) each.classList.add("broken");
  for (const pair of wide.filter((each) => each.matches("mfrac, msup")))
    for (const part of [...pair.children]) {
      const row = document.createElementNS(part.namespaceURI, "mrow");
      row.classList.add("broken");
      part.replaceWith(row);
      row.append(part);
    }
}

window.addEventListener("beforeprint", markWide);
window.matchMedia("print").addEventListener("change", markWide);
