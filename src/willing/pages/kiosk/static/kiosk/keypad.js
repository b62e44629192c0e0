// The keypads on the glass: digits for number and PIN, letters for a card's code; the forms take a keyboard as well.
// Where the server says how long an entry is (data-length), the last key of it goes on by itself: to the next field,
// or to the server. A keyboard ends an entry with Enter, because a reader types into the same fields.

function fieldsOf(form) {
  return [...form.querySelectorAll("[data-keypad]")];
}

function activeField(form) {
  const fields = fieldsOf(form);
  return fields.find((field) => field === document.activeElement) ?? form.lastField ?? fields[0];
}

function goOn(form, field) {
  if (!field.value) return field;
  const next = fieldsOf(form).find((one) => !one.value);
  if (next) return next;
  form.requestSubmit();
  return field;
}

function press(form, key) {
  const fields = fieldsOf(form);
  let field = activeField(form);
  if (key === "back") {
    if (!field.value && fields.indexOf(field) > 0) field = fields[fields.indexOf(field) - 1];
    field.value = field.value.slice(0, -1);
  } else if (key === "go") field = goOn(form, field);
  else {
    field.value = (field.value + key).slice(0, field.maxLength);
    if (field.value.length === Number(field.dataset.length)) field = goOn(form, field);
  }
  form.lastField = field;
  field.focus();
}

export function listenForKeypad() {
  // The field keeps the focus while the keypad is pressed, so the caret shows where the digit goes.
  document.addEventListener("pointerdown", (event) => {
    if (event.target.closest("[data-key]")) event.preventDefault();
  });
  document.addEventListener("click", (event) => {
    const button = event.target.closest("[data-key]");
    if (button) press(button.closest("form"), button.dataset.key);
  });
  // On glass the keypad is enough: the system's keyboard would cover it.
  document.addEventListener("focusin", (event) => {
    const form = event.target.closest?.("[data-keypad-form]");
    if (!form || !fieldsOf(form).includes(event.target)) return;
    form.lastField = event.target;
    if (window.matchMedia("(pointer: coarse)").matches) event.target.inputMode = "none";
  });
  document.addEventListener("keydown", (event) => {
    const form = event.target.closest?.("[data-keypad-form]");
    if (event.key !== "Enter" || !form || !event.target.matches("[data-keypad]")) return;
    const next = goOn(form, event.target); // Enter after the number means "now the PIN"
    event.preventDefault();
    next.focus();
  });
}
