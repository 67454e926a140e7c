// What scrolls can be reached and scrolled by keyboard, and the headings of the navigation have a level.
"use strict";
function reachable() {
  for (const box of document.querySelectorAll("article .table-wrapper, article .cell_output, article .output.text_html, article .highlight pre")) {
    if (box.scrollWidth > box.clientWidth || box.scrollHeight > box.clientHeight) box.tabIndex = 0;
    else box.removeAttribute("tabindex");
  }
}
addEventListener("load", () => {
  for (const caption of document.querySelectorAll(".caption[role=heading]")) caption.ariaLevel = "2";
  // The two sides have names, what folds a cell is called as it reads, and the corner of a table is no heading.
  for (const [side, name] of [[".sidebar-drawer", "All pages"], [".toc-drawer", "This page"]]) {
    const box = document.querySelector(`aside${side}`);
    if (box) box.ariaLabel = name;
  }
  for (const fold of document.querySelectorAll("summary[aria-label]")) if (fold.textContent.trim()) fold.removeAttribute("aria-label");
  for (const corner of document.querySelectorAll("thead th")) if (!corner.textContent.trim()) {
    const cell = document.createElement("td");
    cell.className = corner.className;
    corner.replaceWith(cell);
  }
  reachable();
});
addEventListener("resize", reachable);
