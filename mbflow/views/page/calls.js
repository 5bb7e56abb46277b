// The calls of the call files, played back on the drawing.

import { clock, element, plural } from "./elements.js";
import { silence, speak, speechSwitch } from "./voice.js";
import { eventItem, timeLine } from "./transcript.js";

const TICK = 50;

export class Calls {
  // `onChoose` is told the number of a call that somebody chose.
  constructor(flow, drawing, none = "No call of a call file comes to this flow.") {
    this.flow = flow;
    this.drawing = drawing;
    this.timer = null;
    this.place = element("div", { class: "player" });
    this.items = flow.calls.map((call) => this.item(call));
    this.panel = element(
      "div",
      {},
      flow.calls.length
        ? element("ul", { class: "calls" }, ...this.items.map((button) => element("li", {}, button)))
        : element("p", {}, none),
    );
  }

  item(call) {
    const [kind, sign] = call.passed ? ["passed", "✓"] : ["failed", "✗"];
    const mark = call.file ? element("span", { class: kind }, sign) : "";
    const said = call.file ? element("span", { class: "hidden" }, `${kind}: `) : "";
    return element(
      "button",
      { type: "button", "aria-pressed": "false", onclick: () => this.chosen(call) },
      mark, mark && " ", said, call.name,
    );
  }

  chosen(call) {
    this.choose(call);
    this.onChoose?.(this.flow.calls.indexOf(call));
  }

  choose(call) {
    this.stop();
    this.call = call;
    this.items.forEach((button, number) =>
      button.setAttribute("aria-pressed", String(this.flow.calls[number] === call)),
    );
    this.slider = element("input", {
      type: "range", min: 0, max: Math.max(call.ends_at, 1), step: 1, "aria-label": "Time of the call",
      oninput: () => this.seek(Number(this.slider.value)),
    });
    this.button = element("button", { type: "button", class: "main", onclick: () => this.toggle() }, "Play");
    this.speed = element(
      "select",
      { "aria-label": "Speed" },
      ...[["1", "real time"], ["4", "4 × faster"], ["16", "16 × faster"]].map(([value, text]) =>
        element("option", { value }, text),
      ),
    );
    this.speed.value = "4";
    this.now = element("output", {}, "");
    this.events = call.events.map((event, number) =>
      eventItem(event, this.flow, call.failures.filter((one) => one.event === number)),
    );
    this.show();
    this.items[this.flow.calls.indexOf(call)].after(this.place);
    this.seek(call.ends_at);
    this.drawing.bringWayIntoView();
  }

  show() {
    const { call } = this;
    const step = (to, text, label) =>
      element("button", { type: "button", "aria-label": label, title: label, onclick: () => this.jump(to) }, text);
    this.place.replaceChildren(
      ...(call.file ? origin(call) : []),
      timeLine(call.events, call.ends_at),
      this.slider,
      element(
        "div", { class: "controls" },
        step(-1, "Back", "One event back"), this.button, step(1, "On", "One event on"), this.speed, this.now,
      ),
      speechSwitch(),
      element("ol", { class: "events", "aria-label": "What happens" }, ...this.events),
      call.left_out ? element("p", { class: "note" }, `${plural(call.left_out, "event")} more are left out.`) : "",
    );
  }

  toggle() {
    if (this.timer) this.stop();
    else this.play();
  }

  play() {
    silence();
    if (this.at >= this.call.ends_at) this.seek(0, true);
    this.button.textContent = "Pause";
    let before = performance.now();
    this.timer = setInterval(() => {
      const now = performance.now();
      this.seek(this.at + (now - before) * Number(this.speed.value), true);
      before = now;
      if (this.at >= this.call.ends_at) this.stop();
    }, TICK);
  }

  stop() {
    clearInterval(this.timer);
    this.timer = null;
    silence();
    if (this.button) this.button.textContent = "Play";
  }

  // To the next or the last event.
  jump(by) {
    this.stop();
    const times = [...new Set(this.call.events.map((event) => event.at))];
    const found = by > 0 ? times.find((at) => at > this.at) : times.filter((at) => at < this.at).pop();
    this.seek(found ?? (by > 0 ? this.call.ends_at : 0));
  }

  seek(ms, isPlayed = false) {
    const { call } = this;
    const before = this.at ?? -1;
    this.at = Math.min(Math.max(ms, 0), call.ends_at);
    const last = call.events.findLastIndex((event) => event.at <= this.at);
    call.events.forEach((event, number) => {
      this.events[number].classList.toggle("later", number > last);
      this.events[number].classList.toggle("now", number === last);
      const isNew = event.at <= this.at && (event.at > before || (this.at && before === 0 && !event.at));
      if (isPlayed && isNew && event.kind === "say") this.speakEvent(event);
    });
    if (isPlayed && last >= 0) follow(this.events[last]);
    this.slider.value = String(this.at);
    const text = `${clock(this.at)} of ${clock(call.ends_at)}`;
    this.slider.setAttribute("aria-valuetext", text);
    this.now.textContent = text;
    const edges = call.edges.filter(([at]) => at <= this.at).map(([, edge]) => edge);
    const here = call.events.slice(0, last + 1).findLast((event) => event.step >= 0 && !event.flow);
    this.drawing.show(edges, here?.step, this.at < call.ends_at);
  }

  speakEvent(event) {
    const step = event.flow ? null : this.flow.steps[event.step];
    speak(step?.text || event.words[1], step?.language);
  }
}

function origin(call) {
  const place = `${call.file}:${call.line}${call.answer ? ` · ${call.answer}` : ""}`;
  return [element("p", { class: "note" }, place), verdict(call)];
}

function verdict(call) {
  if (call.passed) return element("p", { class: "passed" }, "✓ As expected");
  return element(
    "div", { class: "verdict" },
    ...call.failures.map((one) => element("p", { class: "failure" }, `✗ ${one.message}`)),
  );
}

// Keeps the event in sight within its list, without moving the page.
function follow(item) {
  const list = item.parentElement;
  const top = item.offsetTop - list.offsetTop;
  if (top < list.scrollTop || top + item.offsetHeight > list.scrollTop + list.clientHeight) {
    list.scrollTop = top - list.clientHeight / 2;
  }
}
