// The list of flows, by folder, with a search that looks into titles, numbers and texts, too.

import { element, flowAddress, plural } from "./elements.js";

export class FlowList {
  constructor(page) {
    this.page = page;
    this.search = element("input", {
      type: "search", id: "search", oninput: () => this.filter(),
    });
    this.count = element("p", { class: "note", role: "status" }, "");
    this.items = page.flows.map((flow) => this.item(flow));
    this.folders = this.byFolder();
    this.details = element(
      "details",
      { open: true },
      element("summary", {}, "Call flows"),
      element("label", { for: "search" }, "Search names, numbers, texts"),
      this.search,
      this.count,
      element("ul", { class: "folders" }, ...this.folders.map((folder) => folder.element)),
    );
    this.filter();
  }

  item(flow) {
    const failed = (flow.before === undefined ? flow.calls || [] : []).filter((call) => !call.passed).length;
    const marks = [
      flow.change ? mark(flow.hazards.length ? "bad" : "", `${flow.change}${flow.hazards.length ? ", hazards" : ""}`) : "",
      flow.is_broken ? mark("bad", "has errors") : "",
      failed ? mark("bad", `${failed} failed`) : "",
      flow.problems.length ? mark("warn", plural(flow.problems.length, "finding")) : "",
      flow.coverage?.branches ? mark("", share(flow.coverage)) : "",
    ];
    const link = element(
      "a",
      { href: flowAddress(flow.name) },
      element("span", { class: "title", dir: "auto" }, flow.title || flow.name),
      element("span", { class: "name" }, flow.name),
      ...(flow.numbers || []).map((number) => element("span", { class: "name" }, `☎ ${number}`)),
      element("span", { class: "marks" }, ...marks),
    );
    const words = [flow.name, flow.title, ...(flow.numbers || []), ...stepsOf(flow).map((step) => step.words)];
    return { flow, link, text: words.join("\n").toLocaleLowerCase(), element: element("li", {}, link) };
  }

  byFolder() {
    const folders = new Map();
    for (const one of this.items) {
      const at = one.flow.name.lastIndexOf("/");
      const name = at < 0 ? "" : one.flow.name.slice(0, at);
      if (!folders.has(name)) folders.set(name, []);
      folders.get(name).push(one);
    }
    return [...folders].map(([name, items]) => ({
      items,
      element: element(
        "li",
        {},
        name ? element("h2", {}, `${name}/`) : "",
        element("ul", {}, ...items.map((one) => one.element)),
      ),
    }));
  }

  filter() {
    const words = this.search.value.toLocaleLowerCase().split(/\s+/).filter(Boolean);
    let found = 0;
    for (const folder of this.folders) {
      let any = false;
      for (const one of folder.items) {
        const fits = words.every((word) => one.text.includes(word));
        one.element.hidden = !fits;
        any ||= fits;
        found += fits ? 1 : 0;
      }
      folder.element.hidden = !any;
    }
    this.count.textContent = words.length ? `${found} of ${plural(this.items.length, "flow")}` : plural(this.items.length, "flow");
  }

  mark(flow) {
    for (const one of this.items) {
      if (one.flow === flow) one.link.setAttribute("aria-current", "page");
      else one.link.removeAttribute("aria-current");
    }
    // On a small screen the list stands above the flow: it makes room for what was chosen.
    if (window.matchMedia("(max-width: 800px)").matches) this.details.open = !flow;
  }
}

function stepsOf(flow) {
  return [flow, flow.before, flow.after].flatMap((side) => side?.steps || []);
}

function mark(kind, text) {
  return element("span", { class: `badge ${kind}` }, text);
}

function share({ covered, branches }) {
  return `${Math.floor((100 * covered) / branches)} % covered`;
}
