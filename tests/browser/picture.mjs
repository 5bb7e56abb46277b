// The picture of the README: the worked example's menu, with a call on its way. PICTURE is the file.
import { chromium } from "playwright-core";
import { FLAGS } from "./flags.mjs";

const browser = await chromium.launch({ executablePath: process.env.CHROMIUM, args: FLAGS });
try {
  const page = await browser.newPage({ viewport: { width: 1600, height: 900 }, colorScheme: "light" });
  await page.goto(`file://${process.env.PAGES}/example.html#flow/support/menu?call=2`);
  await page.waitForSelector("svg");
  await page.screenshot({ path: process.env.PICTURE });
} finally {
  await browser.close();
}
