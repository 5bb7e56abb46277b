// The drawing of a flow: laid out from top to bottom by dagre, with shapes of our own.

import { boxOf, textWidth, LINE } from "./boxes.js";
import { element, plural, shape } from "./elements.js";

const LABEL = "600 13px system-ui, sans-serif";
const MARGIN = 16;

export class Drawing {
  // `choose` is told the steps of a box that somebody chose.
  constructor(flow, choose) {
    this.flow = flow;
    this.choose = choose;
    this.nodes = new Map();
    this.edges = [];
    this.byStep = new Map();
    this.scale = 1;
    for (const node of flow.drawing.nodes) for (const step of node.steps) this.byStep.set(step, node.id);
    this.graph = this.layOut();
    const { width, height } = this.graph.graph();
    this.size = { width: width + 2 * MARGIN, height: height + 2 * MARGIN };
    this.svg = shape("svg", {
      role: "group",
      "aria-label": `Drawing of ${flow.name}. Arrow keys go from box to box.`,
      viewBox: `${-MARGIN} ${-MARGIN} ${this.size.width} ${this.size.height}`,
      onkeydown: (event) => this.walk(event),
    });
    this.svg.append(arrowHead());
    flow.drawing.edges.forEach((edge, number) => this.drawEdge(edge, number));
    for (const node of flow.drawing.nodes) this.drawNode(node);
    this.frame = element("div", { class: "frame", role: "region", tabindex: "0", "aria-label": "Drawing" }, this.svg);
    this.zoom(window.innerWidth >= 2200 ? 1.4 : 1);
  }

  layOut() {
    const graph = new dagre.graphlib.Graph({ multigraph: true });
    graph.setGraph({ rankdir: "TB", nodesep: 16, ranksep: 32, edgesep: 14 });
    graph.setDefaultEdgeLabel(() => ({}));
    // dagre sets what it is told last to the left: told backwards, key 1 stands before key 2.
    for (const node of this.flow.drawing.nodes.toReversed()) {
      graph.setNode(node.id, boxOf(node, this.count(node), this.problems(node), this.marks(node)));
    }
    this.flow.drawing.edges.map((edge, number) => [edge, number]).toReversed().forEach(([edge, number]) => {
      const width = edge.label ? Math.ceil(textWidth(edge.label, LABEL)) + 14 : 0;
      const size = { width, height: edge.label ? 22 : 0, labelpos: "c" };
      graph.setEdge(edge.from, edge.to, size, String(number));
    });
    dagre.layout(graph);
    return graph;
  }

  // In how many calls of the call files; null where there are none.
  count(node) {
    const coverage = this.flow.coverage;
    if (!coverage || !this.flow.calls.length) return null;
    return Math.max(0, ...node.steps.map((step) => coverage.steps[step] || 0));
  }

  heat(count) {
    if (count === null) return "";
    return `heat${count && 1 + Math.floor((3 * (count - 1)) / Math.max(1, this.flow.calls.length - 1))}`;
  }

  // What a plan does to the steps of the box.
  marks(node) {
    return [...new Set(node.steps.map((step) => this.flow.marks?.[step]).filter(Boolean))];
  }

  problems(node) {
    return this.flow.problems.filter((one) => node.steps.includes(one.step));
  }

  drawNode(node) {
    const at = this.graph.node(node.id);
    const left = at.x - at.width / 2;
    const top = at.y - at.height / 2;
    const round = ["hangup", "talk", "end", "start"].includes(node.kind) ? 16 : 4;
    const group = shape("g", {
      class: `node ${node.kind} ${node.steps.length ? this.heat(this.count(node)) : ""} ${this.marks(node).join(" ")}`,
      role: "button",
      tabindex: this.nodes.size ? "-1" : "0",
      "aria-label": this.told(node, at.lines),
      "data-node": node.id,
      onclick: () => this.chosen(node),
      onfocus: () => this.stop(node.id),
    });
    group.append(
      shape("rect", { x: left, y: top, width: at.width, height: at.height, rx: round }),
      ...at.lines.map((line, number) =>
        shape("text", { class: line.kind, x: left + 12, y: top + 20 + number * LINE }, `${line.text} `),
      ),
    );
    if (node.kind === "transfer" || node.kind === "menu") {
      group.append(shape("path", { class: "stripe", d: `M${left + 4} ${top + 4}v${at.height - 8}` }));
    }
    this.nodes.set(node.id, { node, group, at });
    this.svg.append(group);
  }

  drawEdge(edge, number) {
    const at = this.graph.edge(edge.from, edge.to, String(number));
    const coverage = this.flow.coverage && this.flow.calls.length ? this.flow.coverage.edges : null;
    const count = coverage && edge.from !== "start" ? coverage[number] || 0 : null;
    const group = shape("g", { class: `edge ${this.heat(count)}`, "aria-hidden": "true" });
    group.append(shape("path", { d: curve(at.points), "marker-end": "url(#arrow)" }));
    if (edge.label) {
      const { x, y, width, height } = at;
      group.append(
        shape("rect", { x: x - width / 2, y: y - height / 2, width, height, rx: 11 }),
        shape("text", { x, y: y + 4.5, "text-anchor": "middle" }, edge.label),
      );
    }
    this.edges.push({ edge, group });
    this.svg.append(group);
  }

  // What a screen reader says of a box, and where it leads.
  told(node, lines) {
    const leads = this.flow.drawing.edges
      .filter((edge) => edge.from === node.id)
      .map((edge) => `${edge.label || "then"}: ${this.name(edge.to)}`);
    const text = lines.map((line) => line.text).join(" ");
    return leads.length ? `${text}. Leads on. ${leads.join("; ")}` : text;
  }

  name(id) {
    const node = this.flow.drawing.nodes.find((one) => one.id === id);
    return node.steps.length ? `step ${node.steps[0] + 1}` : node.text || "the call";
  }

  chosen(node) {
    for (const one of this.nodes.values()) one.group.classList.toggle("chosen", one.node === node);
    this.choose(node.steps);
  }

  // One box is reached by Tab, the others by arrow keys.
  stop(id) {
    for (const [name, one] of this.nodes) one.group.setAttribute("tabindex", name === id ? "0" : "-1");
  }

  walk(event) {
    const group = event.target.closest("[data-node]");
    if (!group) return;
    const id = group.dataset.node;
    if (event.key === "Enter" || event.key === " ") {
      event.preventDefault();
      this.chosen(this.nodes.get(id).node);
      return;
    }
    const to = this.neighbour(id, event.key);
    if (!to) return;
    event.preventDefault();
    this.nodes.get(to).group.focus();
    this.bringIntoView(to);
  }

  neighbour(id, key) {
    const edges = this.flow.drawing.edges;
    const here = this.nodes.get(id).at;
    if (key === "ArrowDown") return edges.find((edge) => edge.from === id)?.to;
    if (key === "ArrowUp") return edges.find((edge) => edge.to === id)?.from;
    const side = { ArrowRight: 1, ArrowLeft: -1 }[key];
    if (!side) return null;
    const others = [...this.nodes].filter(([, one]) => (one.at.x - here.x) * side > 0);
    const far = ([, one]) => Math.abs(one.at.x - here.x) + 3 * Math.abs(one.at.y - here.y);
    return others.sort((one, other) => far(one) - far(other))[0]?.[0];
  }

  // Light the way of a call: numbers of edges that it went, and the step where it stands.
  show(edges, step, isHere = true) {
    const gone = new Set(edges);
    const passed = new Set(["start"]);
    this.edges.forEach(({ edge, group }, number) => {
      const isGone = gone.has(number) || (edge.from === "start" && this.edges.filter((one) => one.edge.from === "start").length === 1);
      group.classList.toggle("gone", isGone);
      if (isGone) passed.add(edge.to);
    });
    const here = isHere ? this.byStep.get(step) : undefined;
    for (const [id, one] of this.nodes) {
      one.group.classList.toggle("gone", passed.has(id));
      one.group.classList.toggle("here", id === here);
    }
    this.svg.classList.add("played");
    if (here) this.bringIntoView(here);
  }

  clear() {
    this.svg.classList.remove("played");
    for (const one of [...this.nodes.values(), ...this.edges]) one.group.classList.remove("gone", "here");
  }

  // Scrolls the frame and never the page: whoever presses Play looks at the button.
  bringIntoView(id) {
    const { at } = this.nodes.get(id);
    const { clientWidth, clientHeight, scrollLeft, scrollTop } = this.frame;
    const x = (at.x + MARGIN) * this.scale;
    const y = (at.y + MARGIN) * this.scale;
    const half = { x: (at.width / 2) * this.scale + 8, y: (at.height / 2) * this.scale + 8 };
    const isIn =
      x - half.x >= scrollLeft && x + half.x <= scrollLeft + clientWidth &&
      y - half.y >= scrollTop && y + half.y <= scrollTop + clientHeight;
    if (!isIn) this.frame.scrollTo({ left: x - clientWidth / 2, top: y - clientHeight / 2 });
  }

  // The way that is lit: in the middle, or as much of it from its beginning on as there is room for.
  bringWayIntoView() {
    const lit = [...this.nodes.values()].filter((one) => one.group.classList.contains("gone")).map((one) => one.at);
    const left = (Math.min(...lit.map((at) => at.x - at.width / 2)) + MARGIN - 8) * this.scale;
    const right = (Math.max(...lit.map((at) => at.x + at.width / 2)) + MARGIN + 8) * this.scale;
    const first = this.firstBox();
    const room = this.frame.clientWidth;
    const begins = { left: (first.x - first.width / 2 + MARGIN - 8) * this.scale, right: (first.x + first.width / 2 + MARGIN + 8) * this.scale };
    const middle = (left + right - room) / 2;
    this.frame.scrollTo({ left: Math.max(begins.right - room, Math.min(middle, begins.left)), top: 0 });
  }

  firstBox() {
    const first = this.flow.drawing.edges.find((edge) => edge.from === "start");
    return this.nodes.get(first ? first.to : "start").at;
  }

  begin() {
    const x = (this.firstBox().x + MARGIN) * this.scale;
    this.frame.scrollTo({ left: x - this.frame.clientWidth / 2, top: 0 });
    const changed = this.flow.drawing.nodes.find((node) => this.marks(node).length);
    if (changed) this.bringIntoView(changed.id);
  }

  zoom(scale) {
    this.scale = Math.min(3, Math.max(0.2, scale));
    this.svg.setAttribute("width", Math.ceil(this.size.width * this.scale));
    this.svg.setAttribute("height", Math.ceil(this.size.height * this.scale));
  }

  fit() {
    this.zoom(Math.min(1, (this.frame.clientWidth - 4) / this.size.width));
  }

  tools() {
    const button = (text, label, act) =>
      element("button", { type: "button", "aria-label": label, title: label, onclick: act }, text);
    return element(
      "div",
      { class: "tools" },
      button("−", "Smaller", () => this.zoom(this.scale / 1.25)),
      button("+", "Larger", () => this.zoom(this.scale * 1.25)),
      button("1:1", "1:1, the original size", () => this.zoom(1)),
      button("Whole", "Whole width", () => this.fit()),
      this.legend(),
    );
  }

  legend() {
    if (this.flow.marks) return "";
    const count = this.flow.calls.length;
    if (!count) return element("span", { class: "note" }, "No calls in a call file yet.");
    return element(
      "span",
      { class: "legend note" },
      ...[
        ["heat0", "no call comes here"],
        ...(count > 1 ? [["heat1", `few of ${plural(count, "call")} do`], ["heat4", "all do"]] : [["heat4", "the call does"]]),
      ].map(([heat, text]) => element("span", {}, element("span", { class: `swatch ${heat}` }), ` ${text}`)),
    );
  }
}

function arrowHead() {
  const size = { id: "arrow", viewBox: "0 0 10 10", refX: 9, refY: 5, markerWidth: 8, markerHeight: 8 };
  const head = shape("marker", { ...size, markerUnits: "userSpaceOnUse", orient: "auto" });
  head.append(shape("path", { d: "M0 0L10 5L0 10z" }));
  return shape("defs", {}, head);
}

// Through the points in straight lines with rounded corners.
function curve(points) {
  const [first, ...rest] = points;
  let path = `M${first.x} ${first.y}`;
  rest.forEach((point, index) => {
    const next = rest[index + 1];
    if (!next) path += `L${point.x} ${point.y}`;
    else path += `Q${point.x} ${point.y} ${(point.x + next.x) / 2} ${(point.y + next.y) / 2}`;
  });
  return path;
}
