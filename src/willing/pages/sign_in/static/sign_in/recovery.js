// Print or copy the recovery codes that are shown; without script the browser's own menu prints them.
const codes = [...document.querySelectorAll("[data-recovery-code]")].map((one) => one.textContent.trim());
const print = document.querySelector("[data-print]");
const copy = document.querySelector("[data-copy]");
const said = document.getElementById("copied");

print.hidden = false;
print.addEventListener("click", () => window.print());

if (navigator.clipboard) { // not at an address without HTTPS
  copy.hidden = false;
  copy.addEventListener("click", async () => {
    const isCopied = await navigator.clipboard.writeText(codes.join("\n")).then(() => true, () => false);
    said.textContent = isCopied ? copy.dataset.copied : copy.dataset.failed;
  });
}
