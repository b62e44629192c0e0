// Say which part of the page is open. The parts themselves open and close without this script (console.css).

const links = [...document.querySelectorAll(".tab-list a")];

function mark() {
  const open = links.find((one) => one.hash === location.hash) ?? links.find((one) => one.matches(".first"));
  for (const one of links) {
    if (one === open) one.setAttribute("aria-current", "true");
    else one.removeAttribute("aria-current");
  }
}

addEventListener("hashchange", mark);
mark();
