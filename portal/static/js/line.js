"use strict";
// Tells when the portal or the line is gone. A page that polls goes on asking, less often, and goes on by itself when the
// line is back; the first missed answer of a poll is told nobody, that to a press of a button is.
const SERVER_ERROR = 500; // a proxy answers so for a portal that does not
const SLOWEST = 10_000; // milliseconds
const line = document.createElement("p"); // there before it has words, or they would not be read aloud
line.className = "line screen-only";
line.setAttribute("aria-live", "polite");
document.querySelector("main").append(line);
let answered = Date.now();
let missed = 0;
let next = 0;

const since = () => new Date(answered).toLocaleTimeString(document.documentElement.lang, { timeStyle: "short" });
const miss = ({ detail }) => {
  missed += 1;
  if (missed > 1 || detail.requestConfig.verb !== "get") {
    next = Date.now() + Math.min(500 * 2 ** missed, SLOWEST);
    line.textContent = document.body.dataset.line.replace("{time}", since());
  }
};
const hear = (event) => {
  if (event.detail.xhr.status >= SERVER_ERROR) {
    miss(event);
    return;
  }
  answered = Date.now();
  missed = next = 0;
  line.textContent = "";
};
document.addEventListener("htmx:sendError", miss);
document.addEventListener("htmx:timeout", miss);
document.addEventListener("htmx:beforeOnLoad", hear);
document.addEventListener("htmx:beforeRequest", (event) => {
  const polls = event.detail.elt.getAttribute("hx-trigger")?.startsWith("every");
  if (polls && Date.now() < next) {
    event.preventDefault();
  }
});
