// Draws the list of a roll call. A row that is there is changed and not made anew, so that the focus stays where it is
// and 1,500 names cost nothing while nothing changes.

import { fold } from "../../ui/fold.js";
import { partsOf } from "../../ui/page_parts.js";
import { count, isHere, isRed } from "./ticks.js";

export const ROWS_STEP = 80; // drawn at once; further ones follow as they are scrolled to

export const root = document.querySelector("[data-warden-app]");
export const { part, made, words, clockOf, dayOf } = partsOf(root);
const numbers = new Intl.NumberFormat(document.documentElement.lang === "en" ? "en-GB" : document.documentElement.lang);
export const NOWHERE = "none"; // the point of those who have none
export const EVERYWHERE = "all";

export function show(name, isShown) {
  const found = part(name);
  if (found.hidden === isShown) found.hidden = !isShown;
}

export function write(name, text) {
  const found = part(name);
  if (found.textContent !== text) found.textContent = text;
}

export const number = (value) => numbers.format(value);

export function pointOf(person) {
  return person.point ?? NOWHERE;
}

// Those who are expected first, class by class, by name.
const collator = new Intl.Collator(document.documentElement.lang, { numeric: true });

export function inOrder(people) {
  return [...people].sort((one, other) => Number(other.expected) - Number(one.expected) || collator.compare(one.form, other.form) || collator.compare(one.name, other.name));
}

// --- which rows

export function chosen(view, result) {
  const { people, point, search, isOnlyMissing, kept } = view;
  const wanted = search.trim();
  const parts = fold(wanted).split(/\s+/); // in any order, as on the office's page
  const isCalled = (person) => {
    const found = fold(`${person.name} ${person.form}`);
    return parts.every((one) => found.includes(one));
  };
  const isOf = (person) => (wanted ? isCalled(person) : point === EVERYWHERE || pointOf(person) === point);
  const isMissing = (person) => (person.expected ? !isHere(result.get(person.id)) : result.get(person.id)?.state === "missing");
  return people.filter((person) => isOf(person) && (wanted || !isOnlyMissing || isMissing(person) || kept.has(person.id)));
}

// --- rows

const rows = new Map(); // the row of each person who was ever shown, and what it says
let drawn = [];

function makeRow(person) {
  const row = made("row");
  row.dataset.person = person.id;
  row.querySelector("[data-name]").textContent = person.name;
  row.querySelector("[data-form]").textContent = person.form || words(person.kind);
  const medical = row.querySelector("[data-medical]");
  medical.hidden = !person.medical;
  medical.querySelector("span").textContent = person.medical;
  row.querySelector("[data-back] .visually-hidden").textContent = ` ${person.name}`;
  return row;
}

function stateOf(person, tick, isLate, hasCall) {
  if (isHere(tick)) return [tick.isSent ? "here" : "here waits", words(tick.state === "found" ? "found-by" : "here-by", { who: tick.who || words("another-phone"), time: clockOf(tick.at) })];
  if (tick) return ["red", words("search-again", { time: clockOf(tick.at) })];
  if (!person.expected) return ["away", person.reason];
  if (!hasCall) return ["plain", person.reason];
  return [isLate ? "red" : "plain", words("not-yet")];
}

function drawRow(person, tick, isLate, { hasCall, isOpen }) {
  const known = rows.get(person.id);
  const [kind, text] = stateOf(person, tick, isLate, hasCall);
  const says = [kind, text, isOpen, person.name, person.form, person.medical].join("\n");
  if (known?.says === says) return known.row;
  const isSame = known?.about === `${person.name}\n${person.form}\n${person.medical}`;
  const row = isSame ? known.row : makeRow(person);
  row.className = kind;
  const button = row.querySelector("[data-tick]");
  button.setAttribute("aria-pressed", String(isHere(tick)));
  button.disabled = !isOpen;
  row.querySelector("[data-state]").textContent = text;
  row.querySelector("[data-back]").hidden = !(isOpen && isHere(tick));
  rows.set(person.id, { row, says, about: `${person.name}\n${person.form}\n${person.medical}` });
  return row;
}

export function drawRows(view, result, call, isLate) {
  const of = { hasCall: Boolean(call), isOpen: Boolean(call) && !call.ended_at };
  const all = chosen(view, result);
  const list = all.slice(0, view.rows);
  const found = list.map((person) => drawRow(person, result.get(person.id), isLate, of));
  if (found.length !== drawn.length || found.some((row, place) => row !== drawn[place])) {
    const focused = document.activeElement;
    part("rows").replaceChildren(...found);
    if (focused?.isConnected && focused !== document.activeElement) focused.focus({ preventScroll: true });
    drawn = found;
  }
  show("more-rows", all.length > list.length);
  if (all.length > list.length) write("more-rows", words("more", { count: all.length - list.length, shown: number(all.length - list.length) }));
  show("no-rows", !found.length);
  write("no-rows", view.search.trim() ? words("none-found") : view.isOnlyMissing && call ? words("none-missing") : words("nobody-here"));
}

// --- points

export function drawPoints(view, points, result, call, isLate) {
  const all = [[EVERYWHERE, words("everywhere")], ...points.map(({ id, name }) => [id ?? NOWHERE, name])];
  const list = part("points");
  const shown = all.filter(([id]) => id !== NOWHERE || view.people.some((person) => pointOf(person) === NOWHERE));
  if (list.children.length !== shown.length || shown.some(([id], place) => list.children[place].firstElementChild.value !== id)) {
    list.replaceChildren(
      ...shown.map(([id, name]) => {
        const item = made("point");
        item.firstElementChild.value = id;
        item.querySelector("[data-point-name]").textContent = name;
        return item;
      }),
    );
  }
  shown.forEach(([id], place) => {
    const button = list.children[place].firstElementChild;
    const { here, expected, missing } = count(view.people.filter((person) => id === EVERYWHERE || pointOf(person) === id), result);
    const text = call ? words("point-count", { here: number(here), expected: number(expected) }) : words("point-expected", { expected: number(expected) });
    const span = button.querySelector("[data-point-count]");
    if (span.textContent !== text) span.textContent = text;
    button.setAttribute("aria-pressed", String(!view.search.trim() && id === view.point));
    button.classList.toggle("red", Boolean(call) && isLate && missing > 0);
    button.classList.toggle("whole", Boolean(call) && missing === 0 && expected > 0);
  });
}

// --- the roll call

export function drawCall(view, call, result, isLate) {
  root.dataset.kind = call?.kind ?? "";
  show("call", Boolean(call));
  if (!call) return;
  part("call").className = `call ${call.kind}${call.ended_at ? " ended" : ""}`;
  write("call-kind", words(`kind-${call.kind}`));
  const begun = { time: clockOf(call.started_at), who: call.by || words("another-phone") };
  write("call-begun", call.ended_at ? words("ended-at", { ...begun, end: clockOf(call.ended_at) }) : words("begun-at", begun));
  const { here, expected, missing, found } = count(view.people, result);
  write("call-count", words("counted", { here: number(here), expected: number(expected) }));
  write("call-missing", missing ? words("missing", { count: missing, shown: number(missing) }) : words("all-here"));
  part("call-missing").classList.toggle("red", isLate && missing > 0);
  show("call-found", found > 0);
  write("call-found", found ? words("found", { count: found }) : "");
  show("ask-end", !call.ended_at);
}

// Takes off the page, and out of its memory, what names people; what is hidden is there still for who looks for it.
export function eraseDrawn() {
  rows.clear();
  drawn = [];
  part("rows").replaceChildren();
  write("undo-text", "");
}

export function drawAll({ view, held, call, result, nowMs }) {
  const running = call && !call.ended_at ? call : null;
  const isLate = isRed(held, running, nowMs);
  const shown = { ...view, people: held.people };
  drawCall(shown, call, result, isLate);
  drawPoints(shown, held.points, result, call, isLate);
  drawRows(shown, result, call, isLate);
}
