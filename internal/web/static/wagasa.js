// What pages need beyond HTML and htmx: the stream of changes, and keys. Nothing here makes markup of text.
"use strict";
(() => {
  const body = document.body;
  const mark = document.getElementById("live");
  const tell = (on) => {
    if (!mark) return;
    mark.classList.toggle("on", on);
    mark.textContent = on ? mark.dataset.liveYes : mark.dataset.liveNo;
  };
  if (body.dataset.live && window.EventSource) {
    const stream = new EventSource(body.dataset.live);
    tell(false);
    stream.addEventListener("open", () => tell(true));
    stream.addEventListener("error", () => tell(false));
    let waiting = false;
    stream.addEventListener("changed", () => {
      if (waiting || document.hidden) { stream.stale = true; return; }
      waiting = true; // at most one look a second
      setTimeout(() => { waiting = false; htmx.trigger(body, "changed"); }, 300);
    });
    document.addEventListener("visibilitychange", () => {
      if (!document.hidden && stream.stale) { stream.stale = false; htmx.trigger(body, "changed"); }
    });
    window.addEventListener("pagehide", () => stream.close());
  }
  // What forms keep in this tab (see writing.js) ends when somebody signs out.
  document.addEventListener("submit", (e) => {
    if (e.target.getAttribute("action") === "/sign-out") try { sessionStorage.clear(); } catch { /* a browser without such a memory */ }
  });
  // Keys: / goes to the search field; g and a letter goes to a page of the menu.
  let go = false;
  document.addEventListener("keydown", (e) => {
    if (e.ctrlKey || e.metaKey || e.altKey || e.target.closest("input, textarea, select")) return;
    if (e.key === "/") {
      const field = document.querySelector("input[type=search]");
      if (field) { field.focus(); e.preventDefault(); }
    } else if (go && e.key >= "1" && e.key <= "9") {
      const link = document.querySelectorAll("nav a")[e.key - 1];
      if (link) link.click();
    }
    go = e.key === "g";
  });
})();
