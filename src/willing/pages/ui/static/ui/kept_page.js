// What pages share that a device keeps (ui/kept_worker.js): being kept, and signing out while the server is away.

import { Away, SignedOut } from "./asking.js";

// Has the browser keep this page. onState: called with { canKeep } at once, and with isKept once that is known. At an
// address without HTTPS a browser keeps nothing.
export async function keepPage(workerUrl, onState) {
  const canKeep = "serviceWorker" in navigator && window.isSecureContext;
  onState({ canKeep });
  if (!canKeep) return;
  try {
    await navigator.serviceWorker.register(workerUrl);
    await navigator.serviceWorker.ready;
    onState({ canKeep, isKept: true });
  } catch {
    // A server that is away, or a browser that is set to keep nothing: what is kept already goes on working.
    onState({ canKeep, isKept: Boolean(navigator.serviceWorker.controller) });
  }
}

// Signing out while the server is away: the names go at once, the session as soon as the server is there.
export function leave(key) {
  window.localStorage.setItem(key, "1");
}

// Rejects with SignedOut once the session of someone who left is over, with Away while that can't be. csrf: the page's own
// token, for who is answered without one.
export async function closeIfLeft(key, dataUrl, signOutUrl, csrf = "") {
  if (!window.localStorage.getItem(key)) return;
  const answer = await fetch(dataUrl, { credentials: "same-origin", redirect: "manual", cache: "no-store", headers: { "X-Quiet": "1" } }).catch(() => null);
  if (!answer) throw new Away("no answer");
  if (answer.ok || answer.status === 403) {
    const content = await answer.json().catch(() => ({}));
    const headers = { "X-CSRFToken": content.csrf ?? csrf };
    const gone = await fetch(signOutUrl, { method: "POST", credentials: "same-origin", redirect: "manual", headers }).catch(() => null);
    if (!gone || gone.status >= 400) throw new Away("not signed out");
  }
  window.localStorage.removeItem(key);
  throw new SignedOut("asked");
}
