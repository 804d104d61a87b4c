"use strict";
// Asks the browser for a passkey, and sends what it says as an ordinary form.
const form = document.querySelector("form[data-passkey]");
const message = document.getElementById("message");

const toBytes = (text) =>
  Uint8Array.from(atob(text.replaceAll("-", "+").replaceAll("_", "/")), (letter) => letter.charCodeAt(0));
const toText = (bytes) =>
  btoa(String.fromCharCode(...new Uint8Array(bytes))).replaceAll("+", "-").replaceAll("/", "_").replaceAll("=", "");

const ask = () => {
  const options = JSON.parse(form.dataset.options);
  options.challenge = toBytes(options.challenge);
  if (form.dataset.passkey === "get") {
    return navigator.credentials.get({ publicKey: options });
  }
  options.user.id = toBytes(options.user.id);
  for (const known of options.excludeCredentials) {
    known.id = toBytes(known.id);
  }
  return navigator.credentials.create({ publicKey: options });
};

const inJson = ({ id, type, rawId, response }) => {
  const answer = {};
  for (const part of ["clientDataJSON", "attestationObject", "authenticatorData", "signature", "userHandle"]) {
    if (response[part]) {
      answer[part] = toText(response[part]);
    }
  }
  return JSON.stringify({ id, type, rawId: toText(rawId), response: answer });
};

if (window.PublicKeyCredential) {
  form.querySelector("[hidden]").hidden = false;
  form.addEventListener("submit", async (event) => {
    event.preventDefault();
    message.textContent = "";
    try {
      form.elements.namedItem("challenge").value = JSON.parse(form.dataset.options).challenge;
      form.elements.namedItem("credential").value = inJson(await ask());
      form.submit();
    } catch (error) {
      message.textContent = error.name === "InvalidStateError" ? form.dataset.known : form.dataset.cancelled;
    }
  });
} else {
  message.textContent = form.dataset.unsupported;
}
