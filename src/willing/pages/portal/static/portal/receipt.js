// Check the receipt on this page in the browser itself. Without this script the page says how to check the file.
import { checkReceipt } from "../audit/inclusion.js";

const box = document.querySelector("[data-receipt]");

async function check() {
  const found = await checkReceipt(box.querySelector("[data-proof]").textContent, box.dataset.key);
  for (const line of box.querySelectorAll("[data-outcome]")) {
    line.hidden = line.dataset.outcome !== found.outcome;
  }
}

if (box) check();
