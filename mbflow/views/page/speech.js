// How long it takes to say a text that somebody types, and what of it was said when it was cut: as in
// mbflow/simulator/timing.py, whose numbers come with the rules of the tables.

const SPACES = '\\t-\\r\\x1c-\\x20\\x85\\xa0\\u1680\\u2000-\\u200a\\u2028\\u2029\\u202f\\u205f\\u3000';
const SPACE = new RegExp(`[${SPACES}]`, 'u'); // what Python takes for white space
const LAST_WORD = new RegExp(`^(.*[^${SPACES}])[${SPACES}]+[^${SPACES}]+[${SPACES}]*$`, 'su');

export function speechMs({ rate, wide, counts }, text) {
  const count = [...text].length + (counts - 1) * (text.match(new RegExp(wide, 'gu')) ?? []).length;
  return Math.ceil((count * 10) / rate) * 100;
}

/** The whole words of a text that were said within the first milliseconds. */
export function heardPart(speech, text, ms) {
  const whole = speechMs(speech, text);
  if (ms >= whole) return text;
  const letters = [...text];
  const cut = Math.floor((letters.length * ms) / whole);
  const part = letters.slice(0, cut).join('');
  if (SPACE.test(letters[cut] ?? '')) return part;
  const words = LAST_WORD.exec(part);
  return words ? words[1] : new RegExp(speech.wide, 'u').test(part) ? part : '';
}
