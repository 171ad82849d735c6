// Follows a run while it goes on, shows its results once it has ended, and says where another tab has deleted it.

function follow(part) {
  const source = new EventSource(`/runs/${part.dataset.goesOn}/events`);
  const told = document.getElementById("connection");
  let lost = false;
  source.addEventListener("error", () => {
    if (source.readyState === EventSource.CLOSED) {
      window.location.reload(); // the server has no such run any more, and says so
      return;
    }
    lost = true;
    told.textContent = "The server does not answer: what is shown may be old. Trying again …";
  });
  source.addEventListener("open", () => {
    if (lost) told.textContent = "The server answers again. A run that it was at when it stopped is started again.";
    lost = false;
  });
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

async function reloadIfGone(id) {
  const answer = await fetch(`/api/runs/${id}`).catch(() => null); // no answer says nothing of the run
  if (answer?.status === 404) window.location.reload();
}

document.addEventListener("DOMContentLoaded", () => {
  const part = document.querySelector("[data-goes-on]");
  if (part) follow(part);
  else window.addEventListener("focus", () => reloadIfGone(document.getElementById("run").dataset.run));
});
