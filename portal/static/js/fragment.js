"use strict";
// A code came in the fragment, so that no server log holds it; it must not stay in the history either.
const form = document.querySelector("form[data-from-fragment]");
const code = window.location.hash.slice(1);
window.history.replaceState(null, "", window.location.pathname);
if (form && code) {
  form.elements.namedItem("code").value = code;
  form.submit();
}
