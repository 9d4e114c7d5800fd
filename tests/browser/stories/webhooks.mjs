// Webhooks in the console: created, tested, replayed, given another secret, deleted; with a real receiver.
import assert from 'node:assert/strict';
import { createHmac } from 'node:crypto';
import { once } from 'node:events';
import { createServer } from 'node:http';
import { test } from 'node:test';
import { looksRight, ready, signIn, story, until } from '../browser.mjs';

/** The account's webhook receiver. */
async function receiver() {
  const calls = [];
  const server = createServer((request, response) => {
    const pieces = [];
    request.on('data', (piece) => pieces.push(piece));
    request.on('end', () => { calls.push({ headers: request.headers, body: Buffer.concat(pieces).toString() }); response.end(); });
  });
  server.listen(0, '127.0.0.1');
  await once(server, 'listening');
  return { calls, url: `http://127.0.0.1:${server.address().port}/envol`, close: () => server.close() };
}

/** Whether a request has a signature by a secret. */
function isSigned({ headers, body }, secret) {
  const key = Buffer.from(secret.replace('whsec_', ''), 'base64');
  const signature = createHmac('sha256', key).update(`${headers['webhook-id']}.${headers['webhook-timestamp']}.${body}`).digest('base64');
  return headers['webhook-signature'].split(' ').includes(`v1,${signature}`);
}

test('a webhook is created, tested, replayed, given another secret, and deleted', () => story({}, async (page) => {
  const heard = await receiver();
  try {
    await signIn(page);
    await page.goto(`${ready.console_url}/account/webhooks`);
    await page.getByLabel('Adresse appelée').fill('pas une adresse');
    await page.getByRole('button', { name: 'Ajouter un webhook' }).click();
    await page.getByText('Choisissez au moins un événement.').first().waitFor();
    await page.getByLabel('Adresse appelée').fill(heard.url);
    await page.getByLabel('Campagne terminée').check();
    await page.getByLabel('Réponse reçue').check();
    await page.getByRole('button', { name: 'Ajouter un webhook' }).click();
    const first = await page.locator('#secret').textContent();
    assert.match(first, /^whsec_/);
    await looksRight(page, 'webhook-made');

    await page.getByRole('button', { name: 'Envoyer un essai' }).click();
    const row = page.locator('#deliveries tr').first();
    await row.getByText('Livrée').waitFor();
    assert.equal(heard.calls.length, 1);
    assert.ok(isSigned(heard.calls[0], first), 'the trial is signed');
    assert.equal(await page.locator('#secret').count(), 0, 'the secret is shown once');

    await row.getByRole('button', { name: 'Rejouer' }).click();
    await page.locator('#deliveries tr').first().getByText('Livrée').waitFor();
    await page.waitForFunction(() => !document.querySelector('#deliveries[data-refresh]') || document.querySelector('#deliveries').textContent.includes('Livrée'));
    await until('call 2', () => heard.calls.length >= 2);
    assert.equal(heard.calls.length, 2);
    assert.equal(heard.calls[1].headers['webhook-id'], heard.calls[0].headers['webhook-id'], 'a replay is the same event');
    await looksRight(page, 'webhook-deliveries');

    await page.getByRole('link', { name: 'Changer le secret' }).click();
    const dialog = page.locator('dialog');
    await dialog.getByText('vingt-quatre heures').waitFor();
    await looksRight(page, 'webhook-rotate');
    await dialog.getByRole('button', { name: 'Changer le secret' }).click();
    const second = await page.locator('#secret').textContent();
    assert.notEqual(second, first);
    // The secret is still shown after the page has refreshed.
    await page.waitForTimeout(5_000);
    assert.equal(await page.locator('#secret').textContent(), second);
    await looksRight(page, 'webhook-rotated');
    await page.getByRole('button', { name: 'Envoyer un essai' }).click();
    await until('call 3', () => heard.calls.length >= 3);
    assert.ok(isSigned(heard.calls[2], first) && isSigned(heard.calls[2], second), 'for a day both secrets sign');

    await page.getByRole('link', { name: 'Supprimer' }).click();
    await dialog.getByText('Supprimer ce webhook').waitFor();
    await dialog.getByRole('button', { name: 'Supprimer' }).click();
    await page.waitForURL(/\/account\/webhooks$/);
    assert.equal(await page.getByRole('link', { name: heard.url, exact: true }).count(), 0);
  } finally { heard.close(); }
}));
