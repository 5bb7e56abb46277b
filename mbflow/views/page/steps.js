// The steps of a flow in words, and what the rules found.

import { element, spoken } from "./elements.js";

export function stepList(flow) {
  return element(
    "ol",
    { class: "steps" },
    ...flow.steps.map((step, number) =>
      element(
        "li",
        { id: `step-${number}`, tabindex: "-1", class: step.reached ? "" : "lost" },
        element("p", step.action === "say" ? spoken(step.language) : {}, step.words),
        ...step.details.map((line) => element("p", { class: "note" }, line)),
        step.reached ? "" : element("p", { class: "note" }, "No call comes here."),
      ),
    ),
  );
}

export function problemList(problems, show) {
  if (!problems.length) return element("p", {}, "Nothing was found.");
  return element("ul", { class: "problems" }, ...problems.map((one) => problemItem(one, show)));
}

function problemItem(one, show) {
  const place = one.line ? `${one.file}:${one.line}` : one.file;
  const isStep = show && one.step !== null && one.step !== undefined;
  return element(
    "li",
    { class: one.severity },
    element("strong", {}, `${one.severity === "error" ? "✗ error" : "⚠ warning"}: ${one.rule}`),
    element("p", {}, one.message),
    element("p", { class: "note" }, place),
    isStep ? element("button", { type: "button", onclick: () => show([one.step]) }, `Show step ${one.step + 1}`) : "",
  );
}
