// The areas in the header: one is open at a time, and it closes as menus do. Without this script they open and close
// by their own press.

const areas = [...document.querySelectorAll("details.area")];

function closeAll(but = null) {
  for (const one of areas) if (one !== but) one.open = false;
}

for (const one of areas) {
  // Browsers that do not know that areas of one name exclude each other.
  one.addEventListener("toggle", () => one.open && closeAll(one));
  one.addEventListener("focusout", ({ relatedTarget }) => {
    if (relatedTarget && !one.contains(relatedTarget)) one.open = false;
  });
}

document.addEventListener("click", ({ target }) => closeAll(target.closest("details.area")));
document.addEventListener("keydown", (event) => {
  const open = areas.find((one) => one.open);
  if (event.key !== "Escape" || !open) return;
  open.open = false;
  open.querySelector("summary").focus();
});
