// Looks again every few seconds, changes only the parts that changed, and marks the numbers that did.
"use strict";

const live = document.querySelector("[data-again]");
const lost = document.querySelector(".lost");

function texts(part) {
  return new Map([...part.querySelectorAll("[data-key]")].map((cell) => [cell.dataset.key, cell.textContent]));
}

function put(part, next) {
  if (part.innerHTML === next.innerHTML) return;
  const before = texts(part);
  const open = [...part.querySelectorAll("details[open]")].map((each) => each.id);
  const focused = part.contains(document.activeElement)
    ? [...part.querySelectorAll("a, summary")].indexOf(document.activeElement)
    : -1;
  part.replaceChildren(...next.childNodes);
  for (const id of open) part.querySelector("#" + id)?.setAttribute("open", "");
  if (focused >= 0) part.querySelectorAll("a, summary")[focused]?.focus({ preventScroll: true });
  for (const cell of part.querySelectorAll("[data-key]")) {
    const was = before.get(cell.dataset.key);
    if (was !== undefined && was !== cell.textContent) cell.classList.add("changed");
  }
}

function selecting() {
  const selection = getSelection();
  return !selection.isCollapsed && live.contains(selection.anchorNode);
}

async function look() {
  const answer = await fetch(live.dataset.again, { cache: "no-store" });
  if (!answer.ok) throw new Error(answer.statusText);
  const next = new DOMParser().parseFromString(await answer.text(), "text/html");
  for (const each of next.querySelectorAll("[data-part]")) {
    const part = live.querySelector(`[data-part="${each.dataset.part}"]`);
    if (part) put(part, each);
  }
  return next.querySelector("[data-ended]") !== null;
}

async function again() {
  let ended = false;
  try {
    if (!document.hidden && !selecting()) {
      ended = await look();
      lost.hidden = true;
    }
  } catch {
    lost.hidden = false;
  }
  if (!ended) setTimeout(again, Number(live.dataset.every));
}

if (live) setTimeout(again, Number(live.dataset.every));
