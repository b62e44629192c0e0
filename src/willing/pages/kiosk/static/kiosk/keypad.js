// The keypad on the glass fills the number first and the PIN next; the same form also takes a keyboard.

function fieldsOf(form) {
  return [form.elements.number, form.elements.pin];
}

function activeField(form) {
  const fields = fieldsOf(form);
  return fields.find((field) => field === document.activeElement) ?? form.lastField ?? fields[0];
}

function press(form, key) {
  const field = activeField(form);
  form.lastField = field;
  if (key === "back") field.value = field.value.slice(0, -1);
  else if (key !== "go") field.value = (field.value + key).slice(0, field.maxLength);
  else if (field === form.elements.number && field.value) form.lastField = form.elements.pin;
  else if (form.elements.number.value && form.elements.pin.value) form.requestSubmit();
  (form.lastField ?? field).focus();
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
    if (event.key !== "Enter" || !form || event.target !== form.elements.number) return;
    event.preventDefault(); // Enter after the number means "now the PIN"
    if (event.target.value) form.elements.pin.focus();
  });
}
