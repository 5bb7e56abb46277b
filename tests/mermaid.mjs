// Mermaid's own parser reads every diagram of a folder, and finds in it each box and each arrow.
// Usage: node mermaid.mjs FOLDER, where the packages mermaid and jsdom can be found from here.
import { readFileSync, readdirSync } from "node:fs";
import { join } from "node:path";
import { JSDOM } from "jsdom";

const { window } = new JSDOM("");
Object.assign(globalThis, { window, document: window.document });
const { default: mermaid } = await import("mermaid");

const BOX = /^ +f\d+[rson]\w*(\(|\[)|^ +legend_\w+\[/;
const ARROW = / (-->|-\.->)/;
// What GitHub draws: the defaults of Mermaid.
const MOST_CHARACTERS = 50_000;

async function troubleOf(text) {
  if (text.length > MOST_CHARACTERS) return `${text.length} characters are more than it draws`;
  try {
    await mermaid.parse(text);
    const { db } = await mermaid.mermaidAPI.getDiagramFromText(text);
    const lines = text.split("\n").slice(1);
    const arrows = lines.filter((line) => ARROW.test(line)).length;
    const boxes = lines.filter((line) => BOX.test(line) && !ARROW.test(line)).length;
    const found = `${db.getVertices().size} boxes and ${db.getEdges().length} arrows`;
    const wanted = `${boxes} boxes and ${arrows} arrows`;
    return found === wanted ? "" : `it found ${found}, where ${wanted} are`;
  } catch (error) {
    return String(error.message ?? error);
  }
}

for (const broken of ['flowchart TD\n  f0s0["a"b"]', "flowchart TD\n  f0s0[end", "flow TD"]) {
  if (!(await troubleOf(broken))) throw new Error(`Mermaid takes anything: ${broken}`);
}
const folder = process.argv[2];
const names = readdirSync(folder).filter((name) => name.endsWith(".mmd"));
if (names.length === 0) throw new Error(`There are no diagrams in ${folder}.`);
let wrong = 0;
for (const name of names.sort()) {
  const trouble = await troubleOf(readFileSync(join(folder, name), "utf8").trimEnd());
  if (trouble) {
    wrong += 1;
    console.error(`${name}: ${trouble}`);
  }
}
console.log(`${names.length} diagrams read by Mermaid: ${wrong || "none"} wrong.`);
process.exit(wrong ? 1 : 0);
