import { expect, test } from 'vitest';
import { drop, landscape } from './pictures';
import { eventually, tiles, visit } from './world';

const MANY = 200;
const TIMEOUT_MS = 300_000;

test('two hundred files at once all become thumbnails, and come back page by page', {
  timeout: TIMEOUT_MS,
}, async context => {
  const { page } = await visit({ viewport: { width: 1000, height: 500 } });
  const { buffer } = await landscape(5, 64, 48);
  const started = Date.now();
  await drop(
    page,
    Array.from({ length: MANY }, (_, index) => ({ name: `${index}.jpg`, mimeType: 'image/jpeg', buffer })),
  );
  const count = () => tiles(page, 'ready').count();
  await eventually(count, ready => ready === MANY, TIMEOUT_MS - 60_000);
  context.task.meta.figures = { two_hundred_files_ms: Date.now() - started };
  expect(await page.locator('.tile').count()).toBe(MANY);

  await page.reload();
  await eventually(count, ready => ready > 0);
  // The first pages only: the rest is far below the viewport.
  expect(await count()).toBeLessThan(MANY);
  const scroll = async () => {
    await page.mouse.wheel(0, 4_000);
    return count();
  };
  await eventually(scroll, ready => ready === MANY, 60_000);
  const ids = await page
    .locator('.tile')
    .evaluateAll(all => all.map(one => one.getAttribute('data-id') ?? ''));
  expect(ids).toEqual([...new Set(ids)].sort().reverse());
});
