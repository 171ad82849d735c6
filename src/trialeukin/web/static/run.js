// Follows a run while it goes on, and shows its results once it has ended.
"use strict";

function follow(part) {
  const source = new EventSource(`/runs/${part.dataset.goesOn}/events`);
  source.addEventListener("run", (event) => {
    const run = JSON.parse(event.data);
    if (run.state === "queued" || run.state === "running") {
      document.getElementById("progress").value = run.fraction;
      document.getElementById("stage").textContent = run.state === "running" ? `${run.stage}, ${Math.round(100 * run.fraction)} %` : "waiting";
      document.getElementById("state-title").textContent = run.state === "running" ? "Running" : "Waiting";
      return;
    }
    source.close();
    window.location.reload();
  });
}

document.addEventListener("DOMContentLoaded", () => {
  const part = document.querySelector("[data-goes-on]");
  if (part) follow(part);
});
