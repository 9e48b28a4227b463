// What can be measured of a page as it is drawn; each gives a list of what is wrong.
(() => {
  const shown = (e) => e.checkVisibility({ visibilityProperty: true }) && e.getClientRects().length > 0 && !e.closest(".vh");
  const words = (e) => `<${e.tagName.toLowerCase()} class="${e.className}"> ${e.textContent.trim().slice(0, 60)}`;
  const lines = (e) => {
    const all = document.createRange();
    all.selectNodeContents(e);
    const tops = [...all.getClientRects()].filter((r) => r.width > 1 && r.height > 1).map((r) => r.top + r.height / 2);
    const height = parseFloat(getComputedStyle(e).lineHeight) || parseFloat(getComputedStyle(e).fontSize) * 1.5;
    return tops.length ? (Math.max(...tops) - Math.min(...tops)) / height : 0;
  };
  window.measures = {
    broken: () => [...document.querySelectorAll(".nb, time, a[href^='tel:']")].filter((e) => shown(e) && lines(e) > 0.6).map(words),
    wide: () => {
      const most = document.documentElement.clientWidth;
      if (document.documentElement.scrollWidth <= most) return [];
      const out = [...document.body.querySelectorAll("*")].filter((e) => shown(e) && e.getBoundingClientRect().right > most + 1);
      return [`${document.documentElement.scrollWidth} > ${most}`, ...out.slice(-3).map(words)];
    },
    small: () => [...document.querySelectorAll("a, button, summary, input:not([type=hidden]), select, textarea")].filter(shown)
      .filter((e) => !e.closest("p, .prose, li > span, dd, .small") && !e.matches(".skip, label *"))
      .filter((e) => { const r = e.getBoundingClientRect(); return r.height < 24 || r.width < 24; }).map(words),
    clipped: () => [...document.body.querySelectorAll("*")].filter(shown)
      .filter((e) => { const s = getComputedStyle(e); return (s.overflowY === "hidden" || s.overflowX === "hidden") && e.children.length + e.textContent.trim().length > 0 && (e.scrollHeight > e.clientHeight + 2 || e.scrollWidth > e.clientWidth + 2) && !e.matches("svg, svg *, .art, .feature"); }).map(words),
    dated: () => {
      const said = /\d{1,2} (?:ม\.ค|ก\.พ|มี\.ค|เม\.ย|พ\.ค|มิ\.ย|ก\.ค|ส\.ค|ก\.ย|ต\.ค|พ\.ย|ธ\.ค)\.|\d{1,2} [ก-ฮ]{5,} 25\d\d|\b0 ?\d{1,4}[ -]\d{3,4}([ -]\d{4})?\b/;
      const texts = document.createTreeWalker(document.body, NodeFilter.SHOW_TEXT);
      const found = new Set(document.querySelectorAll("time, .when, a[href^='tel:']"));
      while (texts.nextNode()) if (said.test(texts.currentNode.data)) found.add(texts.currentNode.parentElement);
      return [...found].filter((e) => shown(e) && e.textContent.trim() && parseFloat(getComputedStyle(e).fontSize) < 16.95)
        .map((e) => `${getComputedStyle(e).fontSize} ${words(e)}`);
    },
    heading: () => {
      const all = [...document.querySelectorAll("h1")].filter(shown);
      return all.length === 1 && all[0].textContent.trim() && document.title.trim() ? [] : [`${all.length} h1, title "${document.title}"`];
    },
    dead: () => {
      const only = [...document.querySelectorAll(".js-only, [data-copy], [data-share], [data-discard], [data-retry], .stickybar")];
      const explained = (e) => e.getAttribute("aria-disabled") === "true" && shown(document.getElementById(e.getAttribute("aria-describedby")));
      const buttons = [...document.querySelectorAll("button")].filter((e) => (e.type === "button" || !e.form) && !explained(e));
      const inputs = [...document.querySelectorAll("input, select, textarea")].filter((e) => !e.form && !e.readOnly);
      const links = [...document.querySelectorAll("a")].filter((e) => {
        const to = e.getAttribute("href"); // an empty one asks for the page itself once more
        return to === null || to.startsWith("javascript:") || (to.startsWith("#") && !document.getElementById(to.slice(1)));
      });
      const forms = [...document.forms].filter((e) => !e.querySelector("button, input[type=submit]") || !e.getAttribute("method"))
        .filter((e) => e.method !== "get");
      return [...only, ...buttons, ...inputs, ...links, ...forms].filter(shown).map(words);
    },
    tiny: () => [...document.body.querySelectorAll("*")].filter((e) => shown(e) && [...e.childNodes].some((n) => n.nodeType === 3 && n.data.trim()))
      .filter((e) => !e.closest("svg") && parseFloat(getComputedStyle(e).fontSize) < 15.9).map((e) => `${getComputedStyle(e).fontSize} ${words(e)}`),
  };
})();
