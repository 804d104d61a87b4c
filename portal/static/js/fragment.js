"use strict";
// A code or number came in the fragment, so that no server log holds it; it must not stay in the history either.
// A form that waits is for its button: a code that binds this device is not spent by whoever only looks.
const form = document.querySelector("form[data-from-fragment]");
const code = window.location.hash.slice(1);
window.history.replaceState(null, "", window.location.pathname);
if (form && code) {
  form.elements.namedItem(form.dataset.fromFragment).value = code;
  if (!("waits" in form.dataset)) {
    form.submit();
  }
}
