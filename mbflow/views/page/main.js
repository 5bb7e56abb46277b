// The page: reads what it shows, and shows what its address names: #flow/NAME, ?call=N behind it.

import { changeView, planView } from "./change.js";
import { element, flowLink, plural } from "./elements.js";
import { flowView } from "./flow.js";
import { FlowList } from "./list.js";
import { overview } from "./overview.js";

const page = JSON.parse(document.getElementById("document").textContent);
const content = document.getElementById("content");
const list = new FlowList(page);
let shown = null;

function headline() {
  if (page.plan) return [projectLink(), element("span", {}, page.plan.outcome[0])];
  const { calls, failed, branches, covered } = page.totals;
  const facts = [
    plural(page.flows.length, "flow"),
    calls ? `${plural(calls, "call")}: ${failed ? `${calls - failed} passed, ${failed} failed` : "all passed"}` : "no calls",
    branches ? `${covered} of ${plural(branches, "branch", "branches")} covered` : "",
  ].filter(Boolean);
  return [
    projectLink(),
    element("span", { class: failed ? "failed" : "" }, facts.join(" · ")),
  ];
}

function projectLink() {
  return element("a", { href: "#", class: "project", dir: "auto" }, page.project);
}

function viewOf(flow) {
  return flow.change ? changeView(flow, page.rules) : flowView(flow, page.rules);
}

function address() {
  const [path, query = ""] = location.hash.slice(1).split("?");
  const name = path.startsWith("flow/") ? path.slice(5).split("/").map(plain).join("/") : "";
  return { name, call: Number(new URLSearchParams(query).get("call")) };
}

function plain(text) {
  try {
    return decodeURIComponent(text);
  } catch {
    return text;
  }
}

function show() {
  if (location.hash === "#content") return;
  const { name, call } = address();
  const flow = page.flows.find((one) => one.name === name) || null;
  shown?.end();
  shown = flow ? viewOf(flow) : null;
  const missing = name && !flow ? [element("p", { role: "alert" }, `There is no flow ${name} in this page.`)] : [];
  content.replaceChildren(...missing, shown ? shown.element : page.plan ? planView(page, flowLink) : overview(page));
  list.mark(flow);
  document.title = `${flow ? flow.title || flow.name : page.project}: call flows`;
  window.scrollTo(0, 0);
  shown?.begin();
  content.querySelectorAll(".calls > li > button")[call - 1]?.click();
}

document.getElementById("head").append(...headline());
document.getElementById("list").append(list.details);
window.addEventListener("hashchange", () => {
  show();
  if (location.hash !== "#content") content.focus();
});
show();
