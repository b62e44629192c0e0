// Say in words that no passkey came about; allauth's scripts tell of it with an event.
function sayFailed() {
  const failed = document.getElementById("passkey-failed");
  if (failed) failed.hidden = false;
}

document.addEventListener("allauth.error", (event) => {
  event.preventDefault();
  sayFailed();
});

// A press before allauth's scripts listen would do nothing. They listen from this event on, and before this does.
document.addEventListener("DOMContentLoaded", () => {
  if (!window.allauth?.webauthn) {
    sayFailed();
    return;
  }
  for (const button of document.querySelectorAll("button[data-passkey]")) button.disabled = false;
});
