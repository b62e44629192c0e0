// Choose in the list of people: one press for all, one for each; the buttons wait for someone to be chosen.
const form = document.querySelector("form[data-run-form]");
const acts = form?.querySelector("[data-acts]");
const all = form?.querySelector("[data-all]");
const boxes = form ? [...form.querySelectorAll('input[name="person"]')] : [];

function show() {
  const total = Number(form.dataset.total);
  const count = all.checked ? total : boxes.filter((box) => box.checked).length;
  acts.querySelector("[data-chosen]").textContent = count ? form.dataset.chosen.replace("#", count) : "";
  for (const button of acts.querySelectorAll("button")) button.disabled = !count;
}

if (form && acts) {
  all.addEventListener("change", () => {
    for (const box of boxes) box.checked = all.checked;
    show();
  });
  for (const box of boxes) {
    box.addEventListener("change", () => {
      all.checked = false;
      show();
    });
  }
  // Back from another page, a browser keeps what was ticked.
  window.addEventListener("pageshow", show);
  show();
}
