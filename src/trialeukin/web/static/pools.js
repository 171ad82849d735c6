// A pool is one with a name or one by criteria: choosing the one kind leaves the other, and who was left out of the last.

const CRITERIA = "#role, #comparator, #lineage, #setting, #disease, #design";

document.querySelector("form.ask").addEventListener("change", (event) => {
  const pool = document.getElementById("pool");
  const byCriteria = pool.dataset.byCriteria;
  if (event.target.matches(CRITERIA)) pool.value = byCriteria;
  else if (event.target === pool) {
    document.getElementById("exclude").value = "";
    if (pool.value !== byCriteria) for (const field of document.querySelectorAll(CRITERIA)) field.value = "";
  }
}, true);
