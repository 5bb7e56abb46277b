// What people see in an editor: a YAML language server, driven over stdio, reads the schemas and
// the worked example, and finds the schemas by the line in a file, by the settings that
// `mbflow init` writes for VS Code, and by the catalogue; and Ajv in strict mode takes every schema.
// `node editor.mjs ROOT`.
import assert from 'node:assert/strict';
import { execFileSync, spawn } from 'node:child_process';
import { mkdtempSync, readFileSync, readdirSync, rmSync } from 'node:fs';
import { createServer } from 'node:http';
import { createRequire } from 'node:module';
import { tmpdir } from 'node:os';
import { basename, join } from 'node:path';
import { pathToFileURL } from 'node:url';
import Ajv from 'ajv/dist/2020.js';
import rpc from 'vscode-jsonrpc/node.js';
import { LineCounter, isScalar, parseDocument, visit } from 'yaml';

const SECONDS = 120;
const PROPERTY = 10; // CompletionItemKind.Property: a key, not a value
const root = process.argv[2];
const schemas = Object.fromEntries(
  readdirSync(join(root, 'schemas'))
    .filter((file) => file.endsWith('.schema.json'))
    .map((file) => [file.replace('.schema.json', ''), JSON.parse(readFileSync(join(root, 'schemas', file)))]),
);
const actions = schemas['call-flow'].$defs.step.properties.action.enum;
const optionsOf = (action) => schemas['call-flow'].$defs[action].properties;
const allOptions = [...new Set(actions.flatMap((action) => Object.keys(optionsOf(action))))];
let checks = 0;

class Editor {
  // `folder` is what the editor has open; `own` are its settings of `yaml.`.
  static async start(folder = root, own = {}) {
    const program = createRequire(import.meta.url).resolve('yaml-language-server/bin/yaml-language-server');
    const editor = new Editor();
    editor.server = spawn(process.execPath, [program, '--stdio'], { stdio: ['pipe', 'pipe', 'inherit'] });
    const { stdout, stdin } = editor.server;
    editor.line = rpc.createMessageConnection(new rpc.StreamMessageReader(stdout), new rpc.StreamMessageWriter(stdin));
    editor.problems = new Map();
    editor.folder = folder;
    const settings = { hover: true, completion: true, validate: true, schemaStore: { enable: false }, ...own };
    editor.line.onRequest('workspace/configuration', ({ items }) =>
      items.map(({ section }) => (section === 'yaml' ? settings : null)),
    );
    editor.line.onRequest('client/registerCapability', () => null);
    editor.line.onNotification('textDocument/publishDiagnostics', ({ uri, diagnostics }) =>
      editor.problems.get(uri)?.(diagnostics),
    );
    editor.line.listen();
    const uri = pathToFileURL(folder).href;
    await editor.line.sendRequest('initialize', {
      processId: process.pid,
      rootUri: uri,
      workspaceFolders: [{ uri, name: 'project' }],
      capabilities: {
        workspace: { configuration: true },
        textDocument: { completion: { completionItem: { snippetSupport: true } } },
      },
    });
    editor.line.sendNotification('initialized', {});
    return editor;
  }

  open(text, file = `editor-${checks++}.yaml`) {
    this.uri = pathToFileURL(join(this.folder, file)).href;
    const textDocument = { uri: this.uri, languageId: 'yaml', version: 1, text };
    this.line.sendNotification('textDocument/didOpen', { textDocument });
  }

  // The problems of a new file, as `line:column message [source]`, in order; lines count from 0.
  async check(text, file) {
    this.open(text, file);
    const told = new Promise((tell) => this.problems.set(this.uri, tell));
    const order = ({ range: { start } }) => start.line * 1000 + start.character;
    return (await told)
      .sort((one, two) => order(one) - order(two))
      .map(({ range: { start }, message, source }) => `${start.line}:${start.character} ${message} [${source}]`);
  }

  async hover(position) {
    checks++;
    const found = await this.line.sendRequest('textDocument/hover', { textDocument: { uri: this.uri }, position });
    return found?.contents.value ?? '';
  }

  // What is offered where § stands.
  async complete(name, text) {
    const [before, after] = withSchema(name, text).split('§');
    this.open(before + after);
    const lines = before.split('\n');
    const position = { line: lines.length - 1, character: lines.at(-1).length };
    const request = { textDocument: { uri: this.uri }, position };
    return (await this.line.sendRequest('textDocument/completion', request)).items;
  }

  async offers(name, text) {
    return (await this.complete(name, text)).map(({ label }) => label.replace(/^"(.*)"$/, '$1'));
  }

  async offersKeys(name, text) {
    const items = await this.complete(name, text);
    return items.filter(({ kind, label }) => kind === PROPERTY && !label.includes(' ')).map(({ label }) => label);
  }
}

function withSchema(name, text) {
  return `# yaml-language-server: $schema=${join(root, 'schemas', name)}.schema.json\n${text}`;
}

// The words as the server writes them in Markdown.
function escaped(words) {
  return words.replaceAll('\n', '\n\n').replace(/[\\`*_{}[\]#+!]/g, '\\$&');
}

function step(action, options) {
  return `  - action: ${action}\n    options:\n${options.map((line) => `      ${line}\n`).join('')}`;
}

// `strict: true` alone only logs what strictTypes, strictTuples and strictRequired find; here it throws.
const STRICT = { strict: true, strictTypes: true, strictTuples: true, strictRequired: true, validateSchema: true };

function checkAjv() {
  for (const [name, schema] of Object.entries(schemas)) {
    const said = [];
    const log = (...words) => said.push(words.join(' '));
    new Ajv({ ...STRICT, logger: { log, warn: log, error: log } }).compile(schema);
    assert.deepEqual(said, [], name);
    checks++;
  }
}

// Every file of the worked example is without problems, and every key in it has its words.
async function checkExample(editor) {
  const below = ['flows', 'calendars'].flatMap((folder) =>
    readdirSync(join(root, folder), { recursive: true }).map((name) => join(folder, name)),
  );
  for (const file of ['mbflow.yaml', ...below.filter((name) => name.endsWith('.yaml'))]) {
    const text = readFileSync(join(root, file), 'utf8');
    assert.deepEqual(await editor.check(text, file), [], file);
    const lines = new LineCounter();
    const keys = [];
    visit(parseDocument(text, { lineCounter: lines }), {
      Pair: (_, { key, value }) => {
        if (isScalar(key) && value?.range) keys.push(key);
        if (key.value === 'fetches') return visit.SKIP; // below it may be flows that are written out
      },
    });
    for (const key of keys) {
      const { line, col } = lines.linePos(key.range[0]);
      const said = await editor.hover({ line: line - 1, character: col - 1 });
      assert.match(said, /^#### .+\n\n(?!Allowed|Example|Source)\S/, `${file}:${line} ${key.value}`);
    }
  }
}

// On hover each option shows its own description, with a value and with a reference.
async function checkHover(editor) {
  for (const action of actions.filter((name) => Object.keys(optionsOf(name)).length)) {
    for (const value of [(of) => JSON.stringify(of.examples[0]), () => '${name}']) {
      const lines = Object.entries(optionsOf(action)).map(([name, of]) => `${name}: ${value(of)}`);
      editor.open(withSchema('call-flow', `steps:\n${step(action, lines)}`));
      const heading = await editor.hover({ line: 3, character: 5 });
      assert.match(heading, new RegExp(`^#### Options of ${action}\n\n\\w`));
      for (const [row, { title, description }] of Object.values(optionsOf(action)).entries()) {
        const said = await editor.hover({ line: 4 + row, character: 7 });
        assert.ok(said.startsWith(`#### ${title}\n\n${escaped(description)}\n`), `${action}: ${said}`);
      }
    }
  }
  editor.open(withSchema('project', 'rules:\n  same-title: error'));
  assert.match(await editor.hover({ line: 2, character: 4 }), /^#### same-title\n\nTwo flows have the same title\./);
  editor.open(withSchema('call-flow', `id: x\nsteps:\n${step('hangup', ['length: 0'])}`));
  assert.match(await editor.hover({ line: 1, character: 1 }), /^#### Set by the service\n/);
  assert.match(await editor.hover({ line: 5, character: 7 }), /^#### An option of another action\n/);
}

// An action's own options are offered and no other, and of each option every value.
async function checkOptions(editor) {
  for (const action of actions) {
    const own = optionsOf(action);
    const keys = await editor.offersKeys('call-flow', `steps:\n${step(action, ['§'])}`);
    assert.deepEqual(keys.sort(), Object.keys(own).sort(), action);
    for (const [name, of] of Object.entries(own)) {
      const offered = await editor.offers('call-flow', `steps:\n${step(action, [`${name}: §`])}`);
      const choices = of.else?.enum?.filter((choice) => choice !== '');
      for (const choice of choices ?? of.examples) assert.ok(offered.includes(String(choice)), `${name}: ${choice}`);
      if (of.else?.type === 'boolean') assert.deepEqual(offered.sort(), ['false', 'true'], name);
    }
    const foreign = allOptions.filter((option) => !(option in own));
    const lines = foreign.map((option) => `${option}: x`);
    const problems = await editor.check(withSchema('call-flow', `steps:\n${step(action, lines)}`));
    const told = problems.filter((problem) => !problem.includes('Missing property'));
    const expected = foreign.map((name, row) => `${4 + row}:6 Property ${name} is not allowed. [yaml-schema: Options of ${action}]`);
    // The server draws neighbours with one message together; these all differ.
    assert.deepEqual(told, expected);
    const unset = foreign.map((option, row) => `${option}: ${['""', '0', 'false', 'null'][row % 4]}`);
    const silent = await editor.check(withSchema('call-flow', `steps:\n${step(action, unset)}`));
    assert.deepEqual(silent.filter((problem) => !problem.includes('Missing property')), []);
  }
}

const OFFERS = [
  ['call-flow', 'mbflow:\n  exceptions:\n    §', ['same-title', 'no-ending', 'plain-http']],
  ['project', 'rules:\n  §', ['same-title', 'no-ending', 'plain-http']],
  ['calendar', 'zone: §\nopen: {}', ['Europe/London']],
  ['call-flow', 'steps:\n  - action: §', actions],
  ['call-flow', 'steps:\n  - action: say\n    conditions:\n      - operator: §', ['==']],
  ['call-flow', 'record: §\nsteps: []', ['false', 'true']],
  ['call-flow', 'default: §\nsteps: []', ['false', 'true']],
  ['call-flow', 'mbflow:\n  protect: §', ['false', 'true']],
  ['calls', 'calls:\n  - name: A\n    ends: §', schemas.calls.$defs.ends.else.enum],
  ['calls', 'calls:\n  - name: A\n    within: §', ['30s']],
  ['calls', 'calls:\n  - name: A\n    world:\n      transfers:\n        "312": §', ['answered', 'busy', 'no_answer', 'failed', 'machine']],
  ['project', 'rules:\n  same-title: §', ['error', 'warning', 'off']],
  ['project', 'variables:\n  pin:\n    type: §', ['string', 'integer', 'number', 'boolean']],
  ['project', 'environments:\n  production:\n    require_plan: §', ['false', 'true']],
  ['project', 'environments:\n  production:\n    endpoint: §', ['https://voice.messagebird.com', 'embedded']],
];

const KEYS = [
  ['calendar', '§', ['exceptions', 'holidays', 'ical', 'open', 'zone']],
  ['calendar', 'exceptions:\n  - §', Object.keys(schemas.calendar.$defs.exception.properties).sort()],
  ['lock', '§', ['canonical', 'environments', 'format', 'numbers', 'project']],
  ['call-flow', '§', ['default', 'maxDuration', 'mbflow', 'record', 'steps', 'title']],
  ['call-flow', 'steps:\n  - §', ['action', 'conditions', 'endKey', 'id', 'maxNumKeys', 'onKeypressGoto', 'onKeypressVar']],
  ['call-flow', 'steps:\n  - action: say\n    §', ['conditions', 'endKey', 'id', 'maxNumKeys', 'onKeypressGoto', 'onKeypressVar', 'options']],
  ['calls', 'calls:\n  - name: A\n    ends:\n      §', ['fetched', 'transferred']],
  ['calls', 'calls:\n  - name: A\n    does:\n      - §', ['at', 'hang_up', 'machine', 'press', 'say', 'wait']],
  ['project', '§', Object.keys(schemas.project.properties).sort()],
  ['project', 'environments:\n  production:\n    §', Object.keys(schemas.project.$defs.environment.properties).sort()],
  ['project', 'variables:\n  pin:\n    §', ['default', 'env', 'secret', 'type', 'value']],
];

const valid = (names) => `Value is not accepted. Valid values: ${names.map((name) => JSON.stringify(name)).join(', ')}.`;
const says = ['payload: Hello', 'language: en-GB', 'voice: female'];
const call = (line) => `calls:\n  - name: A\n    ${line}`;
const calendar = 'zone: Europe/London\nopen: {monday-friday: ["09:00-17:00"]}';
const PROBLEMS = [
  ['calendar', calendar, []],
  ['calendar', `${calendar}\nholiday: {country: GB}`, ['3:0 Property holiday is not allowed. [yaml-schema: mbflow calendar]']],
  ['calendar', 'zone: 1\nopen: {}', ['1:6 Incorrect type. Expected "string". [yaml-schema: Time zone]']],
  ['lock', 'format: 2\nproject: acme\ncanonical: 1\nenvironments: {}', ['1:8 Value must be 1. [yaml-schema: Format]']],
  ['call-flow', 'mbflow: {exceptions: {same-title: 1}}\nsteps: [{action: hangup}]', ['1:34 Incorrect type. Expected "string". [yaml-schema: same-title]']],
  ['call-flow', 'steps:\n  - action: sai', [`2:12 ${valid(actions)} [yaml-schema: Action]`]],
  ['call-flow', 'steps:\n  - say: Hello', ['2:4 Missing property "action". [yaml-schema: Step]', '2:4 Property say is not allowed. [yaml-schema: Step]']],
  ['call-flow', 'steps:\n  - action: say', ['2:4 Missing property "options". [yaml-schema: Step]']],
  ['call-flow', 'steps:\n  - action: say\n    options:', ['3:12 Incorrect type. Expected "Options of say". [yaml-schema: Options of say]']],
  ['call-flow', `steps:\n${step('say', says.slice(1))}`, ['3:4 Missing property "payload". [yaml-schema: Options of say]']],
  ['call-flow', `steps:\n${step('say', [...says, 'repat: 2'])}`, ['7:6 Property repat is not allowed. [yaml-schema: Options of say]']],
  ['call-flow', `steps:\n${step('say', [...says, 'repeat: "2"'])}`, ['7:14 Incorrect type. Expected "integer". [yaml-schema: Repeat]']],
  ['call-flow', `steps:\n${step('say', [...says, 'repeat: 11'])}`, ['7:14 Value is above the maximum of 10. [yaml-schema: Repeat]']],
  ['call-flow', `steps:\n${step('say', [...says.slice(0, 2), 'voice: femal'])}`, [`6:13 ${valid(['male', 'female'])} [yaml-schema: Voice]`]],
  ['call-flow', `steps:\n${step('say', [...says.slice(0, 2), 'voice: ${voice}', 'repeat: ${times}'])}`, []],
  ['call-flow', `steps:\n${step('transfer', ['destination: 31201234567', 'mask: yes'])}`, ['4:19 Incorrect type. Expected "string". [yaml-schema: Destination]', '5:12 Incorrect type. Expected "boolean". [yaml-schema: Mask]']],
  ['call-flow', `steps:\n${step('play', ['media: []'])}`, ['4:13 Array has too few items. Expected 1 or more. [yaml-schema: Media]']],
  ['call-flow', `stepz: []\nsteps:\n${step('hangup', ['length: 0'])}`, ['1:0 Property stepz is not allowed. [yaml-schema: Call flow]']],
  ['calls', call('ends: hangupp'), [`3:10 ${valid(schemas.calls.$defs.ends.else.enum)} [yaml-schema: How the call ends]`]],
  ['calls', call('ends: {transfered: "1"}'), ['3:11 Property transfered is not allowed. [yaml-schema: How the call ends]']],
  ['calls', call('within: -1'), ['3:12 Value is below the minimum of 0. [yaml-schema: Longest time]']],
  ['calls', call('does: [{press: 1}]'), ['3:19 Incorrect type. Expected "string". [yaml-schema: Press keys]']],
  ['project', 'variables:\n  pin: {envv: X}\n  list: []', ['2:8 Property envv is not allowed. [yaml-schema: Variable]', '3:8 Incorrect type. Expected "string | number". [yaml-schema: Variable]']],
  ['project', 'rules:\n  same-title: warn', [`2:14 ${valid(['error', 'warning', 'off'])} [yaml-schema: same-title]`]],
  ['project', 'environments:\n  production:\n    require_plan: yes', ['3:18 Incorrect type. Expected "boolean". [yaml-schema: Require a plan]']],
];

async function checkTables(editor) {
  for (const [name, text, expected] of OFFERS) {
    const offered = await editor.offers(name, text);
    for (const choice of expected) assert.ok(offered.includes(choice), `${text}: ${choice} of ${offered}`);
    assert.ok(!offered.includes('[object Object]'), text);
  }
  for (const [name, text, expected] of KEYS) {
    assert.deepEqual((await editor.offersKeys(name, text)).sort(), expected, text);
  }
  for (const [name, text, expected] of PROBLEMS) {
    assert.deepEqual(await editor.check(withSchema(name, text)), expected, text);
  }
}

// A file of each kind, with a mistake at its second line. No line in it names a schema.
const BARE = {
  'flows/support/menu.yaml': ['title: Menu\nstepz: []', 'call-flow'],
  'flows/support/menu.calls.yaml': ['calls: [{name: x}]\ncals: []', 'calls'],
  'calendars/office.yaml': ['zone: Europe/London\nopens: {}', 'calendar'],
  'mbflow.yaml': ['project: acme\nprojct: x', 'project'],
  'mbflow.lock.yaml': ['format: 1\nprojct: x', 'lock'],
};

// In a project below the folder that the editor has open, and in files of others beside it.
async function checkBareFiles(editor, below, titleOf) {
  for (const [file, [text, name]] of Object.entries(BARE)) {
    const title = titleOf(name);
    const problems = await editor.check(text, join(below, file));
    const key = text.split('\n')[1].split(':')[0];
    const expected = `1:0 Property ${key} is not allowed. [yaml-schema: ${title}]`;
    assert.ok(problems.includes(expected), `${file}: ${problems}`);
    assert.ok(problems.every((problem) => problem.endsWith(`[yaml-schema: ${title}]`)), `${file}: ${problems}`);
  }
  assert.deepEqual(await editor.check('anything: x', join(below, 'docs/other.yaml')), []);
}

// The settings that `mbflow init` writes, at the top of a repository and for a folder of one.
async function checkSettings() {
  for (const below of ['', 'services/phone']) {
    const folder = mkdtempSync(join(tmpdir(), 'editor-'));
    execFileSync('git', ['init', '--quiet', folder]);
    execFileSync(join(root, '.venv/bin/mbflow'), ['init', join(folder, below), '--editor', 'vscode']);
    const settings = JSON.parse(readFileSync(join(folder, '.vscode/settings.json')));
    const editor = await Editor.start(folder, { schemas: settings['yaml.schemas'] });
    try {
      await checkBareFiles(editor, below, (name) => schemas[name].title);
    } finally {
      editor.server.kill();
      rmSync(folder, { recursive: true });
    }
  }
}

const HOME = 'https://raw.githubusercontent.com/mbflow/mbflow/main/schemas';

// The catalogue, served here with the schemas in the place of the address that it names.
async function checkCatalogue() {
  const server = createServer((request, response) => {
    const text = readFileSync(join(root, 'schemas', basename(request.url)), 'utf8');
    response.end(text.replaceAll(HOME, `http://${request.headers.host}`));
  });
  await new Promise((done) => server.listen(0, '127.0.0.1', done));
  const home = `http://127.0.0.1:${server.address().port}`;
  const editor = await Editor.start(root, { schemaStore: { enable: true, url: `${home}/catalog.json` } });
  const { schemas: entries } = JSON.parse(readFileSync(join(root, 'schemas/catalog.json')));
  const titleOf = (name) => entries.find(({ url }) => url === schemas[name].$id).name;
  try {
    await checkBareFiles(editor, 'elsewhere', titleOf);
  } finally {
    editor.server.kill();
    server.close();
  }
}

setTimeout(() => {
  console.error(`The language server did not end within ${SECONDS} seconds.`);
  process.exit(1);
}, SECONDS * 1000).unref();
checkAjv();
const editor = await Editor.start();
try {
  for (const check of [checkExample, checkHover, checkOptions, checkTables]) await check(editor);
} finally {
  editor.server.kill();
}
await checkSettings();
await checkCatalogue();
console.log(`The editor helps: ${checks} places looked at.`);
process.exit(0);
