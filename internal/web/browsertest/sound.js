// What every page has to have. The value is a list of what is wrong.
(() => {
  const wrong = [];
  const name = (e) => `<${e.tagName.toLowerCase()}${e.id ? " id=" + e.id : ""}${e.name ? " name=" + e.name : ""}${typeof e.className === "string" && e.className ? " class=" + e.className : ""}> ${(e.textContent || "").trim().slice(0, 40)}`;
  const seen = (e) => e.getClientRects().length > 0 && getComputedStyle(e).visibility !== "hidden";
  const all = (css) => [...document.querySelectorAll(css)].filter(seen);

  // Width: nothing sticks out, unless it stands in something that scrolls by itself.
  const width = document.documentElement.clientWidth;
  if (document.documentElement.scrollWidth > width) {
    wrong.push(`the page is ${document.documentElement.scrollWidth} wide in a window of ${width}`);
    for (const e of all("main *, header *, footer *")) {
      const box = e.getBoundingClientRect();
      if (box.right > width + 1 && !e.closest(".scroll, pre")) { wrong.push(`sticks out to ${Math.round(box.right)}: ${name(e)}`); break; }
    }
  }
  for (const e of all("main *")) { // text that runs out of its box
    const style = getComputedStyle(e);
    if (style.overflowX === "visible" && style.display !== "inline" && e.scrollWidth > e.clientWidth + 1 && e.clientWidth > 0 && !e.closest("svg, .scroll, table"))
      wrong.push(`its content runs out of it by ${e.scrollWidth - e.clientWidth}: ${name(e)}`);
  }

  // Names for a screen reader.
  if (!document.documentElement.lang) wrong.push("the page names no language");
  if (!document.title) wrong.push("the page has no title");
  const heads = all("h1");
  if (heads.length !== 1) wrong.push(`${heads.length} headings of the first rank`);
  for (const e of all("input:not([type=hidden]), select, textarea"))
    if (!(e.labels && [...e.labels].some((l) => l.textContent.trim())) && !e.getAttribute("aria-label") && !e.getAttribute("aria-labelledby")) wrong.push("a field has no name: " + name(e));
  for (const e of all("button, a[href]"))
    if (!e.textContent.trim() && !e.getAttribute("aria-label") && !e.querySelector("img[alt]:not([alt=''])")) wrong.push("nobody knows what this is for: " + name(e));
  for (const e of all("img")) if (!e.hasAttribute("alt")) wrong.push("a picture without words: " + name(e));
  for (const e of all("svg")) if (!e.closest("[aria-hidden=true]") && !e.getAttribute("aria-label") && e.getAttribute("role") !== "presentation") wrong.push("a picture without words: " + name(e));
  const ids = new Set();
  for (const e of document.querySelectorAll("[id]")) { if (ids.has(e.id)) wrong.push("an id twice: " + e.id); ids.add(e.id); }
  for (const e of document.querySelectorAll("[style], [onclick], script:not([src])")) if (!e.closest(".graph")) wrong.push("inline: " + name(e));

  // Contrast: 4.5 to 1, 3 to 1 for what is large (WCAG 2.2, AA). What cannot be used is left out.
  const canvas = document.createElement("canvas").getContext("2d", { willReadFrequently: true });
  const known = new Map(); // reading a canvas takes long
  const rgba = (colour) => {
    if (!known.has(colour)) { canvas.clearRect(0, 0, 1, 1); canvas.fillStyle = colour; canvas.fillRect(0, 0, 1, 1); known.set(colour, [...canvas.getImageData(0, 0, 1, 1).data]); }
    return known.get(colour);
  };
  const light = ([r, g, b]) => [r, g, b].map((v) => v / 255).map((v) => v <= 0.04045 ? v / 12.92 : ((v + 0.055) / 1.055) ** 2.4).reduce((sum, v, i) => sum + v * [0.2126, 0.7152, 0.0722][i], 0);
  const behind = (e) => {
    for (; e; e = e.parentElement) { const c = rgba(getComputedStyle(e).backgroundColor); if (c[3] === 255) return c; }
    return rgba("canvas");
  };
  const said = new Set();
  const words = document.createTreeWalker(document.body, NodeFilter.SHOW_TEXT);
  for (let n = words.nextNode(); n; n = words.nextNode()) {
    const e = n.parentElement;
    if (!n.textContent.trim() || !seen(e) || e.closest("svg, [disabled], .skip, script, style, option")) continue;
    const style = getComputedStyle(e), size = parseFloat(style.fontSize), bold = parseInt(style.fontWeight) >= 700;
    const [a, b] = [light(rgba(style.color)), light(behind(e))];
    const ratio = (Math.max(a, b) + 0.05) / (Math.min(a, b) + 0.05), least = size >= 24 || bold && size >= 18.66 ? 3 : 4.5;
    const text = `contrast ${ratio.toFixed(2)}, not ${least}: ${style.color}`;
    if (ratio < least && !said.has(text)) { said.add(text); wrong.push(`${text} in ${name(e)}`); }
  }
  return wrong;
})()
