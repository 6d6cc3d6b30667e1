// Opens gate.go in VS Code and does what a person does: looks at the findings, takes
// a fix, takes it back, and saves, by which all safe fixes are applied.
const { spawn } = require("child_process");
const fs = require("fs");
const path = require("path");
const puppeteer = require("puppeteer-core");

const [vscode, work] = [process.argv[2], process.env.WORK];
const file = path.join(work, "module", "gate.go");
const port = 20000 + (process.pid % 20000);
const title = "take g.waiters, unlock, then send";

function fail(text) {
	throw new Error(text);
}

// until waits for a condition, which may be a promise, and returns its value.
async function until(what, condition, seconds = 60) {
	for (const end = Date.now() + seconds * 1000; Date.now() < end; ) {
		const value = await condition();
		if (value) return value;
		await new Promise((r) => setTimeout(r, 100));
	}
	fail("waited in vain for " + what);
}

async function serve() {
	const log = fs.openSync(path.join(work, "server.log"), "w");
	const server = spawn(process.execPath, [path.join(vscode, "package", "out", "node", "entry.js"),
		"--auth", "none", "--bind-addr", "127.0.0.1:" + port, "--disable-telemetry", "--disable-update-check", "--disable-workspace-trust",
		"--user-data-dir", path.join(work, "user"), "--extensions-dir", path.join(work, "extensions"), path.join(work, "module"),
	], { stdio: ["ignore", log, log], detached: true });
	await until("code-server", () => fetch(`http://127.0.0.1:${port}/healthz`).then((r) => r.ok, () => false));
	return server;
}

async function session(page) {
	const shot = (name) => page.screenshot({ path: path.join(vscode, name + ".png") });
	// The status bar counts the findings of the file, whatever part of it is shown.
	const squiggles = async () => {
		const [drawn, counted] = [await page.$$eval(".cdr.squiggly-warning", (all) => all.length), await page.$eval("#status\\.problems", (e) => e.textContent)];
		return counted.trim().split(/\s+/).pop() === String(drawn) ? drawn : -1;
	};
	const lines = () => page.$$eval(".view-line", (all) => all.sort((a, b) => parseInt(a.style.top) - parseInt(b.style.top)).map((l) => l.textContent.replaceAll("\u00a0", " ")).join("\n"));
	const press = async (...keys) => {
		for (const k of keys.slice(0, -1)) await page.keyboard.down(k);
		await page.keyboard.press(keys[keys.length - 1]);
		for (const k of keys.slice(0, -1)) await page.keyboard.up(k);
	};
	const note = (text) => console.log("vscode: " + text);

	await page.goto(`http://127.0.0.1:${port}/?folder=${encodeURIComponent(path.join(work, "module"))}&payload=${encodeURIComponent(JSON.stringify([["openFile", `vscode-remote://127.0.0.1:${port}${file}`]]))}`);
	await page.waitForSelector(".view-line", { timeout: 90000 });
	await until("the squiggles of two findings", async () => (await squiggles()) === 2);
	await shot("1-squiggles");
	note("two findings are underlined");

	// Its element may be replaced at any time: what is hovered is a place.
	const [x, y] = await page.$eval(".cdr.squiggly-warning", (e) => {
		const r = e.getBoundingClientRect();
		return [r.x + r.width / 2, r.y + r.height / 2];
	});
	await page.mouse.move(x, y, { steps: 5 });
	const hover = await until("a hover with the proof", () => page.$$eval(".monaco-hover", (all) => all.map((h) => h.textContent).find((t) => t.includes("proved"))));
	if (!hover.includes("blocks while g.mu is held")) fail("the hover says: " + hover);
	await shot("2-hover");
	note("hovering shows the proof");

	await page.mouse.click(x, y);
	await press("Escape");
	await until("the light bulb", () => page.$(".codicon-gutter-lightbulb, .codicon-gutter-lightbulb-auto-fix, .codicon-light-bulb, .codicon-lightbulb-autofix"));
	await shot("3-light-bulb");
	await press("Control", ".");
	const menu = await until("the menu of actions", () => page.$$eval(".action-widget .monaco-list-row.action", (all) => all.map((a) => a.textContent)).then((all) => all.length && all));
	await shot("4-menu");
	if (!menu[0].includes(title)) fail("the menu has: " + menu.join("; "));
	note("the light bulb offers: " + menu.join("; "));

	const before = await lines();
	await press("Enter");
	await until("the squiggle of one finding", async () => (await squiggles()) === 1);
	if (!(await lines()).includes("waiters := g.waiters")) fail("the fix was not applied:\n" + (await lines()));
	await shot("5-fixed");
	note("the fix was applied, and its finding is gone");
	await press("Control", "z");
	await until("both findings again", async () => (await squiggles()) === 2);
	if ((await lines()) !== before) fail("undo left:\n" + (await lines()));
	note("undo takes it back");
	await press("Control", "y");
	await until("one finding again", async () => (await squiggles()) === 1);

	await press("Control", "s");
	const want = fs.readFileSync(path.join(work, "want", "gate.go"), "utf8");
	await until("the file as lockfix -w writes it", () => fs.readFileSync(file, "utf8") === want);
	await until("no finding", async () => (await squiggles()) === 0);
	await shot("6-saved");
	note("saved: all safe fixes are in the file, as lockfix -w writes them");
}

(async () => {
	const server = await serve();
	const browser = await puppeteer.launch({
		executablePath: "/usr/bin/chromium", userDataDir: path.join(work, "chromium"), defaultViewport: { width: 1200, height: 1050 },
		args: ["--no-sandbox", "--disable-gpu", "--disable-quic", "--no-first-run", "--disable-background-networking", "--disable-component-update", "--disable-sync"],
	});
	try {
		const page = await browser.newPage();
		await session(page).catch(async (err) => {
			await page.screenshot({ path: path.join(vscode, "failed.png") });
			console.error(fs.readFileSync(path.join(work, "server.log"), "utf8"));
			throw err;
		});
		const about = JSON.parse(fs.readFileSync(path.join(vscode, "package", "lib", "vscode", "package.json"), "utf8"));
		console.log(`e2e: VS Code ${about.version}: passed; screenshots in ${vscode}`);
	} finally {
		await browser.close();
		process.kill(-server.pid);
	}
})().catch((err) => {
	console.error("e2e: " + err.message);
	process.exit(1);
});
