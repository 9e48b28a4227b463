// A thread while it is read: what is new is counted and put in where the reader asks; nothing moves under the eyes.
import { Draft } from "./drafts.js";
import { Live } from "./live.js";
import { Composer } from "./speak.js";
import { total } from "./small.js";

const TOTALS_EVERY = 10000;
const SPOKEN_EVERY = 30000;
const MOST_PIECES = 6;
const QUOTED = 120;
const list = document.getElementById("list");
const at = (id) => document.getElementById(`c-${id}`);

/** Changes the page and leaves the line the reader is on where it is. */
function still(change) {
  const held = document.elementFromPoint(innerWidth / 2, innerHeight / 3) || document.body;
  const before = held.getBoundingClientRect().top;
  change();
  const moved = held.isConnected ? held.getBoundingClientRect().top - before : 0;
  if (moved) window.scrollBy({ top: moved, behavior: "instant" });
}

/** A number in the words the page has for one and for many. */
function counted(where, n) {
  return n === 1 ? where.dataset.one : where.dataset.many.replace("{n}", n.toLocaleString("en"));
}

/** A copy of a <template> of the page. */
function part(name) {
  return document.querySelector(`template[data-part="${name}"]`).content.firstElementChild.cloneNode(true);
}

/** The comments changed after a number, as the server draws them: list items, each with its comment. */
async function pieces(since) {
  const answer = await fetch(`/t/${list.dataset.thread}/new?since=${since}`);
  if (!answer.ok) throw new Error(answer.status);
  const holder = document.createElement("template");
  holder.innerHTML = await answer.text();
  return [...holder.content.querySelectorAll("li[data-new]")];
}

/** A comment's words as the server cleaned and drew them. */
function prose(item) {
  const made = document.createElement("div");
  made.className = "prose";
  made.dir = "auto";
  made.innerHTML = item.html;
  return made;
}

/** What replies quote of a comment goes with its words. */
function requote(item, isGone) {
  const quotes = document.querySelectorAll(`.quote[href$="#c-${item.id}"]`);
  if (!quotes.length) return;
  const words = isGone ? "" : [...prose(item).textContent.trim()].slice(0, QUOTED).join("");
  still(() => quotes.forEach((quote) => (isGone ? quote.remove() : (quote.lastElementChild.textContent = `“${words}”`))));
}

class Talk {
  constructor() {
    this.bar = document.querySelector("[data-live]");
    this.spoken = document.querySelector("[data-live-said]");
    this.alone = list.dataset.alone;
    this.waiting = new Map();
    this.totals = new Map();
    this.said = 0;
    this.bar.addEventListener("click", (event) => this.tapped(event));
    list.addEventListener("click", (event) => this.tappedFresh(event));
    const lost = document.querySelector("[data-lost]");
    this.live = new Live(list.dataset.thread, Number(list.dataset.seq), (name, item) => this.hear(name, item), (yes) => {
      lost.hidden = !yes;
    });
  }

  hear(name, item) {
    if (name === "reaction.changed") this.later(item.id, item);
    else if (name === "thread.counts") this.later("", item);
    else if (item.no) this.changed(item);
  }

  later(id, item) {
    this.totals.set(id, item);
    if (!this.due) this.due = setTimeout(() => this.showTotals(), TOTALS_EVERY);
  }

  showTotals() {
    this.due = 0;
    for (const [id, item] of this.totals) {
      const shown = id ? at(id) : document.querySelector("[data-comments]");
      if (id && shown) for (const button of shown.querySelectorAll("button[form=act][value]")) total(button, item[button.value]);
      if (!id && shown) shown.textContent = counted(shown, item.comments);
    }
    this.totals.clear();
  }

  changed(item) {
    const here = at(item.id);
    const isRead = here && here.classList.contains("c");
    const isGone = item.state !== "public";
    if (isGone || item.purged) requote(item, isGone);
    if (isGone) {
      this.waiting.delete(item.id);
      if (isRead) this.takeAway(here, item);
    } else if (isRead) item.purged ? this.purge(here, item) : this.mark(here, item);
    else if (here || !this.alone || item.parent === this.alone) this.waiting.set(item.id, item.seq);
    this.tell();
  }

  /** Words that were taken back are gone at once, also for who is reading them. */
  takeAway(here, item) {
    const stub = part(item.state === "withdrawn" || item.state === "erased" ? "withdrawn" : "hidden");
    stub.id = here.id;
    stub.querySelector(".num").textContent = `#${item.no}`;
    const focused = here.contains(document.activeElement);
    still(() => here.replaceWith(stub));
    if (focused) focus(stub);
  }

  /** Words that held personal data are gone at once as well; the new ones stand in their place. */
  purge(here, item) {
    if (item.version <= Number(here.dataset.version)) return;
    const note = part("purged");
    note.href = `/comments/${item.id}/history`;
    const old = here.querySelector("[data-fresh],[data-purged]");
    if (old) old.remove();
    still(() => {
      here.querySelector(".prose").replaceWith(prose(item));
      here.querySelector("header").append(note);
    });
    Object.assign(here.dataset, { version: item.version, seq: item.seq });
  }

  /** An edited or answered comment stays as it is being read, with a link to what is new. */
  mark(here, item) {
    const isEdited = item.version > Number(here.dataset.version);
    const isAnswered = (item.disposition || item.progress) && item.seq > Number(here.dataset.seq);
    if (!(isEdited || isAnswered) || here.querySelector("[data-fresh]")) return;
    const link = part(isEdited ? "edited" : "answered");
    link.href = `/t/${list.dataset.thread}?c=${item.id}#c-${item.id}`;
    link.dataset.fresh = item.seq - 1;
    still(() => here.querySelector("header").append(link));
  }

  async tappedFresh(event) {
    const link = event.target.closest("[data-fresh]");
    if (!link || event.ctrlKey || event.metaKey) return;
    event.preventDefault();
    const here = link.closest(".c");
    const found = await pieces(link.dataset.fresh).catch(() => []);
    const fresh = found.map((li) => li.querySelector(".c")).find((c) => c.id === here.id);
    if (!fresh) return location.assign(link.href);
    fresh.classList.remove("new");
    here.replaceWith(fresh);
    focus(fresh);
  }

  /** Says how many wait. While one's own comment is under way nothing is said: it may be among them. */
  tell() {
    if (this.holds) return;
    const n = this.waiting.size;
    const old = this.bar.querySelector("a:not([data-back])");
    if (!n && old) old.remove();
    if (!n) return;
    const link = document.createElement("a");
    link.href = `/t/${list.dataset.thread}?sort=newest#list`;
    link.textContent = counted(this.bar, n);
    if (!old) this.show(link);
    else if (old.textContent !== link.textContent) old.textContent = link.textContent;
    this.speak(link.textContent);
  }

  show(link) {
    this.bar.textContent = "";
    if (link) this.bar.append(link);
  }

  /** To screen readers at most every half minute. */
  speak(text) {
    clearTimeout(this.speaking);
    const wait = Math.max(0, this.said + SPOKEN_EVERY - Date.now());
    this.speaking = setTimeout(() => {
      this.said = Date.now();
      this.spoken.textContent = this.waiting.size ? text : "";
    }, wait);
  }

  async tapped(event) {
    const link = event.target.closest("a");
    if (!link || event.ctrlKey || event.metaKey) return;
    event.preventDefault();
    if (link.dataset.back) return this.goBack(link);
    try {
      await this.putIn();
    } catch {
      location.assign(link.href);
    }
  }

  async putIn() {
    const read = document.elementFromPoint(innerWidth / 2, innerHeight / 3);
    const from = window.scrollY;
    let since = Math.min(...this.waiting.values()) - 1;
    const put = [];
    for (let piece = 0; this.waiting.size && piece < MOST_PIECES; piece++) {
      const found = await pieces(since);
      if (!found.length) break;
      still(() => put.push(...found.filter((li) => this.place(li))));
      since = Number(found[found.length - 1].querySelector(".c").dataset.seq);
    }
    this.waiting.clear();
    this.show();
    this.spoken.textContent = "";
    if (!put.length) return;
    const first = put.reduce((a, b) => (a.compareDocumentPosition(b) & Node.DOCUMENT_POSITION_PRECEDING ? b : a));
    const top = first.getBoundingClientRect().top;
    focus(first.querySelector(".c"));
    if (read && (top < 0 || top > innerHeight) && from > innerHeight / 2) this.offerBack(read);
  }

  /** Puts one new comment at its place: under what it answers, else at the top. */
  place(li) {
    const comment = li.querySelector(".c");
    const { id } = comment.dataset;
    if (!this.waiting.delete(id)) return false;
    const stub = at(id);
    if (stub) stub.replaceWith(comment);
    else put(li);
    return true;
  }

  offerBack(read) {
    const link = part("back");
    link.dataset.back = "1";
    this.read = read;
    this.show(link);
  }

  goBack() {
    this.show();
    this.read.scrollIntoView({ block: "center" });
    focus(this.read.closest(".c") || this.read, true);
    this.tell();
  }

  /** One's own comment, drawn by the server, in the place of the one that was shown while it was sent. */
  async own(made, pending) {
    const found = await pieces(made.seq - 1).catch(() => []);
    const li = found.find((one) => one.querySelector(".c").dataset.id === made.id);
    if (li && !at(made.id)) {
      li.querySelector(".c").classList.remove("new");
      showParent(li, !pending.parentNode || !pending.closest(".replies"));
      pending.replaceWith(li);
    } else pending.remove();
    // The socket may have told of it meanwhile.
    if (at(made.id)) this.waiting.delete(made.id);
    else this.waiting.set(made.id, made.seq);
    this.holds = false;
    this.tell();
    return at(made.id);
  }
}

/** Where a comment goes: the end of the replies to what it answers, else the top of the list. */
export function put(li) {
  const parent = li.dataset.parent && at(li.dataset.parent);
  showParent(li, !parent);
  if (!parent) return list.prepend(li);
  const branch = parent.closest("#list > li");
  let replies = branch.querySelector(".replies");
  if (!replies) {
    replies = document.createElement("ol");
    replies.className = "replies";
    branch.querySelector(".c").after(replies);
  }
  replies.append(li);
}

function showParent(li, yes) {
  const line = li.querySelector("[data-parent-line]");
  if (line) line.hidden = !yes;
}

function focus(what, staysThere) {
  what.tabIndex = -1;
  what.focus({ preventScroll: true });
  if (!staysThere) what.scrollIntoView({ block: "start" });
}

const edited = document.querySelector("form[data-draft]");
if (edited) new Draft(edited, edited.dataset.draft);
if (list) {
  const talk = new Talk();
  const form = document.querySelector("form[data-composer]");
  if (form) new Composer(form, { talk, put, part, focus });
  const saves = navigator.connection && navigator.connection.saveData;
  // After the first paint; who saves data is told by asking now and then, without the socket's script.
  const begin = () => setTimeout(() => talk.live.connect().catch(() => {}), 300);
  if (!saves) document.readyState === "complete" ? begin() : window.addEventListener("load", begin);
}
