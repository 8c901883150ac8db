// The picture of the objects around one. What it says is foreign text: it is drawn on a canvas, or set as text, and never made markup of.
"use strict";
(() => {
  const place = document.getElementById("graph");
  if (!place || !window.cytoscape) return;
  const chosen = document.getElementById("graph-chosen");
  const css = getComputedStyle(document.documentElement);
  const colour = (name) => css.getPropertyValue(name).trim(); // as the reader's system has them now
  const shapes = {
    indicator: "diamond", malware: "hexagon", tool: "hexagon", "threat-actor": "triangle", "intrusion-set": "triangle", campaign: "triangle",
    identity: "round-rectangle", report: "rectangle", note: "tag", opinion: "tag", sighting: "star", vulnerability: "vee", infrastructure: "pentagon",
    "marking-definition": "octagon",
  };
  const label = (n) => n.kind + "\n" + (n.label || n.id.slice(n.id.indexOf("--") + 2).slice(0, 8) + "…");
  const font = getComputedStyle(document.body).fontFamily;
  const style = () => [
    { selector: "node", style: { label: "data(name)", shape: "data(shape)", width: 26, height: 26, "font-size": 10, "font-family": font, "text-wrap": "wrap", "text-max-width": 110, "text-valign": "bottom", "text-margin-y": 4, color: colour("--ink"), "background-color": colour("--quiet"), "border-width": 1, "border-color": colour("--line"), "text-background-color": colour("--card"), "text-background-opacity": 0.75 } },
    { selector: "node[!here]", style: { "background-opacity": 0.25, "border-style": "dashed", "border-color": colour("--quiet") } },
    { selector: "node.centre", style: { "background-color": colour("--accent"), width: 38, height: 38, "font-weight": "bold" } },
    { selector: "node:selected", style: { "border-width": 4, "border-color": colour("--focus") } },
    { selector: "edge", style: { label: "data(name)", width: 1.5, "curve-style": "bezier", "target-arrow-shape": "triangle", "arrow-scale": 0.9, "line-color": colour("--line"), "target-arrow-color": colour("--quiet"), "font-size": 9, "font-family": font, color: colour("--quiet"), "text-rotation": "autorotate", "text-background-color": colour("--card"), "text-background-opacity": 0.9 } },
  ];
  const draw = (data) => {
    const elements = data.nodes.map((n) => ({ data: { id: n.id, name: label(n), shape: shapes[n.type] || "ellipse", here: n.here }, classes: n.id === place.dataset.centre ? "centre" : "" }));
    data.edges.forEach((e, i) => elements.push({ data: { id: "edge-" + i, source: e.from, target: e.to, name: e.label } }));
    const graph = cytoscape({
      container: place, elements, wheelSensitivity: 0.3, minZoom: 0.2, maxZoom: 3,
      style: style(),
      layout: elements.length > 60
        ? { name: "concentric", animate: false, minNodeSpacing: 30, concentric: (n) => (n.hasClass("centre") ? 10 : n.degree()), levelWidth: () => 2 }
        : { name: "cose", animate: false, nodeRepulsion: () => 60000, idealEdgeLength: () => 110, nodeOverlap: 20, randomize: true },
    });
    graph.on("tap", "node", (e) => {
      const n = e.target;
      chosen.replaceChildren();
      const name = document.createElement("b");
      name.textContent = n.data("name").replace("\n", " ");
      chosen.append(name);
      if (!n.data("here")) return;
      for (const [text, tail] of [[chosen.dataset.open, ""], [chosen.dataset.centre, "?view=graph"]]) {
        const link = document.createElement("a");
        link.href = "/objects/" + encodeURIComponent(n.id()) + tail;
        link.textContent = text;
        chosen.append(" ", link);
      }
    });
    const fit = () => { graph.resize(); graph.fit(undefined, 30); };
    let later;
    addEventListener("resize", () => { clearTimeout(later); later = setTimeout(fit, 100); });
    matchMedia("(prefers-color-scheme: dark)").addEventListener("change", () => graph.style(style()));
    graph.on("layoutstop", () => { place.dataset.drawn = String(data.nodes.length); fit(); });
    fit();
    place.dataset.drawn = String(data.nodes.length);
  };
  fetch(place.dataset.from, { headers: { Accept: "application/json" } })
    .then((r) => (r.ok ? r.json() : Promise.reject(new Error(String(r.status)))))
    .then(draw)
    .catch(() => { chosen.textContent = chosen.dataset.failed; });
})();
