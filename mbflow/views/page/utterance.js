// What somebody types to be said: how long that takes, what of it was heard when it was cut, and how
// transcripts show it. As in mbflow/simulator/timing.py and mbflow/model/text.py, whose numbers and
// characters come with the rules of the tables.

const SPACES = '\\t-\\r\\x1c-\\x20\\x85\\xa0\\u1680\\u2000-\\u200a\\u2028\\u2029\\u202f\\u205f\\u3000';
const SPACE = new RegExp(`[${SPACES}]`, 'u'); // what Python takes for white space
const LAST_WORD = new RegExp(`^(.*[^${SPACES}])[${SPACES}]+[^${SPACES}]+[${SPACES}]*$`, 'su');
const SHORT = { '\n': '\\n', '\r': '\\r', '\t': '\\t', '\x1b': '\\e' };

export function speechMs({ speech: { rate, wide, counts } }, text) {
  const count = [...text].length + (counts - 1) * (text.match(new RegExp(wide, 'gu')) ?? []).length;
  return Math.ceil((count * 10) / rate) * 100;
}

/** The whole words of a text that were said within the first milliseconds. */
export function heardPart(rules, text, ms) {
  const whole = speechMs(rules, text);
  if (ms >= whole) return text;
  const letters = [...text];
  const cut = Math.floor((letters.length * ms) / whole);
  const part = letters.slice(0, cut).join('');
  if (SPACE.test(letters[cut] ?? '')) return part;
  const words = LAST_WORD.exec(part);
  return words ? words[1] : new RegExp(rules.speech.wide, 'u').test(part) ? part : '';
}

export function wordsOf(text) {
  return text.split(new RegExp(`[${SPACES}]+`, 'u')).filter(Boolean);
}

/** The text with every character that could act written as an escape. */
export function printable({ hidden }, text) {
  const shown = text.replace(new RegExp(hidden, 'gu'), (sign) => SHORT[sign] ?? escapeOf(sign.codePointAt(0)));
  return shown.replace(/^(\s*):(?=:)/u, '$1\\x3a').replace(/##(?=[\p{L}\p{N}_]*\[)/gu, '#\\x23');
}

function escapeOf(number) {
  const [letter, width] = number < 0x100 ? ['x', 2] : number < 0x10000 ? ['u', 4] : ['U', 8];
  return `\\${letter}${number.toString(16).padStart(width, '0')}`;
}
