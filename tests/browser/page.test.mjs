// The page in a real browser: nothing is asked for, nothing of a text runs, and everything works
// with the keyboard. PAGES is the folder with the pages, SHOTS one for pictures, if there is any.
import assert from "node:assert/strict";
import { readFileSync, statSync } from "node:fs";
import { after, before, test } from "node:test";
import { chromium } from "playwright-core";
import { FLAGS } from "./flags.mjs";

const PAGES = process.env.PAGES;
const AXE = readFileSync(new URL("node_modules/axe-core/axe.min.js", import.meta.url), "utf8");
let browser;

before(async () => {
  browser = await chromium.launch({ executablePath: process.env.CHROMIUM || "/usr/bin/chromium", args: FLAGS });
});
after(() => browser.close());

// Opens a page, and fails where anything but the file itself was asked for, or anything went wrong.
async function opened(name, act, { width = 1280, height = 900, hash = "", ...options } = {}) {
  const context = await browser.newContext({ viewport: { width, height }, ...options });
  const page = await context.newPage();
  const wrong = [];
  const file = `file://${PAGES}/${name}.html`;
  page.on("console", (message) => wrong.push(message.text()));
  page.on("pageerror", (error) => wrong.push(error.stack));
  page.on("dialog", (dialog) => wrong.push(dialog.message()));
  page.on("popup", (popup) => wrong.push(popup.url()));
  const session = await context.newCDPSession(page);
  await session.send("Network.enable");
  session.on("Network.requestWillBeSent", ({ request }) => {
    if (request.url.split("#")[0] !== file) wrong.push(request.url);
  });
  try {
    await page.goto(file + hash);
    await act(page);
    assert.deepEqual(wrong, []);
  } finally {
    await context.close();
  }
}

async function picture(page, name) {
  if (process.env.SHOTS) await page.screenshot({ path: `${process.env.SHOTS}/${name}.png` });
}

// Goes to an address of the page; what is shown there is there then.
const went = (page, hash) => page.evaluate((to) => new Promise((done) => {
  if (location.hash === to) done();
  addEventListener("hashchange", () => setTimeout(done), { once: true });
  location.hash = to;
}), hash);

async function followed(page, link) {
  const shown = page.evaluate(() => new Promise((done) => {
    addEventListener("hashchange", () => setTimeout(done), { once: true });
  }));
  await page.click(link);
  await shown;
}

const texts = (page, selector) => page.locator(selector).allTextContents();
const MENU = { hash: "#flow/support/menu" };

test("the page of the worked example is small", () => {
  assert.ok(statSync(`${PAGES}/example.html`).size < 400_000);
});

test("the overview says where numbers lead", () =>
  opened("example", async (page) => {
    assert.match(await page.innerText("main"), /442079460120[^]*open: support\/menu/);
    await picture(page, "overview-1280");
    await followed(page, "main >> text=support/menu");
    assert.equal(await page.innerText("h1"), "Support line");
  }));

test("a menu is drawn as a menu: its keys in their order, from left to right", () =>
  opened("example", async (page) => {
    const labels = await page.$$eval(".edge", (edges) =>
      edges.slice(1, 6).map((edge) => [edge.querySelector("text").textContent, edge.querySelector("rect").getBoundingClientRect().x]),
    );
    assert.deepEqual(labels.map(([label]) => label), ["1", "2", "3", "another key", "nobody presses"]);
    assert.deepEqual(labels.map(([, x]) => x), labels.map(([, x]) => x).toSorted((a, b) => a - b));
    const box = await page.textContent('[data-node="s0"]');
    assert.match(box.replace(/\s+/g, ""), /press3\.”2waits6sin10calls$/);
    await picture(page, "menu-1280");
  }, MENU));

test("the search looks into names, numbers and texts", () =>
  opened("example", async (page) => {
    for (const [words, found] of [["hash key", 3], ["442079460121", 1], ["MENU support", 1], ["nothing like it", 0]]) {
      await page.fill("#search", words);
      assert.equal(await page.locator("#list li a:visible").count(), found, words);
      assert.match(await page.innerText("#list [role=status]"), new RegExp(`^${found} of 9`));
    }
  }));

test("a call is played back, event after event", () =>
  opened("example", async (page) => {
    await page.click("text=a caller who presses 1 reaches sales");
    assert.equal(await page.locator(".event.later").count(), 0);
    assert.deepEqual(await texts(page, ".edge.gone text"), ["1", "answered"]);
    await picture(page, "call-1280");
    await page.selectOption("select", "16");
    await page.click("text=Play");
    await page.waitForSelector('[data-node="s0"].here');
    await page.click("text=Pause");
    assert.notEqual(await page.locator(".event.later").count(), 0);
    await page.focus("input[type=range]");
    await page.keyboard.press("End");
    assert.equal(await page.locator(".event.later").count(), 0);
    await page.click("[aria-label='One event back']");
    assert.notEqual(await page.locator(".event.later").count(), 0);
  }, MENU));

test("the colours are told by as many calls as there are", async () => {
  await opened("example", async (page) => {
    assert.match(await page.innerText(".legend"), /^no call comes here\s+few of 10 calls do\s+all do$/);
    assert.match(await page.innerText(".flow > header"), /31 of 31 branches covered · environment local/);
  }, MENU);
  await opened("many", async (page) => {
    assert.match(await page.innerText(".legend"), /^no call comes here\s+the call does$/);
  }, { hash: "#flow/folder0/flow0" });
});

// The contrast of the palest text beside the way that is shown, as WCAG 2 counts it.
const palest = (page) => page.evaluate(() => {
  const colour = (text) => text.match(/[\d.]+/g).slice(0, 3).map(Number);
  const style = (one) => getComputedStyle(one);
  const ground = colour(style(document.body).backgroundColor);
  const light = (rgb) => rgb.map((part) => part / 255)
    .map((part) => (part <= 0.04045 ? part / 12.92 : ((part + 0.055) / 1.055) ** 2.4))
    .reduce((sum, part, index) => sum + part * [0.2126, 0.7152, 0.0722][index], 0.05);
  const found = [...document.querySelectorAll(".node:not(.gone, .here), .edge:not(.gone)")].flatMap((part) => {
    const seen = (one) => light(colour(style(one).fill).map((of, index) =>
      of * style(part).opacity + ground[index] * (1 - style(part).opacity)));
    const [box, text] = [part.querySelector("rect"), part.querySelector("text")];
    const [low, high] = box && text ? [seen(box), seen(text)].sort((one, other) => one - other) : [1, 21];
    return high / low;
  });
  return Math.min(...found);
});

for (const colorScheme of ["light", "dark"]) test(`what is beside the way of a call can be read: ${colorScheme}`, () =>
  opened("example", async (page) => {
    await page.click("text=a caller who presses 1 reaches sales");
    await page.click("[aria-label='One event back']");
    const contrast = await palest(page);
    assert.ok(contrast >= 4.5, `${contrast} to 1`);
    await page.evaluate(AXE);
    const { violations } = await page.evaluate(() => window.axe.run({ runOnly: ["color-contrast"] }));
    assert.deepEqual(violations, []);
  }, { ...MENU, colorScheme }));

test("a call that fails says what differs first, and where", () =>
  opened("failing", async (page) => {
    await picture(page, "failing-overview-1280");
    await followed(page, "main >> text=a caller leaves a message and presses the hash key");
    assert.match(await page.innerText(".event.failed"), /Expected to hear "To leave a message, press 2"/);
    await picture(page, "failing-1280");
    await followed(page, "#list >> text=Sales hunt");
    await page.click("text=/^Findings/");
    assert.match(await page.innerText(".problems"), /step-after|unreachable-step|no-ending/);
    await followed(page, "#list >> text=broken");
    assert.match(await page.innerText("main"), /errors, so it cannot be drawn/);
  }));

test("a flow is dialled: by mouse and by keyboard, with others deciding, and is saved", () =>
  opened("example", async (page) => {
    await page.click("[role=tab] >> text=Dial");
    await page.click("text=/^Call$/");
    assert.match(await page.innerText(".state"), /you can press a key, or wait/);
    await page.click(".keypad >> text=/^1$/");
    assert.match(await page.innerText(".state"), /442079460111 rings/);
    await picture(page, "dial-1280");
    await page.click(".dial .controls >> text=is busy");
    assert.match(await page.innerText(".state"), /the call is over, it is hung up/);
    assert.deepEqual(await texts(page, ".edge.gone text"), ["1", "not answered"]);
    assert.deepEqual(await texts(page, ".node.hangup.gone .head"), ["8 hangs up "]);
    await page.click("text=Save as call");
    assert.match(await page.inputValue("textarea"), /does: \[\{press: "1"\}\]\n {4}world: \{transfers: \{"\$\{sales_first\}": busy\}\}/);
    await picture(page, "dial-saved-1280");
    await page.click("button:text-is('Call again')");
    await page.keyboard.press("2");
    await page.fill("form input", "Please call me back.");
    await page.keyboard.press("Enter");
    await page.focus(".keypad button");
    await page.keyboard.press("#");
    const heard = await page.innerText(".dial .events");
    assert.match(heard, /recorded\s+ivr, [\d.]+ s, key: "Please call me back\."/);
    assert.deepEqual(await texts(page, ".node.hangup.gone .head"), ["11 hangs up "]);
    await page.click("button:text-is('Call again')");
    for (let number = 0; number < 2; number += 1) await page.click("text=/^Wait$/");
    assert.match(await page.innerText(".dial .events"), /You did not press a key/);
    await page.click("text=/^Hang up$/");
    assert.match(await page.innerText(".state"), /over, you hung up/);
  }, MENU));

test("a call in real time goes on by itself, and is over when the page is left", () =>
  opened("example", async (page) => {
    await page.click("[role=tab] >> text=Dial");
    await page.selectOption("[aria-label=Time]", "real");
    await page.click("text=/^Call$/");
    await page.click(".keypad >> text=/^9$/");
    await page.waitForSelector("text=That key has no meaning here");
    await page.waitForFunction(() => /0:0[1-9]/.test(document.querySelector(".state").textContent));
    await followed(page, "#list >> text=Sales hunt");
    assert.equal(await page.innerText("h1"), "Sales hunt");
  }, MENU));

test("the drawing is walked by arrow keys", () =>
  opened("example", async (page) => {
    await page.focus('[data-node="start"]');
    for (const key of ["ArrowDown", "ArrowDown", "ArrowRight"]) await page.keyboard.press(key);
    assert.equal(await page.evaluate(() => document.activeElement.dataset.node), "s8");
    await page.keyboard.press("Enter");
    assert.match(await page.innerText(".steps > .chosen"), /Your message is recorded/);
    assert.equal(await page.locator('.node[tabindex="0"]').count(), 1);
  }, MENU));

test("every control is reached by Tab, and shows that it is", () =>
  opened("example", async (page) => {
    const seen = new Set();
    for (let number = 0; number < 60; number += 1) {
      await page.keyboard.press("Tab");
      seen.add(await page.evaluate(() => {
        const at = document.activeElement;
        const box = at.matches(".node") ? at.querySelector("rect") : at;
        const { outlineWidth, strokeWidth } = getComputedStyle(box);
        if (at !== document.body && parseFloat(outlineWidth) < 2 && parseFloat(strokeWidth) < 4) return `no focus seen: ${at.outerHTML}`;
        return at.dataset.node || at.getAttribute("role") || at.id || at.tagName;
      }));
    }
    assert.deepEqual([...seen].filter((one) => one.startsWith("no focus")), []);
    for (const one of ["search", "start", "tab", "BUTTON", "A", "SUMMARY"]) assert.ok(seen.has(one), one);
  }, MENU));

for (const colorScheme of ["light", "dark"]) {
  test(`axe finds nothing serious, ${colorScheme}`, () =>
    opened("example", async (page) => {
      await page.evaluate(AXE);
      for (const hash of ["", "#flow/support/menu", "#flow/support/menu?call=2", "#flow/sales/hunt"]) {
        await went(page, hash);
        const tabs = await page.locator("[role=tab]").all();
        for (const tab of [null, ...tabs]) {
          await tab?.click();
          const { violations } = await page.evaluate(() => window.axe.run());
          const serious = violations.filter((one) => ["serious", "critical"].includes(one.impact));
          assert.deepEqual(serious.map((one) => [hash, one.id, one.nodes.map((node) => node.html)]), []);
        }
      }
    }, { colorScheme }));
}

for (const width of [360, 1280, 3840]) {
  test(`at ${width} px nothing is cut off, and no text is below 12 px`, () =>
    opened("example", async (page) => {
      for (const hash of ["", "#flow/support/menu?call=3", "#flow/sales/hunt"]) {
        await went(page, hash);
        const { wide, small } = await page.evaluate(() => ({
          wide: document.documentElement.scrollWidth - innerWidth,
          small: [...document.querySelectorAll("body *")].filter((one) =>
            one.childNodes.length && [...one.childNodes].some((node) => node.nodeType === 3 && node.data.trim()) &&
            one.checkVisibility() && parseFloat(getComputedStyle(one).fontSize) < 12).map((one) => one.outerHTML),
        }));
        assert.ok(wide <= 0, `${hash} is ${wide} px too wide`);
        assert.deepEqual(small, []);
        await picture(page, `${hash.replace(/\W+/g, "-") || "overview"}-${width}`);
      }
    }, { width, height: width === 3840 ? 2160 : 800 }));
}

for (const [name, flows] of [["hostile", 9], ["hostile-plan", 2]]) test(`texts that mean harm are shown, and do nothing: ${name}`, () =>
  opened(name, async (page) => {
    const addresses = await page.$$eval("#list a", (links) => links.map((link) => link.getAttribute("href")));
    assert.equal(addresses.length, flows);
    for (const address of addresses) {
      await went(page, address);
      assert.ok((await page.locator(".flow svg").count()) > 0, address);
      const dialled = Array(5).fill(".dial .controls button:nth-child(3), .dial .controls + .controls button, .keypad button");
      const buttons = [".dial .main", ...dialled, ".dial > button", ".calls > li > button"];
      for (const selector of ["[role=tab]", ...buttons, ".node"]) {
        await page.$$eval(selector, (found) => found.forEach((one) => one.dispatchEvent(new Event("click", { bubbles: true }))));
      }
    }
    assert.equal(await page.evaluate("window.harm"), undefined);
    assert.equal(await page.locator("script").count(), 3);
    assert.equal(await page.locator("style").count(), 1);
    assert.equal(await page.locator("img, iframe, object, embed, base, form[action]").count(), 0);
    assert.equal(await page.locator("a:not([href^='#'])").count(), 0);
    await picture(page, `${name}-1280`);
  }));

test("a plan shows hazards, deletes and numbers, and each change before and after", () =>
  opened("plan", async (page) => {
    const top = await page.innerText("main");
    for (const part of [/Deletes\s+survey\/question/, /Numbers\s+442079460121 will lead to Support voicemail/, /UPDATE support\/menu\s+3 of 9 kinds/]) {
      assert.match(top, part);
    }
    await picture(page, "plan-1280");
    await page.evaluate(AXE);
    await followed(page, "main >> text=support/menu");
    assert.deepEqual(await texts(page, "section h2"), ["Before: what is live", "After: what the files say"]);
    assert.deepEqual(await texts(page, ".node.changed .mark"), ["changed ", "changed "]);
    await page.click("section >> nth=1 >> text=/^a caller who presses 1$/");
    assert.deepEqual(await texts(page, ".edge.gone text"), ["1", "answered", "1", "answered"]);
    assert.equal(await page.locator(".calls > li > button[aria-pressed=true]").count(), 2);
    await page.click("section >> nth=0 >> [role=tab] >> text=Dial");
    await page.click("section >> nth=0 >> text=/^Call$/");
    await page.click("section >> nth=0 >> .keypad >> text=/^4$/");
    assert.match(await page.innerText("section >> nth=0 >> .dial .events"), /no meaning here/);
    const { violations } = await page.evaluate(() => window.axe.run());
    assert.deepEqual(violations.filter((one) => ["serious", "critical"].includes(one.impact)).map((one) => one.id), []);
    await picture(page, "plan-menu-1280");
    await followed(page, "#list >> text=Survey after a delivery");
    assert.deepEqual(await texts(page, "section h2"), ["Before: what is live"]);
    await followed(page, "text=acme");
    await page.emulateMedia({ media: "print" });
    if (process.env.SHOTS) await page.pdf({ path: `${process.env.SHOTS}/plan.pdf` });
  }));

test("300 flows of 20 steps, and one of 500 steps, stay quick", async (of) => {
  await opened("many", async (page) => {
    const loaded = await page.evaluate(() => performance.now());
    of.diagnostic(`300 flows: ${Math.round(loaded)} ms until they are listed`);
    assert.equal(await page.locator("#list a").count(), 300);
    const drawn = await page.evaluate(async () => {
      const begun = performance.now();
      document.querySelectorAll("#list a")[150].click();
      await new Promise((done) => { addEventListener("hashchange", () => setTimeout(done), { once: true }); });
      document.querySelector(".frame").getBoundingClientRect();
      return performance.now() - begun;
    });
    of.diagnostic(`20 steps: ${Math.round(drawn)} ms until they are drawn`);
    await page.fill("#search", "flow299");
    assert.equal(await page.locator("#list li a:visible").count(), 1);
    await picture(page, "many-1280");
  });
  await opened("long", async (page) => {
    const drawn = await page.evaluate(() => performance.now());
    of.diagnostic(`500 steps: ${Math.round(drawn)} ms until they are drawn`);
    assert.ok((await page.locator(".node").count()) > 490);
    await picture(page, "long-1280");
  }, { hash: "#flow/long" });
});

test("a page that is printed holds drawing, call and steps, without controls", () =>
  opened("example", async (page) => {
    await page.emulateMedia({ media: "print" });
    for (const selector of ["#list", ".tools button", ".controls", ".tabs"]) {
      assert.equal(await page.locator(selector).first().isVisible(), false, selector);
    }
    for (const selector of [".frame svg", ".player .events", ".steps"]) assert.ok(await page.locator(selector).isVisible());
    if (process.env.SHOTS) await page.pdf({ path: `${process.env.SHOTS}/print.pdf` });
  }, { hash: "#flow/support/menu?call=2" }));

test("an address that names no flow says so", () =>
  opened("example", async (page) => {
    assert.match(await page.innerText("[role=alert]"), /no flow support\/<b>menu/);
  }, { hash: "#flow/support/%3Cb%3Emenu" }));
