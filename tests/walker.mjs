// The page's walker makes the calls of dial_calls.py once more: `node walker.mjs ROOT < calls.jsonl`.
// With `save` it prints instead, for each flow, its calls as the page saves them: whole, and where
// they stood before the last act.
import assert from 'node:assert/strict';
import { createInterface } from 'node:readline';
import { pathToFileURL } from 'node:url';

const [, , root, isSaved] = process.argv;
const page = (file) => import(pathToFileURL(`${root}/mbflow/views/page/${file}`));
const { Walker } = await page('walker.js');
const { callYaml } = await page('saved_call.js');

/** Everybody does what they do in the simulator, who is asked at once. */
class Call {
  constructor({ table, rules }, { acts, outcomes, failing }, name) {
    this.machine = acts[0]?.[0] === 'machine';
    this.walker = new Walker(table, rules, { machine: this.machine });
    this.outcomes = outcomes;
    this.failing = failing;
    this.free = 0; // when the act before was over
    this.advanceTo(0);
    for (const act of acts) {
      if (isSaved && act === acts.at(-1)) this.midway = callYaml(this.walker, { name: `${name}, midway` });
      this.act(...act);
    }
    while (!this.walker.ending) this.advanceTo(this.walker.waitsFor.until);
  }

  advanceTo(at) {
    const { walker } = this;
    walker.advance(Math.max(at - walker.now, 0));
    while (!walker.ending && walker.waitsFor.until === null) {
      const { outcome, reply } = walker.waitsFor;
      if (reply !== null) assert(walker.fetch(reply, this.failing.includes(reply) ? 'failed' : 'open'));
      else assert(walker.answer(outcome, this.outcomes[outcome]));
      walker.advance(Math.max(at - walker.now, 0));
    }
  }

  act(kind, value, at) {
    const { walker } = this;
    if (kind === 'wait') this.free += value;
    if (kind === 'press' || kind === 'hang_up') {
      this.advanceTo(at ?? value);
      if (walker.ending) return;
      assert(kind === 'press' ? walker.press(value) : walker.hangUp());
      this.free = walker.now;
    }
    if (kind === 'say') {
      this.advanceTo(this.free);
      while (!walker.ending && !walker.waitsFor.speech) this.advanceTo(walker.waitsFor.until);
      if (walker.ending) return;
      assert(walker.say(value));
      this.free = walker.now + walker.events.at(-1).lasts;
    }
  }
}

function compare(flow, call, walker) {
  const { kind, at } = walker.ending;
  const found = {
    events: walker.events.map((event) => [event.at, event.step, event.kind, event.text]),
    heard: walker.heard,
    variables: { ...walker.variables },
    ending: [kind, at],
  };
  try {
    assert.deepEqual(found, call.expected);
  } catch (error) {
    console.error(JSON.stringify({ acts: call.acts, flow }, null, 1));
    throw error;
  }
}

let calls = 0;
for await (const line of createInterface({ input: process.stdin })) {
  const flow = JSON.parse(line);
  const saved = [];
  for (const call of flow.calls) {
    calls += 1;
    const name = String(call.number ?? '');
    const { walker, midway } = new Call(flow, call, name);
    if (isSaved) saved.push(callYaml(walker, { name }), ...(midway ? [midway] : []));
    else compare(flow.table, call, walker);
  }
  if (isSaved) console.log(JSON.stringify(saved));
}
if (!isSaved) console.log(`${calls} calls are the same in the walker and in the simulator.`);
