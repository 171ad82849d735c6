// Paints every figure of the page with Plotly, in the page's colours, and saves it or its table.

const plotlyAddress = document.querySelector("script[data-plotly]").dataset.plotly;
let plotly = null;

function loadPlotly() {
  plotly ??= new Promise((resolve, reject) => {
    const script = document.createElement("script");
    script.src = plotlyAddress;
    script.onload = () => resolve(window.Plotly);
    script.onerror = () => reject(new Error("the painter of figures could not be loaded"));
    document.head.append(script);
  });
  return plotly;
}

const HIGHEST_ON_PAPER = 780; // px, so that a heading has room above
const TITLE = 60, AXIS = 52, LINE = 15, LETTERS = 130; // px above a saved figure, below its axes, of a line, and its letters
let onPaper = false;

// The colours on light ground, whatever the screen has.
function lightColours() {
  return [...document.styleSheets].find((sheet) => sheet.href?.endsWith("/theme.css")).cssRules[0].style;
}

function colourOf(token) {
  const [name, opacity] = token.slice(1).split("/");
  const hex = (onPaper ? lightColours() : getComputedStyle(document.documentElement)).getPropertyValue(`--${name}`).trim();
  if (opacity === undefined) return hex;
  const parts = [1, 3, 5].map((start) => parseInt(hex.slice(start, start + 2), 16));
  return `rgba(${parts.join(",")},${opacity})`;
}

function painted(value) {
  if (typeof value === "string") return value.startsWith("@") ? colourOf(value) : value;
  if (Array.isArray(value)) return value.map(painted);
  if (value !== null && typeof value === "object")
    return Object.fromEntries(Object.entries(value).map(([key, each]) => [key, painted(each)]));
  return value;
}

function axis(given, grid) {
  const base = { gridcolor: colourOf("@grid"), linecolor: colourOf("@muted"), zeroline: false, showgrid: grid, automargin: true, ticks: "outside", ticklen: 4, tickcolor: colourOf("@muted"), fixedrange: false };
  return { ...base, ...given, title: { standoff: 8, ...(given?.title ?? { text: "" }) } };
}

function layoutOf(layout, height) {
  const narrow = onPaper || window.innerWidth < 600;
  const axes = Object.fromEntries(Object.keys(layout).filter((key) => /^[xy]axis\d*$/.test(key)).map((key) => [key, axis(layout[key], key.startsWith("y"))]));
  return {
    paper_bgcolor: "rgba(0,0,0,0)", plot_bgcolor: "rgba(0,0,0,0)", hovermode: "x unified",
    font: { family: "system-ui, sans-serif", size: narrow ? 12 : 13, color: colourOf("@ink") },
    hoverlabel: { bgcolor: getComputedStyle(document.documentElement).getPropertyValue("--panel").trim() },
    xaxis: axis({}, false), yaxis: axis({}, true),
    height, ...layout, ...axes,
    margin: { l: 54, r: 14, t: layout.showlegend ? 34 : 10, b: 46, ...layout.margin },
    legend: { orientation: "h", x: 0, y: 1.02, yanchor: "bottom", ...layout.legend },
  };
}

// Figures that share a row have half a page of paper, others all of it.
function widthOnPaper(figure) {
  return figure.parentElement.matches(".charts") && figure.parentElement.children.length > 1 ? 330 : 680;
}

async function paint(figure) {
  const source = figure.querySelector("script[type='application/json']");
  const plot = figure.querySelector(".plot");
  if (!source || !plot) return;
  const painter = window.Plotly ?? (await loadPlotly()); // paper does not wait
  const { data, layout } = painted(JSON.parse(source.textContent));
  if (!plot.classList.contains("js-plotly-plot")) plot.replaceChildren();
  const height = Number(figure.dataset.height);
  const size = onPaper ? { width: widthOnPaper(figure), height: Math.min(height, HIGHEST_ON_PAPER) } : {};
  await painter.react(plot, data, { ...layoutOf(layout, height), ...size }, { displayModeBar: false, responsive: true });
}

function paintAll(root) {
  for (const figure of root.querySelectorAll("figure.chart")) paint(figure).catch((fault) => {
    figure.querySelector(".plot").textContent = `The figure could not be drawn (${fault.message}); its table is below.`;
  });
}

function save(name, address) {
  const link = document.createElement("a");
  link.download = name;
  link.href = address;
  link.click();
}

const RAISED = "⁰¹²³⁴⁵⁶⁷⁸⁹⁻";

// Numbers as programs read them: 1,260 is 1260, 1.3 × 10⁹ is 1.3e9, and a minus is a hyphen.
function plain(text) {
  const exponent = (raised) => [...raised].map((sign) => "0123456789-"[RAISED.indexOf(sign)]).join("");
  return text
    .replace(/−(?=\d)/g, "-")
    .replace(/(?<=\d),(?=\d{3}(?!\d))/g, "")
    .replace(/(?<=\d) × 10([⁻⁰¹²³⁴⁵⁶⁷⁸⁹]+)/g, (_, raised) => `e${exponent(raised)}`);
}

function csvOf(table) {
  const quoted = (cell) => `"${plain(cell.textContent.trim()).replaceAll('"', '""')}"`;
  return [...table.rows].map((row) => [...row.cells].map(quoted).join(",")).join("\r\n") + "\r\n";
}

// A figure that leaves the page takes its caption along: whether it is predicted, of how many, by what method.
function captionOf(figure) {
  const lines = [""];
  for (const word of figure.querySelector("figcaption").textContent.trim().split(/\s+/)) {
    if (`${lines.at(-1)} ${word}`.length > LETTERS) lines.push("");
    lines[lines.length - 1] = `${lines.at(-1)} ${word}`.trim();
  }
  return lines.map((line) => line.replaceAll("&", "&amp;").replaceAll("<", "&lt;"));
}

async function saveFigure(figure, kind) {
  const name = figure.id.replace("chart-", "");
  if (kind === "csv") {
    const address = URL.createObjectURL(new Blob([csvOf(figure.querySelector("details table") ?? figure.querySelector("table"))], { type: "text/csv" }));
    save(`${name}.csv`, address);
    setTimeout(() => URL.revokeObjectURL(address), 1000);
    return;
  }
  const painter = await loadPlotly();
  const plot = figure.querySelector(".plot");
  const paper = getComputedStyle(document.documentElement).getPropertyValue("--paper").trim();
  const { data, layout } = plot;
  const scale = kind === "png" ? 2 : 1;
  const lines = captionOf(figure);
  const caption = { text: lines.join("<br>"), xref: "paper", yref: "paper", x: 0, y: 0, xanchor: "left", yanchor: "top", yshift: -AXIS, align: "left", showarrow: false, font: { size: 11 } };
  const below = LINE * (lines.length + 1);
  const margin = { ...layout.margin, t: 70, b: layout.margin.b + below };
  const title = { text: figure.querySelector("h2,h3,h4").textContent, font: { size: 15 } };
  const annotations = [...(layout.annotations ?? []), caption];
  const picture = { data, layout: { ...layout, paper_bgcolor: paper, title, margin, annotations } };
  const height = Math.max(480, Number(figure.dataset.height) + TITLE) + below;
  save(`${name}.${kind}`, await painter.toImage(picture, { format: kind, width: 900, height, scale }));
}

document.addEventListener("click", (event) => {
  const button = event.target.closest("[data-save]");
  if (button) saveFigure(button.closest("figure"), button.dataset.save);
});
document.addEventListener("DOMContentLoaded", () => paintAll(document));
document.addEventListener("htmx:afterSwap", (event) => {
  event.detail.target.removeAttribute("aria-busy");
  paintAll(document.getElementById(event.detail.target.id) ?? document);
});
function printing(is) {
  if (is === onPaper) return;
  onPaper = is;
  paintAll(document);
}

window.addEventListener("beforeprint", () => printing(true));
window.addEventListener("afterprint", () => printing(false));
window.matchMedia("print").addEventListener("change", (event) => printing(event.matches));
window.matchMedia("(prefers-color-scheme: dark)").addEventListener("change", () => paintAll(document));
