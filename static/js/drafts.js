// What is being typed stays: on this device within two seconds, and with the account when there is one.
import { count } from "./small.js";

const PREFIX = "sala.draft.";
const KEPT_FOR = 30 * 86400000;
const SERVER_EVERY = 8000;

function open() {
  try {
    const store = window.localStorage;
    store.setItem(`${PREFIX}?`, "1");
    store.removeItem(`${PREFIX}?`);
    return store;
  } catch {
    return null;
  }
}

const store = open();

function read(key) {
  try {
    const kept = JSON.parse(store.getItem(PREFIX + key));
    return kept && Date.now() - kept.at < KEPT_FOR ? kept : null;
  } catch {
    return null;
  }
}

function forget(key) {
  if (store) store.removeItem(PREFIX + key);
}

function forgetOld() {
  const keys = store ? Object.keys(store).filter((key) => key.startsWith(PREFIX)) : [];
  for (const key of keys) if (!read(key.slice(PREFIX.length))) store.removeItem(key);
}

/** 10.42, with the day before it when that is not today. */
function clock(at) {
  const when = new Date(at);
  const lang = document.documentElement.lang;
  const two = (n) => String(n).padStart(2, "0");
  const time = two(when.getHours()) + (lang === "th" ? "." : ":") + two(when.getMinutes());
  if (when.toDateString() === new Date().toDateString()) return time;
  return `${when.toLocaleDateString(lang, { day: "numeric", month: "short" })} ${time}`;
}

/** The draft of one form: `place` names where it is typed, `data-user` on the form whose it is. */
export class Draft {
  constructor(form, place) {
    this.form = form;
    this.user = form.dataset.user || "";
    this.line = form.querySelector("[data-saved-line]");
    this.discard = form.querySelector("[data-discard]");
    this.typed = false;
    form.addEventListener("input", () => this.changed());
    form.addEventListener("change", () => this.changed());
    document.addEventListener("visibilitychange", () => document.hidden && this.leaving());
    window.addEventListener("pagehide", () => this.leaving());
    this.discard.addEventListener("click", () => this.drop());
    this.original = form.dataset.draft ? form.elements.body.defaultValue : "";
    forgetOld();
    this.at(place);
  }

  key(user = this.user) {
    return `${user}|${this.place}`;
  }

  /** Begins to keep what is typed for another place, and brings back what was kept there. */
  at(place) {
    this.now();
    this.place = place;
    this.line.textContent = "";
    this.discard.hidden = true;
    if (!store) this.say("nosave");
    // What the server sent back in the form is newer than anything kept here.
    const sentBack = this.form.elements.body.value.trim() && !this.form.dataset.draft;
    const kept = store && !sentBack ? this.adopted() : null;
    if (kept) this.restore(kept);
    else if (sentBack) this.changed();
    else if (this.user) this.fromServer();
  }

  /** What was kept under this name, or before signing in, which then becomes this person's. */
  adopted() {
    const kept = read(this.key());
    if (kept || !this.user) return kept;
    const before = read(this.key(""));
    if (before) {
      store.setItem(PREFIX + this.key(), JSON.stringify(before));
      forget(this.key(""));
    }
    return before;
  }

  async fromServer() {
    const place = this.place;
    const answer = await fetch(this.address()).catch(() => null);
    if (!answer || !answer.ok || this.place !== place || this.typed) return;
    const kept = await answer.json();
    this.restore({ at: Date.parse(kept.saved_at), fields: { body: kept.text } });
  }

  restore({ at, fields }) {
    const { body } = this.form.elements;
    if (!fields.body || fields.body === this.original) return forget(this.key());
    for (const [name, value] of Object.entries(fields)) {
      const field = this.form.elements[name];
      if (field && !(name === "name" && field.value)) field.value = value;
    }
    this.discard.hidden = false;
    this.say("saved", at);
    count(body);
    this.form.dispatchEvent(new Event("restored"));
  }

  fields() {
    const { body, name, stance, reason } = this.form.elements;
    const out = { body: body.value };
    for (const [key, field] of Object.entries({ name, stance, reason })) if (field && field.value) out[key] = field.value;
    return out;
  }

  changed() {
    this.typed = true;
    if (!this.waiting) this.waiting = setTimeout(() => this.now(), 1500);
  }

  now() {
    clearTimeout(this.waiting);
    this.waiting = 0;
    if (!this.typed) return;
    this.typed = false;
    const fields = this.fields();
    if (!fields.body.trim() || fields.body === this.original) return this.clear();
    this.onDevice({ at: Date.now(), fields });
    this.onServer();
  }

  /** The page may be killed from here on, and no timer comes any more. */
  leaving() {
    this.now();
    if (this.put) this.put();
  }

  onDevice(kept) {
    try {
      store.setItem(PREFIX + this.key(), JSON.stringify(kept));
      this.discard.hidden = false;
      this.say("saved", kept.at);
    } catch {
      this.say("nosave");
    }
  }

  onServer() {
    if (!this.user) return;
    const { place } = this;
    this.put = () => {
      clearTimeout(this.sending);
      this.sending = this.put = 0;
      const text = this.form.elements.body.value;
      if (this.place === place && text.trim()) this.ask("PUT", JSON.stringify({ text }));
    };
    if (!this.sending) this.sending = setTimeout(() => this.put && this.put(), SERVER_EVERY);
  }

  address() {
    return `/api/v1/drafts/${encodeURI(this.place)}`;
  }

  async ask(method, body) {
    const headers = { "X-CSRFToken": this.form.elements.csrf_token.value, "Content-Type": "application/json" };
    const keepalive = !body || body.length < 20000;
    const answer = await fetch(this.address(), { method, headers, body, keepalive }).catch(() => null);
    if (!store && method === "PUT" && answer && answer.ok) this.say("saved", Date.now());
  }

  say(what, at) {
    const text = (this.form.dataset[what] || "").replace("{at}", at ? clock(at) : "");
    if (this.line.textContent !== text) this.line.textContent = text;
  }

  /** Forgets everywhere: it was sent, or its writer does not want it. */
  clear() {
    clearTimeout(this.waiting);
    clearTimeout(this.sending);
    this.waiting = this.sending = this.put = 0;
    this.typed = false;
    forget(this.key());
    this.line.textContent = "";
    this.discard.hidden = true;
    if (this.user) this.ask("DELETE");
  }

  drop() {
    const { body } = this.form.elements;
    body.value = this.original;
    this.clear();
    count(body);
    body.focus();
  }

  /** The places under `place` where something is kept: replies begun in this thread. */
  under(place) {
    const start = `${PREFIX}${this.user}|${place}/`;
    const keys = store ? Object.keys(store).filter((key) => key.startsWith(start)) : [];
    return keys.map((key) => key.slice(start.length));
  }
}
