// One flow: its title and numbers, the drawing, and beside it calls, dialling, steps and findings.

import { Calls } from "./calls.js";
import { Dial } from "./dial.js";
import { Drawing } from "./drawing.js";
import { element, plural } from "./elements.js";
import { problemList, stepList } from "./steps.js";
import { tabs } from "./tabs.js";

// Gives the element, and `begin` for when it is in the page.
export function flowView(flow, rules) {
  if (flow.is_broken) return { element: brokenView(flow), begin() {}, end() {} };
  let side = null;
  const choose = (steps) => {
    if (!steps.length) return;
    side.open("steps");
    for (const item of side.element.querySelectorAll(".steps > li")) item.classList.remove("chosen");
    const items = steps.map((step) => side.element.querySelector(`#step-${step}`));
    for (const item of items) item.classList.add("chosen");
    items[0].scrollIntoView({ block: "nearest" });
  };
  const drawing = new Drawing(flow, choose);
  const calls = new Calls(flow, drawing);
  const dial = new Dial(flow, rules, drawing);
  const show = ([step]) => {
    const id = drawing.byStep.get(step);
    if (id) drawing.bringIntoView(id);
    choose([step]);
  };
  side = tabs(
    [
      { name: "calls", text: `Calls ${flow.calls.length}`, panel: calls.panel },
      { name: "dial", text: "Dial", panel: dial.panel },
      { name: "steps", text: `Steps ${flow.steps.length}`, panel: stepList(flow) },
      { name: "findings", text: `Findings ${flow.problems.length}`, panel: problemList(flow.problems, show) },
    ],
    "What to look at",
  );
  const found = element(
    "article",
    { class: "flow" },
    heading(flow),
    element(
      "div",
      { class: "work" },
      element("section", { class: "picture", "aria-label": "Drawing of the flow" }, drawing.tools(), drawing.frame, aside(flow)),
      side.element,
    ),
  );
  return {
    element: found,
    begin: () => drawing.begin(),
    end: () => {
      calls.stop();
      dial.stop();
    },
  };
}

function heading(flow) {
  const facts = [
    flow.title ? flow.name : "",
    flow.numbers.length ? `reached by ${flow.numbers.join(", ")}` : "",
    flow.coverage ? `${flow.coverage.covered} of ${plural(flow.coverage.branches, "branch", "branches")} covered` : "",
    `environment ${flow.environment}`,
  ].filter(Boolean);
  return element(
    "header",
    {},
    element("h1", { dir: "auto" }, flow.title || flow.name),
    element("p", { class: "note" }, facts.join(" · ")),
    flow.description ? element("p", { dir: "auto" }, flow.description) : "",
  );
}

function aside(flow) {
  const lost = flow.steps.flatMap((step, number) => (step.reached ? [] : [number + 1]));
  return element(
    "div",
    {},
    lost.length ? element("p", { class: "note" }, `Not drawn, as no call comes there: ${lost.map((one) => `step ${one}`).join(", ")}.`) : "",
    flow.drawing.is_folded ? "" : element("p", { class: "note" }, "What conditions come to is not known here, so that boxes say “if”."),
  );
}

function brokenView(flow) {
  return element(
    "article",
    { class: "flow" },
    element("h1", {}, flow.name),
    element("p", {}, "This flow has errors, so it cannot be drawn or called."),
    problemList(flow.problems),
  );
}
