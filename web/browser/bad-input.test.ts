import { expect, test } from 'vitest';
import { broken, drop, landscape } from './pictures';
import { eventually, stubRoute, tiles, visit } from './world';

const isPut = (request: { method(): string }) => request.method() === 'PUT';

test('what can’t become a thumbnail is not sent, and the reasons are told together', async () => {
  const { page } = await visit();
  await drop(page, [
    { name: 'notes.txt', mimeType: 'text/plain', buffer: Buffer.from('hello') },
    { name: 'nothing.png', mimeType: 'image/png', buffer: Buffer.alloc(0) },
    { name: 'huge.jpg', mimeType: 'image/jpeg', buffer: Buffer.alloc(1), padding: 67_108_864 },
    await landscape(1),
  ]);
  const words = await page.locator('.toast').textContent();
  expect(words).toContain('Left out 3 files.');
  expect(words).toContain('notes.txt: not a JPEG, PNG, WebP, GIF, HEIC or AVIF');
  expect(words).toContain('nothing.png: empty');
  expect(words).toContain('huge.jpg: 67 MB, the limit is 67 MB');
  await expect.poll(() => tiles(page, 'ready').count()).toBe(1);
  expect(await page.locator('.tile').count()).toBe(1);
});

test('a picture that failed can be retried, and fails for the same reason', async () => {
  const { page } = await visit();
  await drop(page, [await broken()]);
  await tiles(page, 'failed').waitFor();
  const answered = page.waitForResponse(response => response.url().endsWith('/retry'));
  await page.getByRole('button', { name: 'Retry' }).click();
  expect((await answered).status()).toBe(202);
  await page.getByText('Trying again…').waitFor();
  await page.getByText('The file is damaged.').waitFor();
});

test('a connection that breaks once is no concern of the user’s', async () => {
  const { page } = await visit();
  let puts = 0;
  await page.route('**/original-files/**', route => {
    puts += 1;
    return puts === 1 ? route.abort('connectionreset') : route.continue();
  });
  await drop(page, [await landscape(2)]);
  await tiles(page, 'ready').waitFor();
  expect(puts).toBe(2);
});

test('a connection that stays broken is told, and the upload goes on from a button', async () => {
  const { page } = await visit();
  const mend = await stubRoute(page, '**/original-files/**', route =>
    isPut(route.request()) ? route.abort('connectionreset') : route.continue(),
  );
  await drop(page, [await landscape(3)]);
  await page.getByText('The connection broke.').waitFor();
  const id = await page.locator('.tile').getAttribute('data-id');
  mend();
  await page.locator('.tile').getByRole('button', { name: 'Retry' }).click();
  await tiles(page, 'ready').waitFor();
  // The same image, not a second one.
  expect(await page.locator('.tile').count()).toBe(1);
  expect(await page.locator('.tile').getAttribute('data-id')).toBe(id);
});

test('a file whose answer got lost is there once', async () => {
  const { page } = await visit();
  let puts = 0;
  await page.route('**/original-files/**', async route => {
    puts += 1;
    if (puts > 1) return route.continue();
    // The object is stored, and the response is lost.
    await route.fetch();
    return route.abort('connectionreset');
  });
  await drop(page, [await landscape(4)]);
  await tiles(page, 'ready').waitFor();
  expect(puts).toBe(2);
  expect(await page.locator('.tile').count()).toBe(1);
});

test('a bucket in trouble is told, and the upload goes on from a button', async () => {
  const { page } = await visit();
  const cors = { 'access-control-allow-origin': '*' };
  const mend = await stubRoute(page, '**/original-files/**', route =>
    route.fulfill({ status: 503, headers: cors, body: '' }),
  );
  await drop(page, [await landscape(6)]);
  await page.getByText('The server has trouble.').waitFor();
  mend();
  await page.locator('.tile').getByRole('button', { name: 'Retry' }).click();
  await tiles(page, 'ready').waitFor();
});

test('a server in trouble is told, with the request to report, and asked again from a button', async () => {
  const { page } = await visit();
  await drop(page, [await landscape(7)]);
  await tiles(page, 'ready').waitFor();
  const problem = { type: 'urn:hikidashi:problem:internal', title: 'Something went wrong', status: 500 };
  const mend = await stubRoute(page, '**/images?*', route =>
    route.fulfill({
      status: 500,
      contentType: 'application/problem+json',
      headers: { 'x-request-id': 'r-42' },
      json: problem,
    }),
  );
  await page.reload();
  await page.getByText('The server has trouble. Try again. (Request r-42)').waitFor();
  mend();
  await page.getByRole('button', { name: 'Try again' }).click();
  await tiles(page, 'ready').waitFor();
});

test('uploads wait while there is no connection, and go on by themselves', async () => {
  const { page, context } = await visit();
  await context.setOffline(true);
  await page.getByText('You’re offline. Uploads wait.').waitFor();
  await drop(page, [await landscape(1)]);
  await page.getByText('Uploading', { exact: false }).first().waitFor();
  expect(await tiles(page, 'ready').count()).toBe(0);
  await context.setOffline(false);
  await tiles(page, 'ready').waitFor();
  expect(await page.getByText('You’re offline').count()).toBe(0);
});

test('an upload is paused, goes on, and is cancelled without a trace', async () => {
  const { page } = await visit();
  const held: (() => Promise<void>)[] = [];
  await page.route('**/original-files/**', route => {
    held.push(() => route.continue());
  });
  await drop(page, [await landscape(2)]);
  await expect.poll(() => held.length).toBe(1);
  await page.getByRole('button', { name: 'Pause', exact: true }).click();
  await page.getByRole('button', { name: 'Resume', exact: true }).click();
  await expect.poll(() => held.length).toBe(2);
  await held[1]?.();
  await tiles(page, 'ready').waitFor();

  let asked = 0;
  await page.route('**/images/*?wait=*', route => {
    asked += 1;
    return route.continue();
  });
  await drop(page, [await landscape(3)]);
  await expect.poll(() => held.length).toBe(3);
  await tiles(page, 'uploading').waitFor();
  // An image that was not sent can't have changed.
  expect(asked).toBe(0);
  const deleted = page.waitForResponse(response => response.request().method() === 'DELETE');
  await page.getByRole('button', { name: 'Cancel', exact: true }).first().click();
  expect((await deleted).status()).toBe(202);
  await page.reload();
  await eventually(
    () => page.locator('.tile').count(),
    count => count === 1,
  );
});
