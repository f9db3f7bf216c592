// The page's own script: keys, address, history, and the actions of the cards' buttons. It runs once, in the results block.
// The block provides `element`, `trigger`, `server` and `watch`; its events are 'similar', 'ask' and 'restore'.
const RECENT = "searchapp-recent";
const MOST = 6;
const box = () => document.querySelector("#query textarea, #query input");
const cards = () => [...element.querySelectorAll(".card")];
const collection = () => document.querySelector("#collection input")?.value || "";
let silent = false;
let texts = {};
let typing = false;
let waiting = 0;

function address() {
  return Object.fromEntries(new URLSearchParams(location.search));
}

function remember(query) {
  let found = [];
  try { found = JSON.parse(localStorage.getItem(RECENT) || "[]"); } catch { found = []; }
  if (query) {
    found = [query, ...found.filter((item) => item !== query)].slice(0, MOST);
    try { localStorage.setItem(RECENT, JSON.stringify(found)); } catch { /* storage may be off */ }
  }
  const row = document.querySelector("#chips .recent");
  if (!row) return;
  row.querySelectorAll("button").forEach((button) => button.remove());
  for (const item of found) {
    const button = document.createElement("button");
    Object.assign(button, { type: "button", className: "chip", textContent: item, dir: "auto" });
    button.dataset.ask = item;
    row.append(button);
  }
  if (found.length) {
    const clear = document.createElement("button");
    Object.assign(clear, { type: "button", className: "chip clear", textContent: texts.clear || "Clear" });
    clear.dataset.forget = "1";
    row.append(clear);
  }
  row.hidden = !found.length;
}

function settle() {
  document.body.classList.remove("searching");
  element.removeAttribute("aria-busy");
  const section = element.querySelector("[data-state]");
  document.body.classList.toggle("asked", !!section);
  if (!section) { look(""); land(); return; }
  const state = section.dataset.state;
  const here = new URLSearchParams(location.search);
  const kept = here.get("__theme");
  const next = new URLSearchParams(state);
  if (kept) next.set("__theme", kept);
  const target = next.toString();
  const long = (next.get("q") || "").length > 500;  // a text is no address
  if (target !== here.toString() && !long) {
    const url = location.pathname + (target ? "?" + target : "");
    if (silent || typing || !location.search) history.replaceState(null, "", url);
    else history.pushState(null, "", url);
  }
  silent = false;
  look(state);
  if (!typing) remember(next.get("q"));
  typing = false;
  document.title = next.get("q") ? next.get("q") + " · searchapp" : "searchapp";
}

// The page is served in English; this inserts the texts in the browser's language.
async function speak() {
  const [landing, found] = await server.landed_on([collection()]);
  texts = found;
  document.documentElement.lang = found.language;
  document.documentElement.dir = found.direction;
  for (const node of document.querySelectorAll(".gradio-container .block[dir]")) node.dir = found.direction;
  for (const node of document.querySelectorAll("[data-say]")) node.textContent = found[node.dataset.say];
  const old = element.querySelector("[data-landing]");
  if (old && found.language !== "en") {
    old.outerHTML = landing;
    land();
  }
  remember("");
}

// The landing view is shown at once; its example and its map are requested.
async function land() {
  const landing = element.querySelector("[data-landing]");
  if (!landing || landing.dataset.full) return;
  landing.dataset.full = "1";
  for (const [place, ask] of [["[data-example]", "example"], ["[data-map]", "mapped"]]) {
    const slot = landing.querySelector(place);
    if (!slot) continue;
    const html = await server[ask]([landing.dataset.landing]);
    if (!slot.isConnected) return;
    slot.innerHTML = html;
    slot.hidden = !html;
  }
}

// The finding comes after the cards, because it examines the ranking much more deeply.
async function look(state) {
  const slot = document.querySelector("#finding .slot");
  if (!slot) return;
  if (!state) { slot.innerHTML = ""; return; }
  slot.setAttribute("aria-busy", "true");
  const [panel, lines] = await server.told([state]);
  if (element.querySelector("[data-state]")?.dataset.state !== state) return;
  slot.removeAttribute("aria-busy");
  slot.innerHTML = panel;
  for (const card of cards()) card.querySelector(".versions").innerHTML = lines[card.dataset.id] || "";
}

function busy() {
  document.body.classList.add("searching");
  element.setAttribute("aria-busy", "true");
}

function change(edit) {
  const next = new URLSearchParams(element.querySelector("[data-state]")?.dataset.state || "");
  edit(next);
  busy();
  trigger("restore", { address: Object.fromEntries(next) });
}

function toggleLanguage(code) {
  change((next) => {
    const chosen = (next.get("lang") || "").split(",").filter(Boolean);
    const kept = chosen.includes(code) ? chosen.filter((one) => one !== code) : [...chosen, code];
    if (kept.length) next.set("lang", kept.join(",")); else next.delete("lang");
    next.delete("p");
  });
}

async function save(form) {
  const state = element.querySelector("[data-state]")?.dataset.state;
  const text = await server.saved([state, form]);
  const link = document.createElement("a");
  link.href = URL.createObjectURL(new Blob([text], { type: form === "csv" ? "text/csv" : "application/json" }));
  link.download = `hits.${form}`;
  link.click();
  URL.revokeObjectURL(link.href);
}

// Search as you type: when typing pauses, and never in the middle of a word that an input method is composing.
function typed(event) {
  if (event.target !== box() || event.isComposing) return;
  clearTimeout(waiting);
  waiting = setTimeout(() => {
    const query = box().value.trim();
    if (query.length < 2) return;
    typing = true;
    busy();
    trigger("typed", { query });
  }, 300);
}

// Pointing at a language dims the cards of the others.
function dim(code) {
  for (const card of cards()) card.classList.toggle("dim", !!code && card.dataset.language !== code);
}

async function twins(button) {
  const card = button.closest(".card");
  const place = card.querySelector(".twins");
  const open = place.hidden;
  button.setAttribute("aria-expanded", String(open));
  place.hidden = !open;
  if (open && !place.dataset.full) {
    place.innerHTML = `<p class="quiet">${texts.looking || "Looking…"}</p>`;
    place.innerHTML = await server.twins([collection(), button.dataset.translations]);
    place.dataset.full = "1";
  }
}

document.addEventListener("click", (event) => {
  const target = event.target.closest?.(
    "[data-ask],[data-similar],[data-translations],[data-forget],[data-theme-toggle],[data-filter],[data-page],[data-export],[data-jump]");
  if (!target) {
    if (event.target.closest?.("#query button")) busy();
    return;
  }
  if (target.dataset.ask !== undefined) { busy(); trigger("ask", { query: target.dataset.ask }); }
  else if (target.dataset.similar) { busy(); trigger("similar", { id: target.dataset.similar }); }
  else if (target.dataset.translations) twins(target);
  else if (target.dataset.filter) toggleLanguage(target.dataset.filter);
  else if (target.dataset.page) { change((next) => next.set("p", target.dataset.page)); window.scrollTo({ top: 0 }); }
  else if (target.dataset.export) save(target.dataset.export);
  else if (target.dataset.jump) document.getElementById(target.dataset.jump).scrollIntoView();  // "#…" would leave the search
  else if (target.dataset.forget) { localStorage.removeItem(RECENT); remember(""); }
  else {
    const dark = document.body.classList.toggle("dark");
    localStorage.setItem("searchapp-theme", dark ? "dark" : "light");
  }
});

document.addEventListener("input", typed);
document.addEventListener("compositionend", typed);
for (const [over, out] of [["mouseover", "mouseout"], ["focusin", "focusout"]]) {
  document.addEventListener(over, (event) => dim(event.target.closest?.("[data-filter]")?.dataset.filter));
  document.addEventListener(out, (event) => { if (event.target.closest?.("[data-filter]")) dim(""); });
}

document.addEventListener("keydown", (event) => {
  if (event.ctrlKey || event.metaKey || event.altKey || event.isComposing) return;
  const inField = event.target.matches?.("input,textarea,select,[contenteditable]");
  const inBox = event.target === box();
  if (event.key === "/" && !inField) { event.preventDefault(); box()?.focus(); box()?.select(); return; }
  if (event.key === "Enter" && inBox) { clearTimeout(waiting); typing = false; busy(); return; }
  if (event.key === "Escape" && event.target.closest?.(".card")) { box()?.focus(); return; }
  if (event.key !== "ArrowDown" && event.key !== "ArrowUp") return;
  const all = cards();
  if (!all.length || !element.offsetParent) return;
  const at = all.indexOf(event.target.closest?.(".card"));
  if (at < 0 && !inBox && document.activeElement !== document.body) return;
  if (at < 0 && event.key === "ArrowUp") return;
  event.preventDefault();
  if (at === 0 && event.key === "ArrowUp") { box()?.focus(); return; }
  all[Math.min(all.length - 1, at + (event.key === "ArrowDown" ? 1 : -1))].focus();
});

window.addEventListener("popstate", () => { silent = true; busy(); trigger("restore", { address: address() }); });
watch("value", settle);

const chosen = localStorage.getItem("searchapp-theme");
if (chosen && !new URLSearchParams(location.search).has("__theme")) document.body.classList.toggle("dark", chosen === "dark");
remember("");
if ([...new URLSearchParams(location.search).keys()].some((key) => !key.startsWith("__"))) {
  silent = true;
  trigger("restore", { address: address() });
} else if (navigator.language.startsWith("en")) land();
speak();
