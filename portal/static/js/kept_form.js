// What was typed into a form that was refused because a session was over stays in its tab, and comes back after the sign-in.
const STORE = "mykey-form";
const LASTS = 30 * 60 * 1000;
const { who, cardRead: read, restored, unkept } = document.body.dataset;
const kept = JSON.parse(sessionStorage.getItem(STORE) ?? "null");
const keep = (form) => sessionStorage.setItem(STORE, JSON.stringify(form));
const forget = () => sessionStorage.removeItem(STORE);

// No code, file or password: those are never kept.
const isKept = ({ name, type, dataset }) => name && !("code" in dataset) && /^(text|radio|checkbox|select)/u.test(type);
const fields = (form) => [...form.elements].filter(isKept);
const losesSome = (form) => [...form.elements].some(({ type, dataset }) => type === "file" || "code" in dataset);
const isTicked = ({ type }) => type === "radio" || type === "checkbox";
const typed = (form) => fields(form).map((field) => (isTicked(field) ? field.checked : field.value));
// Of several forms on a page it is the one with the same address and the same hidden fields.
const isHidden = ({ name, type }) => type === "hidden" && name !== "csrf_token";
const nameOf = (form) =>
  JSON.stringify([form.getAttribute("action"), ...[...form.elements].filter(isHidden).map(({ value }) => value)]);

const fill = (form) => {
  fields(form).forEach((field, number) => {
    field[isTicked(field) ? "checked" : "value"] = kept.typed[number];
  });
  const words = [kept.typed.length ? restored : "", losesSome(form) ? unkept : ""].filter(Boolean);
  if (words.length) {
    const notice = document.createElement("p");
    notice.className = "notice notice--information";
    notice.setAttribute("role", "status");
    notice.textContent = words.join(" ");
    form.before(notice);
  }
};

const refusal = document.querySelector("[data-keeps-form]");
let page = window.location.pathname + window.location.search;
if (kept && (Date.now() > kept.at + LASTS || (who && kept.who !== who))) {
  forget();
} else if (kept && refusal) {
  keep({ ...kept, refused: true });
  refusal.hidden = !kept.typed.length;
  document.querySelector("[data-keeps-nothing]").hidden = kept.typed.length || !kept.loses;
  for (const back of document.getElementsByName("back")) {
    back.value = kept.page;
  }
  for (const link of refusal.querySelectorAll("a")) {
    link.href = kept.page;
  }
} else if (kept?.refused) {
  const form = [...document.forms].find((each) => nameOf(each) === kept.name && fields(each).length === kept.typed.length);
  if (form || kept.returned || !kept.typed.length) {
    forget();
  }
  if (form) {
    fill(form);
  } else if (who && (!read || read !== kept.read) && kept.typed.length && !kept.returned) { // a card was read since, too
    keep({ ...kept, returned: true });
    window.location.replace(kept.page);
  }
} else if (kept) {
  page = kept.action === window.location.pathname ? kept.page : page; // the answer to a form has no page of its own
  forget();
}

document.addEventListener("submit", ({ target }) => {
  if (target.getAttribute("method") === "post" && !target.hasAttribute("hx-post") && !refusal) {
    // Beginning again, because the time is over, keeps what was typed into the form that cannot be sent any more.
    const refused = target.getAttribute("action").endsWith("/again");
    const form = refused ? [...document.forms].find((each) => fields(each).some(({ value }) => value)) : target;
    if (form) {
      const action = form.getAttribute("action");
      keep({ page, action, who, read, refused, name: nameOf(form), typed: typed(form), loses: losesSome(form), at: Date.now() });
    }
  }
});

// A part of a page that is refused since the session is over tells so below the page, once: what is typed there stays.
document.addEventListener("htmx:responseError", ({ detail: { xhr } }) => {
  if (xhr.response.includes("data-signed-out") && !document.querySelector("[data-signed-out]")) {
    const main = document.querySelector("main");
    main.insertAdjacentHTML("beforeend", xhr.response);
    main.querySelector("[data-signed-out] a").href = page;
  }
});
