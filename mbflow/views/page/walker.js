// Walks one call through the table of all situations of a flow (mbflow/testing/dial_table.py).
//
// It keeps the clock, and looks up everything else: it knows no action, no condition and no branch.
// No DOM, no timers: whoever shows the call says how much time passes.
//
//   const walker = new Walker(table, rules, { machine: false });
//   walker.events     [{at, step, kind, text, lasts?, heard?}], as the terminal's transcript has them:
//                     at in milliseconds, step from 0 or -1; heard: what is really said or played
//   walker.waitsFor   what can be done now: {keys, choices, speech, outcome, reply, from, ready, until}
//   walker.step       the step that runs, from 0; -1 before the first and after the end
//   walker.ending     null, or {kind, text, at, to?}
//   walker.variables  what has been entered
//   walker.heard      what the caller heard, as far as it was said
//   walker.advance(ms), press(key), say(text), answer(number, outcome), fetch(url, reply), hangUp()
//
// `advance` stops where somebody must decide: which outcome a number has, or what a web server does
// (`waitsFor.outcome`, `waitsFor.reply`). Each act returns whether it could be done.
// A call file's item of the call so far: `callYaml(walker)` in saved_call.js.

import { heardPart, printable, speechMs } from './utterance.js';

const KEYPAD = /^[0-9*#]+$/; // a secret is none: nobody knows from here what it is

/** How the call ended: unwinds the run. */
class CallOver {
  constructor(end) {
    this.end = end;
  }
}

export class Walker {
  #table;
  #call;
  #waits = null; // {end, keys, speech}, or {ask, about}: what the call waits for
  #busyUntil = 0; // when what the caller says is over
  constructor(table, rules, { machine = false } = {}) {
    this.#table = table;
    this.rules = rules;
    this.machine = machine;
    this.now = 0;
    this.step = -1;
    this.events = [];
    this.ending = null;
    this.variables = Object.create(null);
    this.acts = []; // what the caller did to an effect: {press | say | hang_up, at, until, joins?}
    this.outcomes = new Map(); // by number: it does the same all through a call
    this.failing = new Set(); // URLs of web servers that give no flow
    this.written = new Map(); // number or URL to how the flow's file words it
    this.#call = this.#walk();
    this.#resume();
    this.advance(0);
  }

  /**
   * What can be done now. `choices` are the inputs that have a branch of their own, `outcome` and
   * `reply` who must be decided about first. Silence moves on at `until`; where keys are taken,
   * a caller who listens presses one at `ready`.
   */
  get waitsFor() {
    const { from, end, keys = null, ready = end, speech = false, ask, about } = this.#waits ?? {};
    const isOpen = !this.ending && !ask;
    const takesKeys = isOpen && keys !== null && !this.machine;
    return {
      keys: takesKeys,
      choices: takesKeys ? keys : [],
      speech: isOpen && speech && this.now >= this.#busyUntil,
      outcome: ask === 'outcome' ? about : null,
      reply: ask === 'reply' ? about : null,
      from: isOpen ? from : null,
      ready: takesKeys ? Math.min(ready, end) : null,
      until: isOpen ? Math.min(end, this.#table.limit.at) : null,
    };
  }

  get heard() {
    const { unheard } = this.rules.uses;
    const cuts = ({ kind, text }) => kind === 'end' || (kind === 'press' && !text.endsWith(unheard));
    const found = this.events.map(({ kind, at, lasts, heard }, number) => {
      if (kind !== 'say') return heard;
      const until = this.events.slice(number + 1).find(cuts)?.at ?? Infinity;
      return until < at + lasts ? heardPart(this.rules, heard, until - at) : heard;
    });
    return found.filter(Boolean);
  }

  /** The same flow from the beginning. */
  again() {
    return new Walker(this.#table, this.rules, { machine: this.machine });
  }

  /** Time passes, up to the next thing that somebody must decide. */
  advance(ms) {
    const until = this.now + Math.round(ms);
    while (!this.ending && !this.#waits.ask) {
      const { at, end } = this.#table.limit;
      const next = Math.min(this.#waits.end, at);
      if (until < next) {
        this.now = until;
        return;
      }
      this.now = next;
      if (this.#waits.end > at) this.#resume(new CallOver(end));
      else this.#resume();
    }
  }

  press(key) {
    if (this.ending || this.machine || this.#waits.ask === 'reply' || !KEYPAD.test(key) || key.length > 1) return false;
    this.#busyUntil = this.now; // who presses a key is free to speak again, as in the simulator
    if (this.#waits.ask) this.#unheard(key);
    else this.#resume({ key });
    this.advance(0);
    return true;
  }

  /** As soon as a caller who listens would: that may be the very end of a text. */
  pressReady(key) {
    const { ready, until } = this.waitsFor;
    if (ready === null || ready > until) return false;
    this.now = Math.max(this.now, ready);
    return this.press(key);
  }

  say(text) {
    if (!text || !this.waitsFor.speech) return false;
    this.acts.push({ say: text, at: this.now, until: this.now + speechMs(this.rules, text) });
    this.#resume({ text });
    this.advance(0);
    return true;
  }

  /** `outcome`: one of answered, busy, no_answer, failed, machine. */
  answer(number, outcome) {
    if (this.waitsFor.outcome !== number || !Object.hasOwn(this.rules.outcomes, outcome)) return false;
    this.outcomes.set(number, outcome);
    this.#resume();
    this.advance(0);
    return true;
  }

  /** `reply`: "failed", or "open": another flow takes over, which nobody knows from here. */
  fetch(url, reply) {
    if (this.waitsFor.reply !== url || !['failed', 'open'].includes(reply)) return false;
    if (reply === 'failed') this.failing.add(url);
    this.#resume(reply);
    this.advance(0);
    return true;
  }

  hangUp() {
    if (this.ending) return false;
    this.acts.push({ hang_up: true, at: this.now, until: this.now });
    this.#resume(new CallOver({ kind: 'caller', text: 'caller' }));
    return true;
  }

  #resume(done) {
    const { value, done: isOver } = done instanceof CallOver ? this.#call.throw(done) : this.#call.next(done);
    this.#waits = isOver ? null : { from: this.now, ...value };
  }

  #note(kind, text, more = {}) {
    this.events.push({ at: this.now, step: this.step, kind, text, ...more });
  }

  #unheard(key) {
    this.#note('press', key + this.rules.uses.unheard);
  }

  /** A key that makes a difference to the call. */
  #pressed(key, use, joins = false) {
    this.acts.push({ press: key, at: this.now, until: this.now, joins });
    this.#note('press', key + this.rules.uses[use]);
  }

  *#walk() {
    const { record } = this.#table;
    if (record) this.#note(record.kind, record.text);
    let end;
    try {
      end = yield* this.#situations();
    } catch (over) {
      if (!(over instanceof CallOver)) throw over;
      ({ end } = over);
    }
    this.step = -1;
    this.ending = { ...end, at: this.now };
    if (end.kind === 'fetched') return; // open: the call goes on elsewhere
    if (record) this.#recorded(record.text, this.now, 'the call is over');
    this.#note('end', end.text);
  }

  *#situations() {
    const { begin, situations, steps } = this.#table;
    let arrival = begin[this.machine ? begin.length - 1 : 0];
    for (;;) {
      for (const { step, kind, text } of arrival.events ?? []) {
        this.step = step;
        this.#note(kind, text);
      }
      if (arrival.end) return arrival.end;
      const situation = situations[arrival.to ?? arrival];
      this.step = situation.step;
      const why = yield* this.#run(steps[situation.step], situation);
      const { keys } = situation;
      arrival = typeof why === 'string' ? situation[why] : (keys[why.input] ?? keys['']);
      if (why === 'answered') yield* this.#talk(steps[situation.step].dial, arrival.end);
    }
  }

  /** One step; gives why the call leaves it: a word, or {input}. */
  *#run(step, situation) {
    if (this.machine && step.machine && (yield* this.#meet(step.machine))) return 'machine';
    const choices = situation.keys ? Object.keys(situation.keys).filter((keys) => KEYPAD.test(keys)) : null;
    for (const part of step.parts ?? []) {
      for (let times = part.times ?? 1; times > 0; times -= 1) {
        const { kind, text, lasts, heard = kind === 'say' ? text.slice(1, -1) : text } = part;
        this.#note(kind, text, kind === 'say' || kind === 'play' ? { lasts, heard } : { lasts });
        const key = yield* this.#listen(lasts, step.keys && choices, part.ready);
        if (key) return yield* this.#collect(step.keys, key);
      }
    }
    if (step.record) {
      const key = yield* this.#record(step, choices);
      if (key) return yield* this.#collect(step.keys, key);
    }
    if (step.dial) return yield* this.#dial(step.dial);
    return step.fetch ? yield* this.#ask(step.fetch) : 'next';
  }

  /** Let time pass; gives the first key if keys are taken. */
  *#listen(ms, keys = null, ready = ms) {
    const began = this.now;
    for (;;) {
      const done = yield { end: began + ms, keys, ready: began + ready };
      if (!done || keys) return done?.key;
      this.#unheard(done.key);
    }
  }

  *#collect({ end, most, variable, shown }, first) {
    let value = '';
    let key = first;
    while (key) {
      if (key === end) {
        this.#pressed(key, 'end', value !== '');
        break;
      }
      this.#pressed(key, 'taken', value !== '');
      value += key;
      if (most && value.length >= most) break;
      key = yield* this.#listen(this.rules.gap, [], this.rules.apart);
    }
    value ||= key;
    if (variable) this.variables[variable] = value;
    this.#note('input', `${variable ? `${shown ?? variable} = ` : ''}"${value}"`);
    return { input: value };
  }

  /** Gives whether a machine is hung up on. */
  *#meet(wish) {
    const { until, text } = this.rules.machines[wish];
    const isHangup = wish === 'hangup';
    if (isHangup) yield* this.#listen(Math.max(until - this.now, 0));
    if (isHangup || this.now < until) this.#note('machine', text);
    if (!isHangup) yield* this.#listen(Math.max(until - this.now, 0));
    return isHangup;
  }

  /** Record; gives the key that is an input to the step, if one ends it. */
  *#record({ record, keys, fetch }, choices) {
    this.#note('record', record.kind);
    const said = [];
    const began = this.now;
    const stop = (why) => {
      const heard = said.map(({ at, text }) => heardPart(this.rules, text, this.now - at)).join(' ');
      this.#recorded(record.kind, this.now - began, why, heard);
    };
    try {
      const { why, key } = yield* this.#hear({ ...record, keys, choices }, said);
      stop(why);
      return key;
    } catch (over) {
      const isHungUp = over instanceof CallOver && over.end.kind === 'caller';
      stop(isHungUp ? 'hang_up' : 'call_over');
      if (isHungUp && fetch) this.#note('fetch', fetch.text);
      throw over;
    }
  }

  *#hear({ most, silence, finish, keys, choices }, said) {
    const after = (ms, from) => (ms === null ? Infinity : from + ms);
    const full = after(most, this.now);
    let silent = after(silence, this.now);
    const ready = this.now + this.rules.reaction;
    const taken = finish || keys ? [...(choices ?? []), ...finish] : null;
    for (;;) {
      const done = yield { end: Math.min(full, silent), keys: taken, ready, speech: true };
      if (!done) return { why: full <= silent ? 'maxLength' : 'silence' };
      if (done.text) {
        const lasts = speechMs(this.rules, done.text);
        this.#note('caller', `"${printable(this.rules, done.text)}"`, { lasts });
        this.#busyUntil = this.now + lasts;
        said.push({ at: this.now, text: done.text });
        silent = after(silence, this.#busyUntil);
      } else if (finish.includes(done.key)) {
        this.#pressed(done.key, 'finish');
        return { why: 'key' };
      } else if (keys) return { why: 'input', key: done.key };
      else this.#note('press', done.key + this.rules.uses.recorded);
    }
  }

  #recorded(kind, ms, why, said = '') {
    const length = `${Number((ms / 1000).toPrecision(6))} s`;
    this.#note('recorded', [kind, length, ...(why ? [why] : [])].join(', ') + (said && `: "${printable(this.rules, said)}"`));
  }

  *#dial({ to, written, fails, hangsUp }) {
    this.#note('dial', to);
    this.written.set(to, written);
    if (!fails && !this.outcomes.has(to)) yield { ask: 'outcome', about: to };
    const outcome = fails ? 'failed' : this.outcomes.get(to);
    const { rings, why } = this.rules.outcomes[outcome];
    yield* this.#listen(rings);
    this.#note('callee', `${to}: ${outcome}`);
    if (outcome !== 'machine' || !hangsUp) return why;
    try {
      const { until, text } = this.rules.machines.hangup;
      yield* this.#listen(until);
      this.#note('machine', text);
    } finally {
      this.#note('parted', 'the service hangs up');
    }
    return 'machine';
  }

  /** Two people talk until one of them hangs up: both ways the call was transferred. */
  *#talk({ records = [] }, transferred) {
    const began = this.now;
    for (const channel of records) this.#note('record', channel);
    let who = 'the called party';
    let end = transferred;
    try {
      yield* this.#listen(this.rules.talk);
    } catch (over) {
      const isCaller = over.end?.kind === 'caller';
      who = isCaller ? 'the caller' : 'the service';
      if (!isCaller) ({ end } = over);
    }
    for (const channel of records) this.#recorded(channel, this.now - began);
    this.#note('parted', `${who} hangs up`);
    throw new CallOver(end);
  }

  *#ask({ url, text, written }) {
    this.#note('fetch', text);
    this.written.set(url, written);
    const reply = this.failing.has(url) ? 'failed' : url && (yield { ask: 'reply', about: url });
    if (reply !== 'failed') return 'fetched';
    this.#note('reply', this.rules.noReply);
    return 'unfetched';
  }
}
