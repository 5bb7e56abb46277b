// Texts spoken by the browser, only when somebody asked for it.

import { element } from "./elements.js";

const speech = {
  isOn: false,
  synthesis: window.speechSynthesis || null,

  // Only a voice of this machine: others send the text to somebody.
  voice(language) {
    const found = this.synthesis.getVoices().filter((one) => one.localService);
    const wanted = (language || "").toLowerCase();
    return (
      found.find((one) => one.lang.toLowerCase() === wanted) ||
      found.find((one) => one.lang.toLowerCase().split("-")[0] === wanted.split("-")[0]) ||
      null
    );
  },

  say(text, language) {
    if (!this.isOn || !this.synthesis || !text) return;
    const voice = this.voice(language);
    if (!voice) return;
    const words = new SpeechSynthesisUtterance(text);
    words.voice = voice;
    words.lang = voice.lang;
    this.synthesis.speak(words);
  },

  stop() {
    if (this.isOn && this.synthesis) this.synthesis.cancel();
  },
};

export function speak(text, language) {
  speech.say(text, language);
}

export function silence() {
  speech.stop();
}

// The switch, with what has to be known beside it.
export function speechSwitch() {
  if (!speech.synthesis) return element("p", { class: "note" }, "This browser cannot speak texts.");
  const box = element("input", {
    type: "checkbox",
    onchange: () => {
      silence();
      speech.isOn = box.checked;
    },
  });
  box.checked = speech.isOn;
  return element(
    "div",
    { class: "speech" },
    element("label", {}, box, " Speak the texts"),
    element(
      "p",
      { class: "note" },
      "By a voice of this machine, where it has one for the language: not the voice that callers hear.",
    ),
  );
}
