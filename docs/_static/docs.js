// What scrolls sideways can be reached and scrolled by keyboard, and the headings of the navigation have a level.
"use strict";
function reachable() {
  for (const box of document.querySelectorAll("article .table-wrapper, article .output.text_html, article .highlight pre")) {
    if (box.scrollWidth > box.clientWidth) box.tabIndex = 0;
    else box.removeAttribute("tabindex");
  }
}
addEventListener("load", () => {
  for (const caption of document.querySelectorAll(".caption[role=heading]")) caption.ariaLevel = "2";
  reachable();
});
addEventListener("resize", reachable);
