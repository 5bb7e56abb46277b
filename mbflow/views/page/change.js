// One change of a plan: before and after side by side, the same call playable in both.

import { Calls } from "./calls.js";
import { Dial } from "./dial.js";
import { Drawing } from "./drawing.js";
import { element } from "./elements.js";
import { stepList } from "./steps.js";
import { tabs } from "./tabs.js";

const TITLES = { before: "Before: what is live", after: "After: what the files say" };

export function changeView(change, rules) {
  const sides = Object.keys(TITLES).filter((name) => change[name]).map((name) => sideOf(change[name], TITLES[name], rules));
  sides.forEach((side) => {
    side.calls.onChoose = (number) => {
      for (const other of sides) if (other !== side) other.calls.choose(other.flow.calls[number]);
    };
  });
  return {
    element: element(
      "article",
      { class: "flow" },
      changeHead(change),
      element("div", { class: `sides sides${sides.length}` }, ...sides.map((side) => side.element)),
    ),
    begin: () => sides.forEach((side) => side.drawing.begin()),
    end: () => sides.forEach((side) => {
      side.calls.stop();
      side.dial.stop();
    }),
  };
}

function sideOf(flow, title, rules) {
  const drawing = new Drawing(flow, ([step]) => {
    if (step === undefined) return;
    parts.open("steps");
    const items = [...parts.element.querySelectorAll(".steps > li")];
    items.forEach((item, number) => item.classList.toggle("chosen", number === step));
    items[step].scrollIntoView({ block: "nearest" });
  });
  const calls = new Calls(flow, drawing, "No call that differs.");
  const dial = new Dial(flow, rules, drawing);
  const parts = tabs(
    [
      { name: "calls", text: `Changed calls ${flow.calls.length}`, panel: calls.panel },
      { name: "dial", text: "Dial", panel: dial.panel },
      { name: "steps", text: `Steps ${flow.steps.length}`, panel: stepList(flow) },
    ],
    title,
  );
  const found = element(
    "section", { "aria-label": title },
    element("h2", {}, title), drawing.tools(), drawing.frame, parts.element,
  );
  return { flow, drawing, calls, dial, element: found };
}

function changeHead(change) {
  const was = change.was ? ` (was ${change.was})` : "";
  return element(
    "header",
    {},
    element("h1", { dir: "auto" }, change.title || change.name),
    element("p", {}, element("strong", { class: `action ${change.change}` }, change.change), ` ${change.name}${was}`),
    change.numbers.length ? element("p", { class: "note" }, `Numbers that lead here: ${change.numbers.join(", ")}`) : "",
    ...change.hazards.map((text) => element("p", { class: "failure" }, text)),
    change.changed ? element("p", {}, change.changed) : "",
    change.lines.length
      ? element("ul", { class: "edits" }, ...change.lines.map((line) => element("li", { dir: "auto" }, line)))
      : "",
  );
}

// What stands on top of a plan: what it comes to, what could hurt, then each change.
export function planView(page, link) {
  const { plan } = page;
  const list = (title, texts, kind = "") =>
    texts.length
      ? [element("h2", {}, title), element("ul", { class: kind }, ...texts.map((text) => element("li", {}, text)))]
      : [];
  return element(
    "article",
    { class: "overview" },
    element("h1", {}, `Plan for ${plan.place}`),
    ...plan.outcome.map((line) => element("p", {}, element("strong", {}, line))),
    ...plan.missing.map((line) => element("p", { class: "failure" }, line)),
    ...list("Hazards", plan.hazards.flatMap((one) => one.texts.map((text) => `${one.name}: ${text}`)), "failure"),
    ...plan.acknowledgement.map((line) => element("p", { class: "note" }, line)),
    ...list("Deletes", plan.deletes, "failed"),
    ...list("Numbers", plan.numbers),
    ...list("Calendars", plan.calendars),
    page.flows.length ? element("h2", {}, "Changes, those that callers hear first") : "",
    element("ul", { class: "changes" }, ...page.flows.map((change) => changeItem(change, link))),
    ...list("Notes", plan.notes),
  );
}

function changeItem(change, link) {
  return element(
    "li",
    {},
    element("strong", { class: `action ${change.change}` }, change.change),
    " ",
    link(change.name),
    change.changed ? element("p", {}, change.changed) : "",
    ...change.hazards.map((text) => element("p", { class: "failure" }, text)),
  );
}
