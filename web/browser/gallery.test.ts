import { join } from 'node:path';
import { expect, test } from 'vitest';
import { drop, landscape, taken } from './pictures';
import { ARTEFACTS, asTheUser, eventually, tiles, visit } from './world';

test('a page of pictures, as the README shows it', async () => {
  const { page } = await visit({ viewport: { width: 1120, height: 760 } }, 'yuki');
  const shapes = [
    [960, 640],
    [640, 800],
    [960, 600],
    [800, 800],
    [1200, 640],
    [640, 860],
    [960, 640],
    [1000, 700],
  ];
  const pictures = await Promise.all(shapes.map(([width, height], index) => landscape(index, width, height)));
  await drop(page, pictures);
  await expect.poll(() => tiles(page, 'ready').count()).toBe(8);
  await expect.poll(() => page.locator('.tile.is-loaded').count()).toBe(8);
  const still = { animations: 'disabled' as const };
  await page.screenshot({ path: join(ARTEFACTS, 'gallery.jpg'), type: 'jpeg', quality: 82, ...still });
});

test('a placeholder of the right shape is there before the thumbnail', async () => {
  const { page } = await visit();
  await drop(page, [await landscape(2, 900, 450)]);
  await tiles(page, 'ready').waitFor();
  const held: (() => Promise<void>)[] = [];
  await page.route('**/thumbnails/**', route => {
    held.push(() => route.continue());
  });
  await page.reload();
  const tile = tiles(page, 'ready');
  await tile.waitFor();
  const box = await tile.boundingBox();
  expect((box?.width ?? 0) / (box?.height ?? 1)).toBeCloseTo(2, 1);
  expect(await tile.evaluate(one => (one as HTMLElement).style.backgroundImage)).toContain(
    'url("data:image/png',
  );
  expect(await page.locator('.tile.is-loaded').count()).toBe(0);
  for (const go of held) await go();
  await page.locator('.tile.is-loaded').waitFor();
  expect(await tile.boundingBox()).toEqual(box);
});

test('a picture is looked at, described, stepped through and saved, all from the keyboard', async () => {
  const { page } = await visit();
  const second = await landscape(6, 800, 500);
  await drop(page, [await landscape(5)]);
  await tiles(page, 'ready').waitFor();
  await drop(page, [second]);
  await expect.poll(() => tiles(page, 'ready').count()).toBe(2);

  await tiles(page, 'ready').first().getByRole('button', { name: 'landscape-6.jpg', exact: true }).focus();
  await page.keyboard.press('Enter');
  const detail = page.getByRole('dialog', { name: 'Picture' });
  await detail.getByRole('heading', { name: 'landscape-6.jpg' }).waitFor();
  expect(await detail.textContent()).toContain('800 × 500');
  await page.keyboard.press('ArrowRight');
  await detail.getByRole('heading', { name: 'landscape-5.jpg' }).waitFor();
  await page.keyboard.press('ArrowLeft');
  await detail.getByRole('heading', { name: 'landscape-6.jpg' }).waitFor();

  await detail.getByLabel('Caption').fill('low tide');
  await detail.getByRole('button', { name: 'Save' }).press('Enter');
  await page
    .getByRole('button', { name: 'low tide', exact: true, includeHidden: true })
    .waitFor({ state: 'attached' });

  const download = page.waitForEvent('download');
  await detail.getByRole('button', { name: 'Download original' }).press('Enter');
  const saved = await download;
  expect(saved.suggestedFilename()).toBe('landscape-6.jpg');
  const chunks: Buffer[] = [];
  for await (const chunk of await saved.createReadStream()) chunks.push(Buffer.from(chunk as Uint8Array));
  expect(Buffer.concat(chunks).equals(second.buffer)).toBe(true);

  await page.keyboard.press('Escape');
  await detail.waitFor({ state: 'hidden' });
  expect(await page.evaluate(() => document.activeElement?.getAttribute('aria-label'))).toBe('low tide');
});

test('a deletion is undone, and then is not', async () => {
  const { page } = await visit();
  await drop(page, [await landscape(1)]);
  await tiles(page, 'ready').waitFor();
  let deletions = 0;
  page.on('request', request => {
    if (request.method() === 'DELETE') deletions += 1;
  });
  await page.clock.install();
  const remove = () => page.getByRole('button', { name: 'Delete landscape-1.jpg' }).press('Enter');
  await remove();
  await page.getByText('Your drawer is empty').waitFor();
  await page.getByRole('button', { name: 'Undo' }).click();
  await tiles(page, 'ready').waitFor();
  await page.clock.fastForward(20_000);
  expect(deletions).toBe(0);
  await remove();
  await page.getByText('Your drawer is empty').waitFor();
  // Leaving the page within the undo time deletes all the same.
  const list = await asTheUser(page, '/images');
  await page.goto('about:blank');
  await eventually(list, ({ items }) => items.length === 0);
});

test('the drawer is ordered by capture time, and by upload again', async () => {
  const { page } = await visit();
  await drop(page, [await taken(1, '2021:01:01 10:00:00')]);
  await expect.poll(() => tiles(page, 'ready').count()).toBe(1);
  await drop(page, [await taken(2, '2001:01:01 10:00:00')]);
  await expect.poll(() => tiles(page, 'ready').count()).toBe(2);
  const names = () => tiles(page, 'ready').locator('.tile-name').allTextContents();
  const [later, earlier] = await names();
  await page.getByLabel('Latest first, by').selectOption('taken');
  await expect.poll(names).toEqual([earlier, later]);

  await tiles(page, 'ready').first().getByRole('button').first().click();
  const detail = page.getByRole('dialog', { name: 'Picture' });
  await expect.poll(() => detail.textContent()).toContain('2021');
  await page.keyboard.press('Escape');
  // A new upload finds its place once it is ready.
  await drop(page, [await taken(3, '2010:01:01 10:00:00')]);
  await expect.poll(() => tiles(page, 'ready').count()).toBe(3);
  const [first, , last] = await names();
  expect([first, last]).toEqual([earlier, later]);
  await page.getByLabel('Latest first, by').selectOption('newest');
  await expect.poll(async () => (await names()).slice(1)).toEqual([later, earlier]);
});
