// Opens each page in Chromium, by its debugging pipe, and checks what a reader would
// trip over: node views.mjs directory-of-pages directory-for-screenshots
import { spawn } from "node:child_process";
import { mkdtempSync, readdirSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { pathToFileURL } from "node:url";

const [pages, shots] = process.argv.slice(2);
const profile = mkdtempSync(join(tmpdir(), "views-"));
const chromium = spawn("chromium", ["--headless", "--no-sandbox", "--disable-gpu", "--disable-quic", "--no-first-run",
  "--disable-background-networking", "--hide-scrollbars", `--user-data-dir=${profile}`, "--remote-debugging-pipe", "about:blank"],
  { stdio: ["ignore", "ignore", "ignore", "pipe", "pipe"] });

// The protocol: JSON ended by a zero byte, answers by number, events by method.
let number = 0, rest = "";
const waiting = new Map(), listeners = [];
const send = (method, params = {}, sessionId) => new Promise((resolve, reject) => {
  waiting.set(++number, { resolve, reject });
  chromium.stdio[3].write(JSON.stringify({ id: number, method, params, sessionId }) + "\0");
});
chromium.stdio[4].setEncoding("utf8").on("data", (data) => {
  const messages = (rest + data).split("\0");
  rest = messages.pop();
  for (const message of messages.map((text) => JSON.parse(text))) {
    const asked = waiting.get(message.id);
    waiting.delete(message.id);
    if (!asked) listeners.forEach((listen) => listen(message));
    else if (message.error) asked.reject(new Error(message.error.message));
    else asked.resolve(message.result);
  }
});

// look runs in the page, and returns what is wrong with it. Contrast is that of WCAG.
function look() {
  const wrong = [];
  const parse = (color) => (color.match(/[\d.]+/g) ?? []).map(Number);
  const luminance = ([r, g, b]) => [r, g, b].map((v) => (v /= 255) <= 0.03928 ? v / 12.92 : ((v + 0.055) / 1.055) ** 2.4)
    .reduce((sum, v, i) => sum + v * [0.2126, 0.7152, 0.0722][i], 0);
  const behind = (element) => {
    for (let e = element; e; e = e.parentElement) {
      const box = e.matches("g.box") && e.querySelector("rect");
      const color = parse(box ? getComputedStyle(box).fill : getComputedStyle(e).backgroundColor);
      if (color.length === 3 || color[3] > 0) return color;
    }
    return [255, 255, 255];
  };
  let texts = 0, least = 99;
  const walk = document.createTreeWalker(document.documentElement, NodeFilter.SHOW_TEXT);
  while (walk.nextNode()) {
    const e = walk.currentNode.parentElement;
    if (!walk.currentNode.data.trim() || e.closest("script, style, title, head") || !e.getClientRects().length) continue;
    const style = getComputedStyle(e);
    const color = parse(e instanceof SVGElement ? style.fill : style.color);
    const [a, b] = [luminance(color), luminance(behind(e))].sort((x, y) => y - x);
    const contrast = (a + 0.05) / (b + 0.05);
    texts++;
    least = Math.min(least, contrast);
    if (contrast < 4.5) wrong.push(`contrast ${contrast.toFixed(2)}: ${walk.currentNode.data.trim().slice(0, 40)}`);
  }
  const rects = [];
  for (const box of document.querySelectorAll("g.box")) {
    const rect = box.querySelector("rect").getBBox(), text = box.querySelector("text").getBBox();
    if (text.width > rect.width) wrong.push(`the text is wider than its box: ${box.textContent}`);
    for (const other of rects) {
      if (rect.x < other.x + other.width && other.x < rect.x + rect.width && rect.y < other.y + other.height && other.y < rect.y + rect.height) wrong.push(`boxes overlap at ${box.textContent}`);
    }
    rects.push(rect);
  }
  const root = document.documentElement;
  if (root instanceof HTMLElement && root.scrollWidth > root.clientWidth) wrong.push(`${root.scrollWidth - root.clientWidth} pixels wider than the window`);
  if (texts < 5) wrong.push(`only ${texts} texts`);
  return { wrong, texts, least, boxes: rects.length, dark: matchMedia("(prefers-color-scheme: dark)").matches,
    ground: getComputedStyle(root instanceof HTMLElement ? document.body : root).backgroundColor, height: root.scrollHeight, width: root.scrollWidth };
}

// narrow filters, and returns how many items there are and are left.
function narrow() {
  const form = document.querySelector(".filter"), items = [...document.querySelectorAll(".item")];
  if (!form || form.hidden) return { all: items.length, hidden: Boolean(form?.hidden) };
  form.elements.text.value = items.at(-1).textContent.trim().split("\n")[0];
  form.elements.text.dispatchEvent(new Event("input", { bubbles: true }));
  const left = items.filter((item) => item.getClientRects().length).length;
  form.elements.text.value = "";
  form.elements.text.dispatchEvent(new Event("input", { bubbles: true }));
  return { all: items.length, left, again: items.filter((item) => item.getClientRects().length).length };
}

let failures = 0;
const fail = (where, what) => { failures++; console.error(`e2e: ${where}: ${what}`); };

async function visit(name, theme, width, script) {
  const url = pathToFileURL(join(pages, name)).href, where = `${name} ${theme} ${width}${script ? "" : " without script"}`;
  const { targetId } = await send("Target.createTarget", { url: "about:blank" });
  const { sessionId } = await send("Target.attachToTarget", { targetId, flatten: true });
  const call = (method, params) => send(method, params, sessionId);
  let loaded;
  const ready = new Promise((resolve) => { loaded = resolve; });
  const listen = ({ method, params, sessionId: of }) => {
    if (of !== sessionId) return;
    if (method === "Page.loadEventFired") loaded();
    if (method === "Runtime.exceptionThrown") fail(where, params.exceptionDetails.exception?.description);
    if (method === "Log.entryAdded" || method === "Runtime.consoleAPICalled") fail(where, `console: ${JSON.stringify(params.entry?.text ?? params.args)}`);
    if (method === "Network.requestWillBeSent" && params.request.url !== url) fail(where, `request of ${params.request.url}`);
  };
  listeners.push(listen);
  for (const domain of ["Page", "Runtime", "Log", "Network"]) await call(`${domain}.enable`);
  await call("Emulation.setEmulatedMedia", { features: [{ name: "prefers-color-scheme", value: theme }] });
  await call("Emulation.setDeviceMetricsOverride", { width, height: 900, deviceScaleFactor: 1, mobile: false });
  await call("Emulation.setScriptExecutionDisabled", { value: !script });
  await call("Page.navigate", { url });
  await ready;
  await call("Emulation.setScriptExecutionDisabled", { value: false }); // what looks is a script too
  const run = async (f) => (await call("Runtime.evaluate", { expression: `(${f})()`, returnByValue: true })).result.value;
  const seen = await run(look);
  seen.wrong.slice(0, 5).forEach((what) => fail(where, what));
  if (seen.dark !== (theme === "dark")) fail(where, "the theme is not the one that was asked for");
  if (name.endsWith(".html")) {
    const n = await run(narrow);
    const whole = script ? n.all < 2 || n.left > 0 && n.left < n.all && n.again === n.all : n.hidden;
    if (!whole || n.all === 0) fail(where, `the filter: ${JSON.stringify(n)}`);
  }
  const size = { x: 0, y: 0, width: Math.min(seen.width, 4000), height: Math.min(seen.height, 4000), scale: 1 };
  const { data } = await call("Page.captureScreenshot", { captureBeyondViewport: true, clip: size });
  if (script) writeFileSync(join(shots, `${name}-${theme}-${width}.png`), Buffer.from(data, "base64"));
  listeners.splice(listeners.indexOf(listen), 1);
  await send("Target.closeTarget", { targetId });
  console.log(`e2e: ${where}: ${seen.texts} texts, least contrast ${seen.least.toFixed(1)}, ${seen.boxes} boxes, ground ${seen.ground}`);
  return seen;
}

try {
  for (const name of readdirSync(pages).filter((name) => /\.(svg|html)$/.test(name)).sort()) {
    for (const width of name.endsWith(".svg") ? [1200] : [1200, 400]) {
      const [light, dark] = [await visit(name, "light", width, true), await visit(name, "dark", width, true)];
      if (light.ground === dark.ground) fail(name, "light and dark look the same");
    }
    if (name.endsWith(".html")) await visit(name, "light", 1200, false);
  }
} finally {
  chromium.kill();
  await new Promise((resolve) => chromium.on("exit", resolve));
  rmSync(profile, { recursive: true, force: true });
}
if (failures > 0) process.exit(1);
console.log(`e2e: Chromium: passed; the screenshots are in ${shots}`);
