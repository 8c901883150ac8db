// What the author's pages need beyond HTML and htmx: counts that follow the boxes, keys for long lists, a filter, and a memory of what was typed
// that lives in this tab alone. Without it everything works by buttons. Nothing here makes markup of text.
"use strict";
(() => {
  if (document.querySelector("[data-done]")) { // what was submitted is kept no longer
    try {
      for (const key of Object.keys(sessionStorage)) if (key.startsWith("keep ")) sessionStorage.removeItem(key);
    } catch { /* a browser without such a memory */ }
  }
  const form = document.querySelector("form[data-keep]");
  if (!form) return;
  for (const button of form.querySelectorAll("[data-no-script]")) button.hidden = true;
  const all = (css, within = form) => [...within.querySelectorAll(css)];
  const number = (n) => String(n).replace(/\B(?=(\d{3})+$)/g, ",");

  // Counts, of each kind and of all.
  const count = () => {
    let total = 0;
    for (const kind of all("[data-kind]")) {
      const rest = kind.querySelector("input[name=rest]:checked");
      const n = all("input[name=on]:checked", kind).length + (rest ? Number(rest.dataset.worth) : 0);
      for (const b of all(`[data-count="${kind.dataset.kind}"]`)) b.textContent = number(n);
      total += n;
    }
    for (const b of all("[data-total]")) b.textContent = number(total);
  };
  const changed = () => form.dispatchEvent(new Event("change", { bubbles: true }));

  // All and none of a kind; what the filter hides stays as it is.
  form.addEventListener("click", (e) => {
    const button = e.target.closest("button[name=all], button[name=none]");
    if (!button) return;
    e.preventDefault();
    const on = button.name === "all";
    const kind = button.closest("[data-kind]");
    for (const box of all("input[type=checkbox]", kind)) if (!box.closest("[hidden]")) box.checked = on;
    changed();
  });

  // The list is one stop of the tab key; within it arrows go up and down, Home and End to its ends; shift takes what lies between along.
  const boxes = all("input[name=on]");
  const shown = () => boxes.filter((b) => !b.closest("[hidden]"));
  let at = null;
  const stop = (box) => {
    if (at) at.tabIndex = -1;
    at = box;
    if (at) at.tabIndex = 0;
  };
  const go = (box) => {
    stop(box);
    box.focus({ preventScroll: true });
    box.closest("li").scrollIntoView({ block: "nearest" });
  };
  for (const box of boxes) box.tabIndex = -1;
  if (boxes.length) stop(boxes[0]);
  let last = null;
  form.addEventListener("click", (e) => {
    const box = e.target;
    if (box.name !== "on") return;
    if (e.shiftKey && last && last !== box) {
      const list = shown();
      const [from, to] = [list.indexOf(last), list.indexOf(box)].sort((a, b) => a - b);
      if (from >= 0) for (const b of list.slice(from, to + 1)) b.checked = box.checked;
    }
    last = box;
    stop(box);
  });
  form.addEventListener("focusin", (e) => { if (e.target.name === "on") stop(e.target); });
  form.addEventListener("keydown", (e) => {
    if (e.target.name !== "on" || e.ctrlKey || e.metaKey || e.altKey) return;
    const list = shown();
    const i = list.indexOf(e.target);
    const to = { ArrowDown: list[i + 1], ArrowUp: list[i - 1], j: list[i + 1], k: list[i - 1], Home: list[0], End: list[list.length - 1] }[e.key];
    if (!to) {
      if (e.key.startsWith("Arrow")) e.preventDefault();
      return;
    }
    e.preventDefault();
    if (e.shiftKey) { to.checked = e.target.checked; changed(); }
    last = to;
    go(to);
  });
  for (const hint of all("[data-keys]")) hint.hidden = boxes.length === 0;

  // The filter shows the rows in which all of its words stand.
  const filter = form.querySelector("[data-filter]");
  if (filter) {
    filter.hidden = boxes.length < 8;
    filter.addEventListener("input", () => {
      const words = filter.value.toLowerCase().split(/\s+/).filter(Boolean);
      for (const li of all("[data-kind] li")) {
        const text = li.textContent.toLowerCase();
        li.hidden = !words.every((w) => text.includes(w));
      }
      for (const kind of all("[data-kind]")) kind.classList.toggle("nothing", !kind.querySelector("li:not([hidden])"));
    });
    filter.addEventListener("keydown", (e) => {
      if (e.key === "Enter") e.preventDefault();
      if (e.key === "Escape" && filter.value) { filter.value = ""; filter.dispatchEvent(new Event("input")); e.preventDefault(); }
      if (e.key === "ArrowDown" && shown().length) { e.preventDefault(); go(shown()[0]); }
    });
  }

  // What was typed is kept in this tab until it is submitted or somebody signs out, so that a reload loses nothing. There is one memory for each
  // step; the first step takes the newer of both, for the text is in both.
  const fresh = "fresh" in form.dataset;
  const mine = "keep " + form.dataset.keep + " ";
  const place = (step) => mine + step + " " + location.pathname + location.search;
  const listed = (form.elements.seen || {}).value || "";
  const stamp = form.dataset.stamp || ""; // what the form is about: another version of an object is another form
  const kept = (el) => el.name && el.type !== "submit" && el.type !== "button" && el.type !== "search" && (el.type !== "hidden" || el.name === "key");
  const boxed = (el) => el.type === "checkbox" || el.type === "radio";
  const read = () => {
    const fields = [...form.elements].filter((el) => kept(el) && (!boxed(el) || el.checked)).map((el) => [el.name, el.value]);
    return { listed, fields, stamp, time: Date.now() };
  };
  const write = (memory) => {
    const values = new Map();
    for (const [name, value] of memory.fields) values.set(name, (values.get(name) || []).concat([value]));
    for (const el of form.elements) {
      if (!kept(el)) continue;
      const v = values.get(el.name);
      if (boxed(el)) el.checked = Boolean(v && v.includes(el.value));
      else if (v && v.length) el.value = v.shift();
    }
  };
  let forget = false;
  const keep = () => {
    if (forget) return;
    try { sessionStorage.setItem(place(fresh ? 1 : 2), JSON.stringify(read())); } catch { /* it does not fit: then it is not kept */ }
  };
  const recall = (step) => JSON.parse(sessionStorage.getItem(place(step)) || "null");
  try {
    for (const key of Object.keys(sessionStorage)) if (key.startsWith("keep ") && !key.startsWith(mine)) sessionStorage.removeItem(key); // somebody else's
    const note = form.querySelector("[data-restored]");
    const before = JSON.stringify(read().fields.filter(([name]) => name !== "key"));
    const memory = fresh ? [recall(1), recall(2)].filter(Boolean).sort((a, b) => b.time - a.time)[0] : recall(2);
    if (memory && (fresh ? !form.elements.text.value : memory.stamp === stamp && memory.listed === listed)) write(memory);
    if (note) note.hidden = before === JSON.stringify(read().fields.filter(([name]) => name !== "key"));
    if (note) note.querySelector("button").addEventListener("click", () => {
      for (const key of Object.keys(sessionStorage)) if (key.startsWith(mine)) sessionStorage.removeItem(key);
      forget = true;
      location.assign(location.pathname + location.search);
    });
  } catch { /* a browser without such a memory */ }
  let timer = 0;
  form.addEventListener("input", () => { clearTimeout(timer); timer = setTimeout(keep, 300); });
  form.addEventListener("change", () => { count(); keep(); });
  document.addEventListener("submit", (e) => { if (e.target.getAttribute("action") === "/sign-out") forget = true; });
  window.addEventListener("pagehide", keep);
  count();
})();
