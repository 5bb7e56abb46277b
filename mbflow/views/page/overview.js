// What there is before a flow is chosen: numbers, calls that fail, findings beside the flows.

import { element, flowAddress, flowLink, plural } from "./elements.js";
import { problemList } from "./steps.js";

export function overview(page) {
  const failed = page.flows.flatMap((flow) =>
    (flow.calls || []).filter((call) => !call.passed).map((call) => ({ flow, call })),
  );
  return element(
    "article",
    { class: "overview" },
    element("h1", {}, "All call flows"),
    element("p", {}, "Choose a flow to see what its callers hear, to play calls back and to dial it."),
    ...numbers(page),
    ...failing(failed),
    ...findings(page),
  );
}

function numbers(page) {
  if (!page.numbers.length) return [];
  const several = page.environments.length > 1;
  const lead = (one) => [
    one.when === "always" ? "" : `${one.when}: `, flowLink(one.flow),
  ];
  return [
    element("h2", {}, "Numbers"),
    element(
      "dl",
      { class: "numbers" },
      ...page.numbers.flatMap((of) => [
        element("dt", {}, of.number, several ? ` in ${of.environment}` : ""),
        element("dd", {}, of.calendar ? `by the calendar ${of.calendar}` : "always", " "),
        ...of.leads.map((one) => element("dd", {}, ...lead(one))),
      ]),
    ),
  ];
}

function failing(failed) {
  if (!failed.length) return [];
  return [
    element("h2", {}, `${plural(failed.length, "call")} not as expected`),
    element(
      "ul",
      { class: "problems" },
      ...failed.map(({ flow, call }) =>
        element(
          "li",
          { class: "error" },
          element("a", { href: `${flowAddress(flow.name)}?call=${flow.calls.indexOf(call) + 1}` }, `${flow.name}: ${call.name}`),
          element("p", {}, call.failures[0].message),
        ),
      ),
    ),
  ];
}

function findings(page) {
  return page.problems.length ? [element("h2", {}, "Findings beside the flows"), problemList(page.problems)] : [];
}
