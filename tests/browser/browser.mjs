// A separate browser for each story: every console error, every request that leaves the machine, every violation of
// axe's rules fails it.
import assert from 'node:assert/strict';
import { execFileSync } from 'node:child_process';
import { mkdtempSync, mkdirSync, readFileSync } from 'node:fs';
import { createRequire } from 'node:module';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { chromium } from 'playwright-core';

const axe = readFileSync(createRequire(import.meta.url).resolve('axe-core/axe.min.js'), 'utf8');
export const ready = JSON.parse(readFileSync(process.env.READY, 'utf8'));
// Time limits: they end a story that would wait forever; no working machine is slow enough to reach them.
const PATIENCE_MS = 120_000;
const LOOK_EVERY_MS = 100;
const ARGUMENTS = ['--headless', '--no-sandbox', '--disable-gpu', '--disable-background-networking',
  '--disable-component-update', '--disable-sync', '--no-first-run'];

/** Runs a story in a new browser. */
export async function story({ width = 1440, height = 900, dark = false, scripts = true, language = 'fr-FR' }, tell) {
  const folder = mkdtempSync(join(tmpdir(), 'envol-browser-'));
  const context = await chromium.launchPersistentContext(folder, {
    executablePath: process.env.CHROMIUM ?? '/usr/bin/chromium', args: ARGUMENTS, viewport: { width, height },
    colorScheme: dark ? 'dark' : 'light', javaScriptEnabled: scripts, locale: language, bypassCSP: false,
  });
  const faults = [];
  const own = new Set([ready.console_url, ready.aws_url, ready.short_url].map((url) => new URL(url).origin));
  const page = context.pages()[0] ?? await context.newPage();
  page.on('console', (message) => {
    // A refused form answers 409 or 422, which the browser logs as an error; here it is expected.
    if (message.type() === 'error' && !/status of (401|403|404|409|422|429)/.test(message.text())) faults.push(message.text());
  });
  page.on('pageerror', (error) => faults.push(String(error)));
  page.on('request', (request) => {
    const url = new URL(request.url());
    if (url.protocol.startsWith('http') && !own.has(url.origin)) faults.push(`a request left: ${url.origin}`);
  });
  page.setDefaultTimeout(PATIENCE_MS);
  try {
    await tell(page, context);
    assert.deepEqual(faults, []);
  } finally {
    await context.close();
  }
}

export async function signIn(page, email = ready.email, password = ready.password) {
  await page.goto(`${ready.console_url}/signin`);
  await page.getByLabel(/Adresse e-mail|E-mail address/).fill(email);
  await page.getByLabel(/Mot de passe|Password/).fill(password);
  await page.getByRole('button', { name: /^(Se connecter|Sign in)$/ }).click();
  await page.waitForURL(/\/campaigns/);
}

/** Milliseconds that stories spent polling. */
export const looking = { ms: 0 };

/** Checks for axe violations and horizontal scroll; saves a screenshot if requested. */
export async function looksRight(page, name) {
  const begun = Date.now();
  try { await look(page, name); } finally { looking.ms += Date.now() - begun; }
}

async function look(page, name) {
  if (process.env.SHOTS) {
    mkdirSync(process.env.SHOTS, { recursive: true });
    await page.screenshot({ path: join(process.env.SHOTS, `${name}.png`), fullPage: true });
  }
  const wide = await page.evaluate(() => document.documentElement.scrollWidth - document.documentElement.clientWidth);
  assert.equal(wide, 0, `${name} is wider than its screen by ${wide}`);
  await page.evaluate(axe);
  const found = await page.evaluate(() => window.axe.run(document, { resultTypes: ['violations'] }));
  assert.ok(found.passes.length > 0, 'axe did not run');
  const said = found.violations.map((one) => `${one.id}: ${one.help}\n   ${one.nodes.slice(0, 3).map((node) => node.html.slice(0, 200)).join('\n   ')}`);
  assert.deepEqual(said, [], `${name}:\n${said.join('\n')}`);
}

/** Calls the API to prepare a story. */
export async function api(method, path, body) {
  const headers = { authorization: `Bearer ${ready.api_key}`, 'content-type': 'application/json' };
  const answer = await fetch(`${ready.api_url}/v1${path}`, { method, headers, body: body && JSON.stringify(body) });
  const text = await answer.text();
  assert.ok(answer.ok, `${method} ${path}: ${answer.status} ${text}`);
  return text ? JSON.parse(text) : null;
}

/** Runs the operators' command line; returns its output. */
export function admin(...args) {
  const folder = dirname(process.env.READY);
  return JSON.parse(execFileSync(process.env.ADMIN, [`--local=${folder}`, '--json', '--as', 'stories', ...args], { encoding: 'utf8' }));
}

/** Sends a reply of a phone, through the sandbox. */
export async function reply(from, text) {
  const body = JSON.stringify({ from, to: '36105', text });
  const answer = await fetch(`${ready.sandbox_url}/reply`, { method: 'POST', headers: { 'content-type': 'application/json' }, body });
  assert.ok(answer.ok, `reply: ${answer.status} ${await answer.text()}`);
}

/** Repeats a call until its result is the expected one. */
export async function until(what, ask) {
  const end = Date.now() + PATIENCE_MS;
  while (Date.now() < end) {
    const answer = await ask();
    if (answer) return answer;
    await new Promise((resolve) => { setTimeout(resolve, LOOK_EVERY_MS); });
  }
  return assert.fail(`waited in vain for ${what}`);
}

/** An alert that is sent at once. */
export async function alert(name, list, schedule = {}) {
  const campaign = await api('POST', '/campaigns', {
    name, kind: 'alert', lists: [list], schedule, message: { text: 'Orages ce soir : restez chez vous.', sender: 'MAIRIE' },
  });
  await api('POST', `/campaigns/${campaign.id}/validate`);
  return campaign.id;
}

/** A contact file as people have them. */
export function contacts(rows) {
  const lines = Array.from({ length: rows }, (_, row) => `Prénom ${row};06 ${String(10_000_000 + row * 37).match(/../g).join(' ')};Ville ${row % 9}`);
  return ['Prénom;Téléphone;Ville', ...lines, 'Double;06 10 00 00 00;Paris', 'Fixe;01 42 00 00 00;Paris'].join('\n');
}

/** Imports a list and waits until it is ready; returns its id. */
export async function readyList(name, rows) {
  const { id, upload } = await api('POST', '/lists', { name });
  const put = await fetch(upload.url, { method: 'PUT', headers: upload.headers ?? {}, body: contacts(rows) });
  assert.ok(put.ok, `upload: ${put.status}`);
  await until(`the import of ${name}`, async () => (await api('GET', `/lists/${id}`)).status === 'ready');
  return id;
}

export const next = (page) => page.getByRole('button', { name: 'Suivant', exact: true }).click();
