"use strict";
// Keeps the screen awake, tells when the portal cannot be reached, leads a scanner to its field, opens the business system,
// and forgets after a while.
const SERVER_ERROR = 500;
const over = () => document.getElementById("over");
let idle;

const stayAwake = async () => {
  if (document.visibilityState === "visible") {
    await navigator.wakeLock?.request("screen").catch(() => undefined); // then the tablet's own settings hold
  }
};
document.addEventListener("visibilitychange", stayAwake);
stayAwake();

const typed = () => document.querySelectorAll("[data-scanner]");

// What was read goes from the screen even if the portal, which forgets by itself, cannot be reached now.
const forget = () => {
  for (const read of document.querySelectorAll("[data-read]")) {
    read.textContent = "";
  }
  for (const field of typed()) {
    field.value = "";
  }
  for (const holder of document.querySelectorAll("[data-copy], [data-handoff], [name='replaces']")) {
    holder.remove();
  }
  over().requestSubmit();
  if ("stays" in over().dataset) {
    touched(); // a terminal that stays armed hears from its page
  }
};
const touched = () => {
  clearTimeout(idle);
  idle = setTimeout(forget, Number(over().dataset.idle) * 1000);
};
for (const kind of ["pointerdown", "keydown"]) {
  document.addEventListener(kind, touched);
}
touched();

document.addEventListener("htmx:afterRequest", ({ detail }) => {
  const { status } = detail.xhr;
  document.getElementById("unreachable").hidden = status > 0 && status < SERVER_ERROR;
  if (detail.successful && detail.requestConfig.verb === "post") {
    for (const field of typed()) {
      field.value = ""; // the next scan is no continuation
    }
  }
});
// Each look-up opens its link once, in the one window. A browser that stops pop-ups lets a press open it first.
const opens = () => document.querySelector("[data-opens]");
let opened = opens()?.dataset.opens;
document.addEventListener("htmx:afterSwap", () => {
  if (document.querySelector("[data-shows]")) {
    touched();
  }
  if (opens() && opens().dataset.opens !== opened) {
    opens().click();
  }
  opened = opens()?.dataset.opens;
});

// A scanner writes like a keyboard; a focused field would open the tablet's own keyboard at once. A message that comes
// meanwhile takes the focus, so the scanner's last key may arrive outside of the field.
document.addEventListener("keydown", ({ key, target, ctrlKey, altKey, metaKey }) => {
  const [field] = typed();
  if (!field || ctrlKey || altKey || metaKey || target.closest("input")) {
    return;
  }
  if ((key.length === 1 && key !== " ") || key === "Process") { // the latter where a Japanese input method is on
    field.focus();
  } else if (key === "Enter" && field.value && !target.closest("a, button")) {
    field.form.requestSubmit();
  }
});

document.addEventListener("click", async ({ target }) => {
  const button = target.closest("[data-copy]");
  if (button) {
    await navigator.clipboard.writeText(button.dataset.copy);
    button.textContent = button.dataset.copied;
  }
});
