// Drag the products of the menu into order, with a mouse or a finger; without a script the arrows do the same.

const csrf = () => document.querySelector("[name=csrfmiddlewaretoken]").value;

function rowAt(list, y) {
  return [...list.children].find((row) => {
    const box = row.getBoundingClientRect();
    return y < box.top + box.height / 2 && !row.classList.contains("dragged");
  });
}

async function keepOrder(list) {
  const body = new FormData();
  body.append("category", list.dataset.category);
  for (const row of list.children) body.append("product", row.dataset.product);
  const headers = { "X-CSRFToken": csrf() };
  const answer = await fetch(list.dataset.orderUrl, { method: "POST", body, headers }).catch(() => null);
  // The arrows at both ends change with the order; and what could not be kept must not look as if it were.
  if (!answer?.ok || answer.redirected) window.location.reload();
  else markEnds(list);
}

function markEnds(list) {
  const rows = [...list.children];
  for (const row of rows) {
    const [up, down] = row.querySelectorAll(".arrows button");
    up.disabled = row === rows[0];
    down.disabled = row === rows.at(-1);
  }
}

function listen(handle) {
  const row = handle.closest(".menu-row");
  const list = row.parentElement;
  handle.addEventListener("pointerdown", (event) => {
    event.preventDefault();
    const before = [...list.children];
    // On the document: a row that is moved loses the pointer that was captured for it.
    const dragging = new AbortController();
    const { signal } = dragging;
    row.classList.add("dragged");
    const move = ({ clientY }) => list.insertBefore(row, rowAt(list, clientY) ?? null);
    const drop = (isKept) => {
      dragging.abort();
      row.classList.remove("dragged");
      if (!isKept) list.append(...before);
      else if (before.some((one, place) => one !== list.children[place])) keepOrder(list);
    };
    document.addEventListener("pointermove", move, { signal });
    document.addEventListener("pointerup", () => drop(true), { signal });
    document.addEventListener("pointercancel", () => drop(false), { signal });
  });
}

document.documentElement.classList.add("has-drag");
for (const handle of document.querySelectorAll(".drag-handle")) listen(handle);
