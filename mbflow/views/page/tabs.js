// Tabs: one panel is seen at a time; arrow keys go from tab to tab.

import { element } from "./elements.js";

let made = 0;

// `parts`: [{name, text, panel}]. Gives the element, and `open(name)`.
export function tabs(parts, label) {
  made += 1;
  const id = (part, kind) => `tab${made}-${part.name}-${kind}`;
  const buttons = parts.map((part) =>
    element(
      "button",
      { type: "button", role: "tab", id: id(part, "tab"), "aria-controls": id(part, "panel"), onclick: () => open(part.name) },
      part.text,
    ),
  );
  const panels = parts.map((part) =>
    element("div", { role: "tabpanel", id: id(part, "panel"), "aria-labelledby": id(part, "tab"), tabindex: "0" }, part.panel),
  );
  const open = (name) => {
    parts.forEach((part, number) => {
      const isOpen = part.name === name;
      buttons[number].setAttribute("aria-selected", String(isOpen));
      buttons[number].setAttribute("tabindex", isOpen ? "0" : "-1");
      panels[number].hidden = !isOpen;
    });
  };
  const move = (event) => {
    const by = { ArrowRight: 1, ArrowLeft: -1 }[event.key];
    if (!by) return;
    const next = (buttons.indexOf(event.target) + by + parts.length) % parts.length;
    open(parts[next].name);
    buttons[next].focus();
  };
  const bar = element("div", { role: "tablist", "aria-label": label, class: "tabs", onkeydown: move }, ...buttons);
  open(parts[0].name);
  return { element: element("div", { class: "side" }, bar, ...panels), open };
}
