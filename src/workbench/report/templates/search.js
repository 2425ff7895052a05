"use strict";
(() => {
  const box = document.getElementById("search");
  if (!box) return;
  const found = document.getElementById("found");
  const rows = [...document.querySelectorAll("table.archive tbody tr")].map((row) => {
    const details = row.querySelector("details");
    const whole = row.textContent.toLowerCase();
    const inside = details ? details.textContent.toLowerCase() : "";
    return { row, details, whole, outside: inside ? whole.replace(inside, " ") : whole };
  });
  const filter = () => {
    const words = box.value.toLowerCase().split(/\s+/).filter(Boolean);
    let shown = 0;
    for (const { row, details, whole, outside } of rows) {
      row.hidden = !words.every((word) => whole.includes(word));
      shown += row.hidden ? 0 : 1;
      // What was found among the findings and figures is shown at once.
      if (details) details.open = !row.hidden && !words.every((word) => outside.includes(word));
    }
    found.textContent = words.length ? shown + " / " + rows.length : "";
  };
  box.addEventListener("input", filter);
  box.closest("p").hidden = false;
  if (box.value) filter();
})();
