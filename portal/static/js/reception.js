"use strict";
// Keeps the screen awake, leads a scanner to its field, opens the business system,
// sounds where the tablet is set so, and forgets after a while.
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

// A scanner writes faster than any hand, and ends with Enter, with Tab, or with a rest. A new scan takes the place of
// what its field holds; what is on its way to the portal already goes from the field once it arrived.
const REST = 300; // milliseconds
const FASTEST_HAND = 60; // from key to key, on average
const FEWEST = 4;
let burst;
let sent;
let rest;
const begin = (value = "") => {
  sent = value;
  burst = { before: value, value, count: 0, last: -Infinity };
};
begin();
const isScan = () => burst.count >= FEWEST && burst.last - burst.first <= FASTEST_HAND * (burst.count - 1);
const isEndOfScan = (key) => key === "Tab" && isScan() && performance.now() - burst.last < REST;

document.addEventListener("input", ({ target }) => {
  if (!target.matches("[data-scanner]")) {
    return;
  }
  const now = performance.now();
  if (now - burst.last >= REST) {
    burst = { before: burst.value, count: 0, first: now };
  }
  burst = { ...burst, value: target.value, count: burst.count + 1, last: now };
  clearTimeout(rest);
  rest = setTimeout(() => isScan() && target.form?.requestSubmit(), REST);
});
const capture = true; // before htmx takes the form's fields
document.addEventListener(
  "submit",
  ({ target }) => {
    const field = target.querySelector("[data-scanner]");
    clearTimeout(rest);
    if (field) {
      field.value = isScan() && field.value.startsWith(burst.before) ? field.value.slice(burst.before.length) : field.value;
      begin(field.value);
    }
  },
  capture,
);
document.addEventListener(
  "keydown",
  (event) => {
    if (!event.target.matches("[data-scanner]")) {
      return;
    }
    if (event.repeat) {
      burst.first = -Infinity; // a key that is held down is no scan
    }
    if (event.key === "Enter" && (event.isComposing || event.keyCode === 229)) {
      event.preventDefault(); // it ends what an input method composes, and nothing else
    } else if (isEndOfScan(event.key)) {
      event.preventDefault();
      event.target.form.requestSubmit();
    }
  },
  capture,
);
const arrived = () => {
  for (const field of typed()) {
    field.value = sent && field.value.startsWith(sent) ? field.value.slice(sent.length) : "";
    if (!field.value) {
      field.blur(); // which leaves the screen to what comes next; a scan finds it again
    }
    burst = { ...burst, before: "", value: field.value };
  }
  sent = "";
};

// What was read goes from the screen even if the portal, which forgets by itself, cannot be reached now.
const forget = () => {
  for (const read of document.querySelectorAll("[data-read]")) {
    read.textContent = "";
  }
  for (const field of typed()) {
    field.value = "";
  }
  begin();
  document.querySelector(".staff-menu")?.removeAttribute("open");
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

// The portal lets a page of another version load itself anew; never while somebody types.
const { version } = over().dataset;
document.addEventListener("htmx:configRequest", ({ detail }) => {
  if (detail.verb === "get" && ![...typed()].some(({ value }) => value)) {
    detail.parameters.version = version;
  }
});

const SOUND = "mykey-sound";
const TONES = { success: [880, 1320], refusal: [220, 220] }; // hertz, one after the other
const LASTS = 0.12; // seconds
let audio;
const sound = (name) => {
  if (localStorage.getItem(SOUND) !== "on" || !navigator.userActivation?.hasBeenActive) {
    return; // a browser lets no page sound that nobody has touched yet
  }
  audio ??= new AudioContext();
  audio.resume();
  for (const [number, frequency] of TONES[name].entries()) {
    const tone = new OscillatorNode(audio, { frequency });
    const begins = audio.currentTime + number * (LASTS + 0.03);
    tone.connect(new GainNode(audio, { gain: 0.3 })).connect(audio.destination);
    tone.start(begins);
    tone.stop(begins + LASTS);
  }
};
const showSound = () => {
  const box = document.querySelector("[data-sound]");
  box.closest("[hidden]")?.removeAttribute("hidden");
  box.checked = localStorage.getItem(SOUND) === "on";
};
showSound();
document.addEventListener("change", ({ target }) => {
  if (target.matches("[data-sound]")) {
    localStorage.setItem(SOUND, target.checked ? "on" : "off");
    sound("success");
  }
});

document.addEventListener("htmx:afterRequest", ({ detail }) => {
  if (detail.successful && detail.requestConfig.verb === "post") {
    arrived();
  }
});
// Each look-up opens its link once, in the one window. A browser that stops pop-ups lets a press open it first.
const opens = () => document.querySelector("[data-opens]");
let opened = opens()?.dataset.opens;
let { seen } = document.getElementById("reception-state").dataset;
document.addEventListener("htmx:afterSwap", () => {
  const state = document.getElementById("reception-state").dataset;
  if (state.tone && state.seen !== seen) {
    sound(state.tone);
  }
  ({ seen } = state);
  showSound();
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
  } else if ((key === "Enter" || isEndOfScan(key)) && field.value && !target.closest("a, button")) {
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
