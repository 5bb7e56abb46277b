// A call that was walked, as an item of a call file that `mbflow test` passes.
//
// Nobody wants to read when exactly which key was pressed. So the call is walked once more without
// times, and a time stays only where the call would go another way without it.
import { wordsOf } from './utterance.js';

const WORDS_HEARD = 6; // of a text that the call expects to hear, as in `mbflow test --suggest`
const LONGEST_NAME = 120; // characters of a name

/** `name` is made of what was done unless it is given; a call that goes on is hung up on here. */
export function callYaml(walker, { name = '', environment = '' } = {}) {
  const acts = walker.ending ? walker.acts : [...walker.acts, hangUpAt(walker.now)];
  const { does, call } = withoutTimes(walker, acts);
  const machine = walker.machine ? ['{machine: true}'] : [];
  const all = [...machine, ...does.flatMap(actYaml)].join(', ');
  const world = worldYaml(call);
  const hears = [...new Set(call.heard.map(beginningOf))].filter(Boolean).map(yamlText).join(', ');
  const { kind, to, odd } = call.ending;
  return [
    `  - name: ${yamlTemplate(name || whatIsDone(does, call))}`,
    environment && `    environment: ${yamlText(environment)}`,
    all && `    does: [${all}]`,
    world && `    world: {${world}}`,
    hears && `    hears: [${hears}]`,
    odd ? '    within: 1h' : `    ends: ${to ? `{${kind}: ${yamlText(to)}}` : kind}`,
  ]
    .filter(Boolean)
    .join('\n');
}

const hangUpAt = (at) => ({ hang_up: true, at, until: at });

/** What the caller does, with as few times as the call's course allows, and the call so made. */
function withoutTimes(walker, acts) {
  const finished = walker.ending ? walker : replay(walker, withTimes(acts));
  const course = courseOf(finished);
  const isSame = (does) => courseOf(replay(walker, does)) === course;
  const does = withWaits(acts);
  if (!isSame(does)) return { does: withTimes(acts), call: finished };
  for (const act of does) {
    const { wait } = act;
    if (wait && !act.hang_up) {
      act.wait = 0;
      if (!isSame(does)) act.wait = wait;
    }
  }
  return { does, call: replay(walker, does) };
}

/** Each key at its time. */
function withTimes(acts) {
  let free = 0;
  return acts.map(({ press, say, hang_up, at, until }) => {
    const wait = Math.max(at - free, 0);
    free = until;
    return say ? { say, wait } : { press, hang_up, at };
  });
}

/** The keys of one input together, each act so long after the one before. */
function withWaits(acts) {
  const found = [];
  let free = 0;
  for (const { press, say, hang_up, at, until, joins } of acts) {
    if (joins) found.at(-1).press += press;
    else found.push({ press, say, hang_up, wait: Math.max(at - free, 0) });
    free = until;
  }
  return found;
}

/** What happened but for its times, and for keys that made no difference. */
function courseOf({ events, ending }) {
  const told = events.filter(({ kind }) => kind !== 'press' && kind !== 'pause');
  return JSON.stringify([told.map(({ kind, text }) => [kind, text.replace(/, [\d.]+ s/, '')]), ending.kind]);
}

/** The call that the acts of a call file make; others do what they did in the one that was walked. */
function replay(walker, acts) {
  const again = new Replay(walker);
  for (const act of acts) if (!again.call.ending) again.act(act);
  while (!again.call.ending) again.advanceTo(again.call.waitsFor.until ?? 0);
  return again.call;
}

class Replay {
  #walked;
  #free = 0; // when the act before was over

  constructor(walked) {
    this.#walked = walked;
    this.call = walked.again();
  }

  act({ press, say, hang_up, at, wait = 0 }) {
    this.#free += wait;
    if (at !== undefined) this.#free = at;
    if (press) this.#press(press, at !== undefined);
    else if (say) this.#say(say);
    else if (hang_up) {
      this.advanceTo(this.#free, true);
      this.call.hangUp();
    }
  }

  /** Others decide on the way, and not at its very end if the caller hangs up there. */
  advanceTo(at, isHangUp = false) {
    const { call } = this;
    for (;;) {
      call.advance(Math.max(at - call.now, 0));
      const { outcome, reply } = call.waitsFor;
      const isLast = isHangUp && call.now >= at && !this.#walked.failing.has(reply);
      if ((outcome ?? reply) === null || isLast) return;
      if (outcome !== null) call.answer(outcome, this.#walked.outcomes.get(outcome) ?? 'answered');
      else call.fetch(reply, this.#walked.failing.has(reply) ? 'failed' : 'open');
    }
  }

  #press([first, ...rest], isTimed) {
    const { call } = this;
    if (isTimed) {
      this.advanceTo(this.#free);
      call.press(first);
    } else if (!this.#pressFirst(first)) return;
    this.#free = call.now;
    for (const key of rest) {
      this.advanceTo(this.#free + call.rules.apart);
      call.press(key);
      this.#free = call.now;
    }
  }

  /** When a step listens: when its text was heard, or as soon as the caller has time. */
  #pressFirst(key) {
    const { call } = this;
    for (this.advanceTo(0); !call.ending; this.advanceTo(call.waitsFor.until)) {
      const { keys, from, until } = call.waitsFor;
      if (keys && this.#free <= from && call.pressReady(key)) return true;
      if (keys && this.#free > from && this.#free < until) {
        this.advanceTo(this.#free);
        return call.press(key);
      }
    }
    return false;
  }

  #say(text) {
    const { call } = this;
    this.advanceTo(this.#free);
    while (!call.ending && !call.waitsFor.speech) this.advanceTo(call.waitsFor.until);
    if (call.say(text)) this.#free = call.acts.at(-1).until;
  }
}

function actYaml({ press, say, at, wait }) {
  const when = at === undefined ? '' : `, at: ${durationYaml(at)}`;
  const done = press ? `press: ${yamlText(press)}` : say ? `say: ${yamlTemplate(say)}` : 'hang_up: true';
  return [...(wait ? [`{wait: ${durationYaml(wait)}}`] : []), `{${done}${when}}`];
}

const durationYaml = (ms) => (ms % 1000 ? `${ms}ms` : `${ms / 1000}s`);

function worldYaml({ outcomes, failing, written }) {
  const others = [...outcomes].filter(([, outcome]) => outcome !== 'answered');
  const transfers = others.map(([number, outcome]) => `${yamlText(written.get(number))}: ${outcome}`);
  const fetches = [...failing].map((url) => `${yamlText(written.get(url))}: failed`);
  const parts = { transfers, fetches };
  const filled = Object.entries(parts).filter(([, items]) => items.length);
  return filled.map(([name, items]) => `${name}: {${items.join(', ')}}`).join(', ');
}

/** What is special about the call, in few words. */
function whatIsDone(does, { machine, outcomes, failing, written }) {
  const done = does.map(({ press, say }) => (press ? `presses ${press}` : say ? 'speaks' : 'hangs up'));
  const busy = [...outcomes].filter(([, outcome]) => outcome !== 'answered');
  const called = (number) => written.get(number).replace(/^\$\{([^{}]+)\}$/, '$1');
  const all = [
    ...(machine ? ['an answering machine'] : []),
    ...done,
    ...busy.map(([number, outcome]) => `${called(number)} ${outcome.replace('_', ' ')}`),
    ...(failing.size ? ['no next flow'] : []),
  ];
  if (!machine && !done.length) all.unshift('a caller who only listens');
  return [...all.join(', ')].slice(0, LONGEST_NAME).join('');
}

/** The first words, up to a reference to a secret. */
const beginningOf = (text) => wordsOf(text.split('${')[0]).slice(0, WORDS_HEARD).join(' ');

/** A text that is no reference to a variable, whatever stands in it. */
const yamlTemplate = (text) => yamlText(text.replaceAll('${', () => '$${'));

/** In double quotes, with nothing that nobody could see. */
function yamlText(text) {
  const hidden = /[\p{C}\p{Zl}\p{Zp}]/gu;
  return JSON.stringify(text).replace(hidden, (sign) => `\\U${sign.codePointAt(0).toString(16).padStart(8, '0')}`);
}
