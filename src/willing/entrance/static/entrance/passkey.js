// Say in words that no passkey came about; allauth's scripts tell of it with an event.
document.addEventListener("allauth.error", (event) => {
  event.preventDefault();
  const failed = document.getElementById("passkey-failed");
  if (failed) failed.hidden = false;
});
