// A question with many boxes to tick (the staff of a school, its classes) has a search above them; what is ticked stays in
// sight. Without this script every box is there.

import { fold } from "../ui/fold.js";

const MANY = 16;

// A row is the box's label, or what Django puts around each.
function rowOf(box) {
  const label = box.closest("label");
  return label.parentElement.matches("div") && label.parentElement.childElementCount === 1 ? label.parentElement : label;
}

function offer(question, boxes) {
  const part = document.getElementById("search-choices").content.cloneNode(true);
  const [field, nothing] = [part.querySelector("input"), part.querySelector("[role=status]")];
  const rows = boxes.map((box) => ({ box, row: rowOf(box), text: fold(box.closest("label").textContent) }));
  field.addEventListener("input", () => {
    const words = fold(field.value).split(/\s+/).filter(Boolean);
    const isFound = ({ text }) => words.every((word) => text.includes(word));
    for (const one of rows) one.row.hidden = !isFound(one) && !one.box.checked;
    nothing.hidden = rows.some(isFound);
  });
  // Else it would send the form.
  field.addEventListener("keydown", (event) => event.key === "Enter" && event.preventDefault());
  const [first] = rows;
  const list = first.row.parentElement === question ? first.row : first.row.parentElement;
  list.before(part);
}

for (const question of document.querySelectorAll("#main form fieldset")) {
  const boxes = [...question.querySelectorAll("label input[type=checkbox]")];
  if (boxes.length >= MANY) offer(question, boxes);
}
