// Dialling a flow: a keypad, what is heard, and who decides what others do.

import { clock, element } from "./elements.js";
import { callYaml } from "./saved_call.js";
import { silence, speak, speechSwitch } from "./voice.js";
import { eventItem } from "./transcript.js";
import { Walker } from "./walker.js";
import { wayOf } from "./way.js";

const TICK_MS = 100;
const BUTTONS = ["1", "2", "3", "4", "5", "6", "7", "8", "9", "*", "0", "#"];
const SAID = { "*": "star", "#": "hash" };
const OUTCOMES = { answered: "answers", busy: "is busy", no_answer: "does not answer", failed: "cannot be reached", machine: "is an answering machine" };

const ENDINGS = {
  hangup: "it is hung up", caller: "you hung up", transferred: "two people talked", end_of_flow: "the flow ended",
  fetched: "another flow goes on with it", fetch_failed: "no next flow came", max_duration: "its longest time is over",
  endless: "it would never end by itself", broken: "it leads to a step that is not there",
};

export class Dial {
  constructor(flow, rules, drawing) {
    this.flow = flow;
    this.rules = rules;
    this.drawing = drawing;
    this.walker = null;
    this.timer = null;
    this.panel = flow.dial.table
      ? this.build()
      : element("p", {}, `This flow cannot be dialled here. ${flow.dial.why} In a terminal: mbflow simulate ${flow.name}`);
  }

  build() {
    const button = (text, act, kind = "") => element("button", { type: "button", class: kind, onclick: act }, text);
    this.callButton = button("Call", () => this.call(), "main");
    this.hangUpButton = button("Hang up", () => this.act((walker) => walker.hangUp()));
    this.waitButton = button("Wait", () => this.wait());
    this.saveButton = button("Save as call", () => this.save());
    this.pace = element(
      "select", { "aria-label": "Time", onchange: () => this.run() },
      element("option", { value: "virtual" }, "no waiting"), element("option", { value: "real" }, "real time"),
    );
    this.machine = element("input", { type: "checkbox" });
    this.state = element("p", { class: "state", role: "status" }, "Nobody has called yet.");
    this.choices = element("div", { class: "controls" });
    this.words = element("input", { "aria-label": "What the caller says", placeholder: "What the caller says" });
    this.speechForm = element(
      "form", { hidden: true, onsubmit: (event) => this.say(event) },
      this.words, element("button", { type: "submit" }, "Say"),
    );
    this.keypad = element("div", { class: "keypad", role: "group", "aria-label": "Keypad" }, ...BUTTONS.map((key) => this.key(key)));
    this.list = element("ol", { class: "events" });
    const log = element("div", { role: "log", "aria-label": "What happens" }, this.list);
    this.saved = element("div", {});
    const asMachine = this.flow.dial.table.begin.length > 1;
    return element(
      "div", { class: "dial", onkeydown: (event) => this.typed(event) },
      element("div", { class: "controls" }, this.callButton, this.hangUpButton, this.waitButton, this.pace),
      asMachine ? element("label", {}, this.machine, " An answering machine picks up this call") : "",
      this.state, this.choices, this.speechForm, this.keypad, speechSwitch(), log, this.saveButton, this.saved,
    );
  }

  key(key) {
    const label = SAID[key] ? { "aria-label": `${key} ${SAID[key]}` } : {};
    return element("button", { type: "button", "aria-disabled": "true", ...label, onclick: () => this.press(key) }, key);
  }

  get isReal() {
    return this.pace.value === "real";
  }

  call() {
    this.stop();
    this.saved.replaceChildren();
    this.list.replaceChildren();
    this.shown = 0;
    this.walker = new Walker(this.flow.dial.table, this.rules, { machine: this.machine.checked });
    this.run();
  }

  // Without waiting time goes on by itself up to where somebody can do something.
  run() {
    clearInterval(this.timer);
    this.timer = null;
    if (!this.walker) return;
    if (this.isReal && !this.walker.ending) {
      let before = performance.now();
      this.timer = setInterval(() => {
        const now = performance.now();
        this.walker.advance(now - before);
        before = now;
        this.show();
      }, TICK_MS);
    } else {
      this.settle();
    }
    this.show();
  }

  settle() {
    const { walker } = this;
    for (;;) {
      const { keys, speech, outcome, reply, until } = walker.waitsFor;
      if (walker.ending || keys || speech || outcome !== null || reply !== null) return;
      walker.advance(until - walker.now);
    }
  }

  act(does) {
    if (!this.walker || this.walker.ending) return false;
    silence();
    const done = does(this.walker);
    if (!this.isReal) this.settle();
    this.show();
    return done;
  }

  press(key) {
    const done = this.act((walker) => (this.isReal ? walker.press(key) : walker.pressReady(key)));
    if (!done && this.walker && !this.walker.ending) this.state.textContent = `Nobody listens for keys now. ${this.told()}`;
  }

  wait() {
    this.act((walker) => walker.advance(Math.max((walker.waitsFor.until ?? walker.now) - walker.now, 0)));
  }

  say(event) {
    event.preventDefault();
    const said = this.act((walker) => {
      if (!walker.say(this.words.value.trim())) return false;
      if (!this.isReal) walker.advance(walker.acts.at(-1).until - walker.now);
      return true;
    });
    if (said) this.words.value = "";
  }

  // Keys of the keyboard are keys of the telephone, unless somebody writes.
  typed(event) {
    if (event.target.matches("input, textarea, select") && event.target.type !== "checkbox") return;
    if (!BUTTONS.includes(event.key) || event.ctrlKey || event.metaKey || event.altKey) return;
    event.preventDefault();
    this.press(event.key);
  }

  show() {
    const { walker } = this;
    for (const event of walker.events.slice(this.shown)) this.note(event);
    this.shown = walker.events.length;
    if (walker.ending) {
      clearInterval(this.timer);
      this.timer = null;
    }
    const { keys, speech, outcome, reply, until } = walker.waitsFor;
    const said = this.told();
    if (this.state.textContent !== said) this.state.textContent = said;
    for (const button of this.keypad.children) button.setAttribute("aria-disabled", String(!keys));
    this.speechForm.hidden = !speech;
    this.waitButton.hidden = this.isReal || until === null;
    this.hangUpButton.disabled = Boolean(walker.ending);
    this.callButton.textContent = "Call again";
    this.decide(outcome, reply);
    const { edges, nodes } = this.flow.drawing;
    const step = walker.events.findLast((event) => event.step >= 0)?.step;
    const way = wayOf(walker, edges, nodes, this.drawing.byStep);
    if (this.last !== `${way} ${step} ${walker.ending}`) this.drawing.show(way, step, !walker.ending);
    this.last = `${way} ${step} ${walker.ending}`;
  }

  note(event) {
    const shown = { ...event, flow: "", words: [event.kind, event.text] };
    this.list.append(eventItem(shown, this.flow));
    this.list.scrollTop = this.list.scrollHeight;
    if (event.kind === "say") speak(event.heard ?? event.text, this.flow.steps[event.step]?.language);
  }

  // What the call waits for, in a sentence.
  told() {
    const { walker } = this;
    const at = clock(Math.floor(walker.now / 1000) * 1000).replace(/\.0$/, "");
    if (walker.ending) return `${at}: the call is over, ${ENDINGS[walker.ending.kind] || walker.ending.kind}.`;
    const { keys, speech, outcome, reply } = walker.waitsFor;
    if (outcome !== null) return `${at}: ${outcome || "the number"} rings. What happens there?`;
    if (reply !== null) return `${at}: a web server is asked for the next flow. What does it say?`;
    const can = [keys && "press a key", speech && "say something", !this.isReal && "wait"].filter(Boolean);
    return `${at}, step ${walker.step + 1}: ${keys || speech ? `you can ${can.join(", or ")}` : "listen"}.`;
  }

  decide(outcome, reply) {
    const asked = `${outcome} ${reply}`;
    if (this.asked === asked) return;
    this.asked = asked;
    const button = (text, act) => element("button", { type: "button", onclick: () => this.act(act) }, text);
    const buttons = [];
    if (outcome !== null) {
      for (const [name, text] of Object.entries(OUTCOMES)) {
        if (name in this.rules.outcomes) buttons.push(button(text, (walker) => walker.answer(outcome, name)));
      }
    }
    if (reply !== null) {
      buttons.push(button("it gives another flow", (walker) => walker.fetch(reply, "open")));
      buttons.push(button("it gives none", (walker) => walker.fetch(reply, "failed")));
    }
    this.choices.replaceChildren(...buttons);
  }

  save() {
    if (!this.walker) {
      this.state.textContent = "Call first.";
      return;
    }
    const text = element("textarea", { readonly: true, rows: 8, "aria-label": "The call, for a call file" });
    text.value = callYaml(this.walker);
    const copy = element("button", { type: "button", onclick: () => copied(text, copy) }, "Copy");
    const file = this.flow.file.replace(/\.yaml$/, ".calls.yaml");
    this.saved.replaceChildren(element("p", { class: "note" }, `To go below “calls:” in ${file}`), text, copy);
    text.focus();
    text.select();
  }

  stop() {
    clearInterval(this.timer);
    this.timer = null;
    silence();
  }
}

async function copied(text, button) {
  try {
    await navigator.clipboard.writeText(text.value);
    button.textContent = "Copied";
  } catch {
    text.select();
    button.textContent = "Press Ctrl+C";
  }
}
