// The desk's list of contributions: one button ticks all of a page, and what may be done stays in sight once one is ticked.
const form = document.querySelector("form[data-choose]");
const all = form && form.querySelector("[data-check-all]");
if (all) {
  const boxes = [...form.querySelectorAll('input[name="item"]')];
  const show = () => {
    all.setAttribute("aria-pressed", String(boxes.length > 0 && boxes.every((box) => box.checked)));
    form.classList.toggle("any", boxes.some((box) => box.checked));
  };
  all.addEventListener("click", () => {
    const on = !boxes.every((box) => box.checked);
    for (const box of boxes) box.checked = on;
    show();
  });
  form.addEventListener("change", show);
  show();
}
