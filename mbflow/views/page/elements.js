// Elements of the page. Every text of a flow comes through here and becomes a text node.

const SVG = "http://www.w3.org/2000/svg";
const LANGUAGE = /^[a-z]{2,3}(-[a-z0-9]{2,8})*$/i;

// element("button", {class: "key", onclick: press}, "1"): children are nodes or texts.
export function element(tag, options = {}, ...children) {
  return filled(document.createElement(tag), options, children);
}

export function shape(tag, options = {}, ...children) {
  return filled(document.createElementNS(SVG, tag), options, children);
}

function filled(made, options, children) {
  for (const [name, value] of Object.entries(options)) {
    if (name.startsWith("on")) made.addEventListener(name.slice(2), value);
    else if (value === true) made.setAttribute(name, "");
    else if (value !== false && value !== null && value !== undefined) made.setAttribute(name, value);
  }
  made.append(...children.filter((child) => child !== null && child !== undefined && child !== ""));
  return made;
}

// The attributes of a text in a language of its own, so that screen readers say it in that.
export function spoken(language) {
  return LANGUAGE.test(language || "") ? { lang: language, dir: "auto" } : { dir: "auto" };
}

export function plural(count, noun, many = `${noun}s`) {
  return `${count.toLocaleString("en")} ${count === 1 ? noun : many}`;
}

// 65200 is "1:05.2".
export function clock(ms) {
  const tenths = Math.round(ms / 100);
  const minutes = Math.floor(tenths / 600);
  const rest = ((tenths % 600) / 10).toFixed(1).padStart(4, "0");
  return `${minutes}:${rest}`;
}

export function flowAddress(name) {
  return `#flow/${name.split("/").map(encodeURIComponent).join("/")}`;
}

export function flowLink(name) {
  return element("a", { href: flowAddress(name) }, name);
}
