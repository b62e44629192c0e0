// The cashier's menu where it is long: tabs and a search. What is chosen outlives the screens that come and go.

const state = { tab: "", isSearching: false };
const root = document.documentElement;

// The same folding as the server's (core.comparison.fold_words); a test compares the two.
const APOSTROPHES = /['’‘‛`´′ʹʻʼʽʾʿˈ＇\u05f3]/gu;
const INVISIBLE =
  /[\u034f\u115f\u1160\u17b4\u17b5\u2800\u3164\uffa0\u180b-\u180f\ufe00-\ufe0f\u{e0100}-\u{e01ef}\p{Cf}]|(?!\s)\p{Cc}/gu;
const MARKS =
  /[\u0300-\u036f\u0591-\u05c7\u0610-\u061a\u064b-\u065f\u0670\u1ab0-\u1aff\u1dc0-\u1dff\u20d0-\u20ff\ufe20-\ufe2f]/gu;
const TIED = { ł: "l", ø: "o", đ: "d", ð: "d", þ: "th", æ: "ae", œ: "oe", ı: "i", ħ: "h", "\u0640": "" };
const casefold = (text) => text.toLowerCase().replaceAll("ß", "ss").replaceAll("ς", "σ");

export function foldWords(text) {
  const seen = text.replace(INVISIBLE, "").replace(APOSTROPHES, "");
  const apart = casefold(seen.normalize("NFKC")).normalize("NFKD").replace(MARKS, "");
  const plain = [...casefold(apart.normalize("NFKC"))].map((one) => TIED[one] ?? one).join("");
  return plain.split(/[^\p{L}\p{N}\p{M}\p{Cn}\p{Co}]+/u).filter(Boolean);
}

function search(text) {
  const words = foldWords(text);
  const isSearching = words.length > 0;
  let found = 0;
  for (const product of document.querySelectorAll(".menu.has-tabs .product")) {
    product.hidden = isSearching && !words.every((word) => product.dataset.foundBy.includes(word));
    if (!product.hidden && product.checkVisibility()) found += 1;
  }
  for (const group of document.querySelectorAll(".menu.has-tabs .menu-group")) {
    group.hidden = isSearching && !group.querySelector(".product:not([hidden])");
  }
  document.querySelector(".nothing-found").hidden = !isSearching || found > 0;
  root.dataset.tab = isSearching ? "search" : state.tab;
  for (const tab of document.querySelectorAll("[data-tab].tab")) {
    tab.setAttribute("aria-pressed", String(!isSearching && tab.dataset.tab === state.tab));
  }
}

// After each screen: the tab that was chosen, and the search empty for the next product.
export function showMenu() {
  const tabs = [...document.querySelectorAll(".tab")];
  if (!tabs.length) return;
  if (!tabs.some((tab) => tab.dataset.tab === state.tab)) state.tab = tabs[0].dataset.tab;
  search("");
  if (state.isSearching) document.getElementById("menu-search").focus();
  state.isSearching = false;
}

export function listenForMenu() {
  document.addEventListener("click", (event) => {
    const tab = event.target.closest(".tab");
    if (!tab) return;
    state.tab = tab.dataset.tab;
    document.getElementById("menu-search").value = "";
    search("");
  });
  document.addEventListener("input", (event) => {
    if (event.target.matches("[data-menu-search]")) search(event.target.value);
  });
  document.addEventListener("keydown", (event) => {
    if (event.key !== "Enter" || !event.target.matches?.("[data-menu-search]")) return;
    event.preventDefault();
    const products = [...document.querySelectorAll(".menu.has-tabs .product:not([hidden])")];
    const first = products.find((product) => product.checkVisibility());
    if (!foldWords(event.target.value).length || !first) return;
    state.isSearching = true;
    first.click();
  });
}
