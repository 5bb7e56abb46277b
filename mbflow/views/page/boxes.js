// Boxes of the drawing: their texts in lines that fit, and their size.

const WIDTH = 190;
const INSIDE = WIDTH - 24;
export const LINE = 18;
const FONT = "13px system-ui, sans-serif";
const HEAD = "600 12px system-ui, sans-serif";
const pen = document.createElement("canvas").getContext("2d");

export function textWidth(text, font = FONT) {
  pen.font = font;
  return pen.measureText(text).width;
}

// The text in lines of at most that width; a word that is longer is broken.
export function textLines(text, width, font = FONT) {
  const lines = [];
  let line = "";
  for (const word of text.split(/\s+/)) {
    const longer = line ? `${line} ${word}` : word;
    if (textWidth(longer, font) <= width) {
      line = longer;
      continue;
    }
    if (line) lines.push(line);
    line = "";
    for (const letter of word) {
      if (line && textWidth(line + letter, font) > width) {
        lines.push(line);
        line = "";
      }
      line += letter;
    }
  }
  return line ? [...lines, line] : lines;
}

const HEADS = {
  say: "says",
  play: "plays",
  pause: "waits",
  transfer: "transfers to",
  record: "records",
  hangup: "hangs up",
  fetchCallFlow: "asks a web server for the next flow",
  sendKeys: "sends keys",
};

function contentText(action, text) {
  return action === "say" ? `“${text}”` : text;
}

// {width, height, lines: [{text, kind}]}: kind is head, if, text or mark.
export function boxOf(node, count, problems, marks = []) {
  const lines = [];
  const add = (text, kind, font) => {
    for (const one of textLines(text, INSIDE, font)) lines.push({ text: one, kind });
  };
  if (node.kind === "start") add("A call comes in", "head", HEAD);
  if (node.text) add(node.text, "text");
  node.lines.forEach((line, index) => {
    const named = HEADS[line.action] || line.action || "nothing";
    add(`${node.steps[index] + 1} ${named}`, "head", HEAD);
    for (const one of line.ifs) add(one, "if");
    for (const one of line.content) add(contentText(line.action, one), "text");
  });
  if (count !== null && node.steps.length) {
    add(count ? `in ${count} ${count === 1 ? "call" : "calls"}` : "in no call", "count", HEAD);
  }
  for (const one of marks) add(one, "mark", HEAD);
  for (const one of problems) add(`⚠ ${one.rule}, line ${one.line}`, "mark", HEAD);
  const widest = Math.max(...lines.map((line) => textWidth(line.text, line.kind === "text" ? FONT : HEAD)), 40);
  return { width: Math.min(WIDTH, Math.ceil(widest) + 26), height: lines.length * LINE + 16, lines };
}
