// The desk's page of reports: looks again while one is being made, and draws how far it is anew.
const EVERY = 2000;
const states = (page) => [...page.querySelectorAll("[data-making] [data-state]")];

async function look() {
  const answer = await fetch(location.href, { cache: "no-store" }).catch(() => null);
  if (answer && answer.ok) {
    const page = new DOMParser().parseFromString(await answer.text(), "text/html");
    const [before, now] = [states(document), states(page)];
    // When one is done or another asked for, the page has new buttons, and is loaded as a whole.
    if (before.length !== now.length) return location.reload();
    before.forEach((state, n) => {
      state.textContent = "";
      state.append(...now[n].childNodes);
    });
  }
  setTimeout(look, EVERY);
}
setTimeout(look, EVERY);
