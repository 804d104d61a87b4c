"use strict";
// Without a script the browser's own menu prints as well; the button is there for who does not know it.
for (const button of document.querySelectorAll("[data-print]")) {
  button.hidden = false;
  button.addEventListener("click", () => window.print());
}
