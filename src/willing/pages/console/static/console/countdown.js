// Show the seconds until messages go out. The server counts; this only shows it, and asks again at the end.
for (const part of document.querySelectorAll("[data-countdown]")) {
  const shown = part.querySelector(".countdown");
  let left = Number(part.dataset.countdown);
  const show = () => {
    shown.textContent = `${Math.floor(left / 60)}:${String(left % 60).padStart(2, "0")}`;
    shown.hidden = false;
  };
  show();
  const ticking = setInterval(() => {
    left -= 1;
    if (left > 0) return show();
    clearInterval(ticking);
    setTimeout(() => location.reload(), 5000);
  }, 1000);
}
