// The place to speak: keeps what is typed, sends it without leaving the page, and says what became of it.
import { Draft } from "./drafts.js";

const PATIENCE = 40000;
const UNDO_FOR = 120000;
const TRIES = 4;

const wait = (ms) => new Promise((resolve) => setTimeout(resolve, ms));

function newKey() {
  return [...crypto.getRandomValues(new Uint8Array(16))].map((n) => n.toString(16).padStart(2, "0")).join("");
}

export class Composer {
  constructor(form, page) {
    Object.assign(this, { form, ...page });
    this.box = form.closest("details");
    this.home = document.createComment("");
    this.box.before(this.home);
    this.thread = form.dataset.thread;
    this.draft = new Draft(form, this.place());
    form.addEventListener("submit", (event) => this.submitted(event));
    this.box.querySelector("summary").addEventListener("click", (event) => this.tapped(event));
    document.getElementById("list").addEventListener("click", (event) => this.replying(event));
    form.querySelector("[data-no-reply]").addEventListener("click", (event) => this.noReply(event));
    form.addEventListener("restored", () => (this.box.open = true));
    if (form.elements.body.value.trim()) this.box.open = true;
    else if (!this.parent()) this.offerReply();
  }

  parent() {
    return this.form.elements.parent.value;
  }

  place() {
    return `t/${this.thread}${this.parent() ? `/${this.parent()}` : ""}`;
  }

  /** Whoever opens it wants to type: the keyboard comes at the same tap. */
  tapped(event) {
    event.preventDefault();
    this.box.open = !this.box.open;
    if (this.box.open) this.form.elements.body.focus();
  }

  replying(event) {
    const link = event.target.closest("[data-reply]");
    if (!link || event.ctrlKey || event.metaKey || this.sending) return;
    event.preventDefault();
    this.replyTo(link.closest(".c"));
  }

  replyTo(comment) {
    this.draft.now();
    this.forget();
    this.form.elements.parent.value = comment.dataset.id;
    comment.after(this.box);
    this.dress();
    this.draft.at(this.place());
    this.box.open = true;
    this.form.elements.body.focus();
  }

  noReply(event) {
    if (event) event.preventDefault();
    this.draft.now();
    this.forget();
    this.form.elements.parent.value = "";
    this.home.after(this.box);
    this.dress();
    this.draft.at(this.place());
    if (event) this.form.elements.body.focus();
  }

  forget() {
    this.form.elements.body.value = this.draft.original = "";
    this.showErrors({});
  }

  /** A reply has no side of its own and says so. */
  dress() {
    const isReply = Boolean(this.parent());
    const sides = this.form.querySelector("[data-sides]");
    if (sides) sides.hidden = sides.querySelector("fieldset").disabled = isReply;
    const quote = this.form.querySelector("[data-quote]");
    if (quote) quote.remove();
    this.form.querySelector("[data-no-reply]").closest("p").hidden = !isReply;
    this.box.querySelector("summary span").textContent = this.form.dataset[isReply ? "replyWords" : "newWords"];
    const label = this.form.querySelector("label[for=f-body]");
    label.textContent = this.form.dataset[isReply ? "replyLabel" : "newLabel"];
  }

  /** A reply begun before the page was left: opened again where it was, or offered by a link. */
  offerReply() {
    const [begun] = this.draft.under(this.place());
    if (!begun || this.form.elements.body.value) return;
    const line = document.querySelector("[data-begun]");
    line.querySelector("a").href = `/t/${this.thread}?reply=${encodeURIComponent(begun)}#write`;
    line.hidden = false;
  }

  said() {
    const { body, name, consent, parent, stance } = this.form.elements;
    const said = { body: body.value };
    if (name) said.name = name.value;
    if (consent) said.consent = consent.checked;
    if (parent.value) said.parent = parent.value;
    else if (stance && stance.value) said.stance = stance.value;
    return said;
  }

  submitted(event) {
    event.preventDefault();
    if (!this.sending) this.send();
  }

  async send() {
    const said = this.said();
    const body = JSON.stringify(said);
    // The same words sent again are the same comment; other words are another.
    if (this.body !== body) [this.body, this.key] = [body, newKey()];
    this.draft.typed = true;
    this.draft.now();
    this.showErrors({});
    this.sending = this.talk.holds = true;
    const pending = this.showPending(said);
    const answer = await this.post(body);
    this.sending = false;
    if (answer.status === 201) return this.sent(answer.said, pending);
    pending.remove();
    this.talk.holds = false;
    this.talk.tell();
    this.box.open = true;
    this.refused(answer);
  }

  /** Posts until there is an answer that trying again would not change. */
  async post(body) {
    let work = "";
    for (let turn = 1; ; turn++) {
      const answer = await this.once(body, work);
      const { status, said } = answer;
      if (turn === TRIES || status === 0) return answer;
      if (status === 429 && said.work) {
        const { doWork } = await import("./work.js");
        work = await doWork(said.work, said.bits);
      } else if (status === 409 || status === 503) await wait(1000 * turn);
      else return answer;
    }
  }

  async once(body, work) {
    const stop = new AbortController();
    const timer = setTimeout(() => stop.abort(), PATIENCE);
    const headers = { "Content-Type": "application/json", "Idempotency-Key": this.key };
    headers["X-CSRFToken"] = this.form.elements.csrf_token.value;
    if (work) headers["X-Work"] = work;
    try {
      const path = `/api/v1/threads/${this.thread}/comments`;
      const answer = await fetch(path, { method: "POST", headers, body, signal: stop.signal });
      return { status: answer.status, said: await answer.json() };
    } catch {
      return { status: 0, said: {} };
    } finally {
      clearTimeout(timer);
    }
  }

  showPending(said) {
    const li = this.part("pending");
    li.querySelector(".who").textContent = this.form.dataset.user || said.name;
    li.querySelector(".prose").textContent = said.body;
    if (said.parent) li.dataset.parent = said.parent;
    const { parent } = said;
    const answered = parent && document.getElementById(`c-${parent}`);
    // Under a reply is under what that answers: there are two levels.
    if (answered) li.dataset.parent = answered.closest("#list > li").querySelector(".c,.stub").id.slice(2);
    this.box.open = false;
    const empty = document.querySelector("[data-empty]");
    if (empty) empty.hidden = true;
    this.put(li);
    this.focus(li.querySelector(".c"));
    return li;
  }

  async sent(made, pending) {
    this.draft.clear();
    this.body = null;
    const { consent } = this.form.elements;
    if (consent && this.form.dataset.user) consent.closest(".consent").remove();
    else if (consent) consent.checked = false;
    for (const side of this.form.querySelectorAll("[name=stance]")) side.checked = false;
    this.noReply();
    const comment = await this.talk.own(made, pending);
    this.thank(made, comment);
  }

  /** The receipt, for guests, and the way to take it back, beside the comment for as long as that lasts. */
  thank(made, comment) {
    const place = document.querySelector("[data-thanks]");
    place.textContent = "";
    if (made.receipt) place.append(this.receipt(made.receipt));
    const undo = this.part("undo");
    const code = made.receipt && encodeURIComponent(made.receipt);
    undo.querySelector("form").action = code ? `/r/${code}/withdraw` : `/comments/${made.id}/withdraw`;
    undo.querySelector("[name=csrf_token]").value = this.form.elements.csrf_token.value;
    place.append(undo);
    setTimeout(() => undo.remove(), UNDO_FOR);
    if (made.receipt || !comment) this.focus(place.firstElementChild);
    else this.focus(comment);
  }

  receipt(code) {
    const box = this.part("receipt");
    box.querySelector(".code").textContent = code;
    box.querySelector("[data-copy]").dataset.copy = code;
    box.querySelector("a").href = `/r/${encodeURIComponent(code)}`;
    return box;
  }

  refused({ status, said }) {
    const { dataset } = this.form;
    const signedOut = status === 401 || (dataset.user && said.errors && said.errors.name);
    if (signedOut || said.reason === "form_token") return this.signInFirst(said);
    if (status === 422) return this.showErrors(said.errors);
    if (status === 403 || status === 404 || status === 410) return this.closed(said.detail);
    this.showErrors({ "": status === 429 ? said.detail : dataset.unsent }, dataset.unsentTitle);
    this.form.querySelector("[data-retry]").hidden = false;
  }

  signInFirst(said) {
    const link = this.part("sign-in");
    const { dataset } = this.form;
    if (said.reason === "form_token") link.href = location.href;
    this.showErrors({ "": said.reason === "form_token" ? said.detail : dataset.signedOut }, dataset.unsentTitle);
    this.form.querySelector(".errsum").append(link);
  }

  /** No longer open: what was typed is offered to be copied. */
  closed(why) {
    const box = this.part("closed");
    box.querySelector("[data-why]").textContent = why;
    box.querySelector("textarea").value = this.form.elements.body.value;
    box.querySelector("[data-copy]").dataset.copy = this.form.elements.body.value;
    this.box.replaceWith(box);
    this.focus(box);
  }

  showErrors(errors, title) {
    const { form } = this;
    for (const old of form.querySelectorAll(".errsum,.err")) old.remove();
    for (const field of form.querySelectorAll("[aria-invalid]")) field.removeAttribute("aria-invalid");
    document.title = document.title.replace(`${form.dataset.wrong} `, "");
    const named = Object.entries(errors);
    if (!named.length) return;
    document.title = `${form.dataset.wrong} ${document.title}`;
    const box = this.part("errors");
    const words = named.length === 1 ? form.dataset.errorsOne : form.dataset.errorsMany.replace("{n}", named.length);
    box.querySelector("h2").textContent = title || words;
    for (const [name, message] of named) box.querySelector("ul").append(this.oneError(name, message));
    form.prepend(box);
    this.focus(box);
  }

  oneError(name, message) {
    const line = document.createElement("li");
    const field = name && document.getElementById(`f-${name}`);
    const words = document.createElement(field ? "a" : "p");
    words.textContent = message;
    line.append(words);
    if (!field) return line;
    words.href = `#${field.id}`;
    const beside = this.part("error");
    beside.id = `${field.id}-err`;
    beside.querySelector("[data-message]").textContent = message;
    field.setAttribute("aria-invalid", "true");
    const others = (field.getAttribute("aria-describedby") || "").split(" ").filter((id) => id && id !== beside.id);
    field.setAttribute("aria-describedby", [...others, beside.id].join(" "));
    (field.closest(".chk") || field).before(beside);
    return line;
  }
}
