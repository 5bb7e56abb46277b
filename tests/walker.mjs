// The page's walker makes the calls of dial_calls.py once more: `node walker.mjs ROOT < calls.jsonl`.
import assert from 'node:assert/strict';
import { createInterface } from 'node:readline';
import { pathToFileURL } from 'node:url';

const { Walker } = await import(pathToFileURL(`${process.argv[2]}/mbflow/views/page/walker.js`));

/** Everybody does what they do in the simulator, who is asked at once. */
class Call {
  constructor({ table, rules }, { acts, outcomes, failing }) {
    this.machine = acts[0]?.[0] === 'machine';
    this.walker = new Walker(table, rules, { machine: this.machine });
    this.outcomes = outcomes;
    this.failing = failing;
    this.free = 0; // when the act before was over
    this.advanceTo(0);
    for (const act of acts) this.act(...act);
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

let calls = 0;
for await (const line of createInterface({ input: process.stdin })) {
  const flow = JSON.parse(line);
  for (const call of flow.calls) {
    const { walker } = new Call(flow, call);
    const { kind, at } = walker.ending;
    const found = {
      events: walker.events.map((event) => [event.at, event.step, event.kind, event.text]),
      variables: walker.variables,
      ending: [kind, at],
    };
    try {
      assert.deepEqual(found, call.expected);
    } catch (error) {
      console.error(JSON.stringify({ ...call, table: flow.table }, null, 1));
      throw error;
    }
    calls += 1;
  }
}
console.log(`${calls} calls are the same in the walker and in the simulator.`);
