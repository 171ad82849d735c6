// A pool is one with a name or one by criteria: choosing the one kind leaves the other.

const CRITERIA = "#role, #lineage, #setting, #disease";

document.querySelector("form.ask").addEventListener("change", (event) => {
  const pool = document.getElementById("pool");
  const byCriteria = pool.dataset.byCriteria;
  if (event.target.matches(CRITERIA)) pool.value = byCriteria;
  else if (event.target === pool && pool.value !== byCriteria)
    for (const field of document.querySelectorAll(CRITERIA)) field.value = "";
}, true);
