// What happened in a call as a list: time, step, words; failures below the event where they show.

import { clock, element, spoken } from "./elements.js";

export function eventItem(event, flow, failures = []) {
  const step = event.step >= 0 ? String(event.step + 1) : "";
  const language = event.flow ? "" : flow.steps[event.step]?.language;
  const [word, text] = event.words;
  return element(
    "li",
    { class: `event ${event.kind} ${failures.length ? "failed" : ""}` },
    element("span", { class: "time" }, clock(event.at)),
    element("span", { class: "step" }, step && element("span", { class: "hidden" }, "step "), step),
    element("span", { class: "word" }, word),
    element("span", { class: "text", ...(event.kind === "say" ? spoken(language) : {}) }, text),
    event.flow && event.step >= 0 ? element("span", { class: "elsewhere note" }, `in ${event.flow}`) : "",
    ...failures.map((one) => element("p", { class: "failure" }, `✗ ${one.message}`)),
  );
}

const LASTING = new Set(["say", "play", "pause", "speech", "tones"]);

// A bar with a part for everything that takes time and a tick for every key. For the eyes only.
export function timeLine(events, end) {
  const bar = element("div", { class: "timeline", "aria-hidden": "true" });
  const whole = Math.max(end, 1);
  for (const event of events) {
    if (!LASTING.has(event.kind) && event.kind !== "key") continue;
    const part = element("span", { class: event.kind, title: event.words.join(" ") });
    part.style.left = `${(100 * event.at) / whole}%`;
    if (event.kind !== "key") part.style.width = `${(100 * Math.min(event.lasts, end - event.at)) / whole}%`;
    bar.append(part);
  }
  return bar;
}
