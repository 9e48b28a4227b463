// What every page has: copy and share, counters, menus that close, reactions without a new page, the note and page when offline.
const all = (what, inside = document) => inside.querySelectorAll(what);

/** Puts text on the clipboard; plain http has no clipboard, so there it is selected and copied the old way. */
export async function copy(text) {
  if (navigator.clipboard && window.isSecureContext) return navigator.clipboard.writeText(text);
  const box = document.createElement("textarea");
  box.value = text;
  box.readOnly = true;
  box.className = "vh";
  const before = document.activeElement;
  document.body.append(box);
  box.select();
  const done = document.execCommand("copy");
  box.remove();
  if (before) before.focus();
  if (!done) throw new Error("not copied");
}

/** Shows for two seconds on a button what it has done. */
function say(button, text) {
  const words = button.querySelector("span:not(.vh)") || button;
  if (!text || words.dataset.was) return;
  words.dataset.was = words.textContent;
  words.setAttribute("aria-live", "polite");
  words.textContent = text;
  setTimeout(() => {
    words.textContent = words.dataset.was;
    delete words.dataset.was;
  }, 2000);
}

async function share(button) {
  const { share: url, title, done } = button.dataset;
  try {
    if (navigator.share) return await navigator.share({ title, url });
    await copy(url);
    say(button, done);
  } catch (error) {
    // Whoever closes the sharing sheet has changed their mind; nothing is wrong.
    if (error.name !== "AbortError") await copy(url).then(() => say(button, done), () => {});
  }
}

function clicked(event) {
  const button = event.target.closest("[data-copy],[data-share],[data-copy-link]");
  for (const menu of all("details.menu[open]")) if (!menu.contains(event.target)) menu.open = false;
  if (event.target.closest("[data-print]")) return window.print();
  if (!button || event.ctrlKey || event.metaKey) return;
  if (button.dataset.share) return share(button);
  const text = button.dataset.copy || button.href;
  event.preventDefault();
  copy(text).then(
    () => say(button, button.dataset.done),
    () => button.href && location.assign(button.href),
  );
}

function escaped(event) {
  if (event.key !== "Escape") return;
  const menu = document.activeElement.closest("details.menu[open]") || document.querySelector("details.menu[open]");
  if (!menu) return;
  menu.open = false;
  menu.querySelector("summary").focus();
}

/** "123 / 10,000" under a text box, from half of what fits on; before that the words of the page. */
export function count(box) {
  const shown = document.getElementById(`${box.id}-count`);
  if (!shown) return;
  const most = Number(box.dataset.count);
  const n = box.value.length > most / 2 ? [...box.value].length : 0;
  if (shown.dataset.words === undefined) shown.dataset.words = shown.textContent;
  shown.textContent = n > most / 2 ? `${n.toLocaleString("en")} / ${most.toLocaleString("en")}` : shown.dataset.words;
  shown.classList.toggle("bad", n > most);
}

/** Shows the wish at once and sends it; a second tap on a slow net is the next wish, sent when the first is answered. */
async function react(button) {
  const wish = () => button.getAttribute("aria-pressed") === "true";
  button.setAttribute("aria-pressed", !wish());
  if (button.dataset.busy) return;
  button.dataset.busy = "1";
  try {
    for (let sent = !wish(); sent !== wish(); ) {
      sent = wish();
      total(button, await send(button, sent));
    }
    button.name = wish() ? "off" : "on";
  } catch {
    // The button goes the long way: to the sign-in page, or to a page that says what is wrong.
    button.dataset.plain = "1";
    button.click();
  }
  delete button.dataset.busy;
}

async function send(button, on) {
  const answer = await fetch(`/api/v1/items/${button.closest("[data-id]").dataset.id}/reactions/${button.value}`, {
    method: on ? "PUT" : "DELETE",
    headers: { "X-CSRFToken": button.form.elements.csrf_token.value },
  });
  if (!answer.ok) throw new Error(answer.status);
  return (await answer.json())[button.value];
}

/** Writes the present total of a reaction beside its words; the button keeps the width it was drawn with. */
export function total(button, n) {
  const { style, offsetWidth } = button;
  if (!style.width) style.width = `${offsetWidth / parseFloat(getComputedStyle(document.documentElement).fontSize)}rem`;
  button.querySelector("[data-n]").textContent = n ? n.toLocaleString("en") : "";
}

function reacted(event) {
  const button = event.target.closest("button[form=act][value]");
  if (!button || button.dataset.plain) return;
  event.preventDefault();
  react(button);
}

function online() {
  for (const note of all("[data-offline]")) note.hidden = navigator.onLine;
}

/** The bar at the foot of a phone is not needed while what it leads to can be seen. */
function barAway() {
  const bar = document.querySelector(".stickybar");
  const lead = document.querySelector(".act.lead");
  if (bar && lead) new IntersectionObserver(([seen]) => (bar.hidden = seen.isIntersecting)).observe(lead);
}

document.addEventListener("click", clicked);
document.addEventListener("keydown", escaped);
document.addEventListener("click", reacted);
document.addEventListener("input", (event) => event.target.matches("textarea[data-count]") && count(event.target));
window.addEventListener("online", online);
window.addEventListener("offline", online);
all("textarea[data-count]").forEach(count);
barAway();
online();
if ("serviceWorker" in navigator) {
  const away = new URL("away.js", import.meta.url);
  window.addEventListener("load", () => navigator.serviceWorker.register(away, { scope: "/" }).catch(() => {}));
}
const wrong = document.querySelector("[data-focus]");
if (wrong) wrong.focus();
