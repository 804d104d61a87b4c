"use strict";
// What has the focus may go with a swap: then what came in its place takes it, and the next Tab goes on from there.
let left = "";
document.addEventListener("htmx:beforeSwap", ({ detail: { target } }) => {
  left = target.contains(document.activeElement) ? target.id : "";
});
document.addEventListener("htmx:afterSettle", () => {
  const part = left && document.activeElement === document.body && document.getElementById(left);
  if (part) {
    part.tabIndex = -1;
    part.focus({ preventScroll: true });
  }
  left = "";
});
