import { join } from 'node:path';
import { expect, test } from 'vitest';
import { broken, drop, landscape, rotated } from './pictures';
import { PAGE_URL } from './stack';
import { ARTEFACTS, dropZone, eventually, openWindow, tiles } from './world';

const WINDOW_MS = 900_000;

test('a newcomer drops three pictures, sees two thumbnails and one reason, and nobody else does', async context => {
  const { page } = await openWindow();
  await page.getByRole('button', { name: 'Alice' }).click();
  await dropZone(page).waitFor();
  await page.getByText('Your drawer is empty').waitFor();

  // Three files.
  const dropped = Date.now();
  await drop(page, [await landscape(2), await rotated(3), await broken()]);
  await expect.poll(() => tiles(page, 'ready').count()).toBe(2);
  context.task.meta.figures = { drop_to_two_thumbnails_ms: Date.now() - dropped };
  await expect.poll(() => tiles(page, 'failed').count()).toBe(1);

  // One failure, with its cause and remedy.
  expect(await tiles(page, 'failed').textContent()).toContain('The file is damaged.');
  expect(await tiles(page, 'failed').getByRole('button', { name: 'Retry' }).isVisible()).toBe(true);
  // Two thumbnails, one of them turned upright.
  const shapes = await eventually(
    () =>
      tiles(page, 'ready')
        .locator('img')
        .evaluateAll(all =>
          all.map(one =>
            Math.sign((one as HTMLImageElement).naturalWidth - (one as HTMLImageElement).naturalHeight),
          ),
        ),
    all => all.every(shape => shape !== 0),
  );
  expect(shapes.sort()).toEqual([-1, 1]);
  await page.screenshot({ path: join(ARTEFACTS, 'three-files.png') });

  // The same images after a reload, from the cache.
  const served = await reloaded(page);
  expect(served.after).toEqual(served.before);
  expect(served.fromNetwork).toEqual([]);
  expect(served.before).toHaveLength(2);

  // Another user sees none of the images.
  const { page: bobs } = await openWindow();
  await bobs.getByRole('button', { name: 'Bob' }).click();
  await bobs.getByText('Your drawer is empty').waitFor();
  expect(await bobs.locator('.tile').count()).toBe(0);

  // A deleted image stays deleted.
  await page.clock.install();
  const victim = tiles(page, 'ready').first();
  const id = await victim.getAttribute('data-id');
  await victim.hover();
  const gone = page.waitForResponse(response => response.request().method() === 'DELETE');
  await victim.getByRole('button', { name: 'Delete' }).click();
  await page.getByText('Deleted.').waitFor();
  await page.clock.fastForward(10_000);
  expect((await gone).status()).toBe(202);
  await page.reload();
  await expect.poll(() => page.locator('.tile').count()).toBe(2);
  expect(await page.locator(`[data-id="${id}"]`).count()).toBe(0);
});

/** The URLs of the thumbnails before and after a reload, and those that were requested again. */
async function reloaded(page: Awaited<ReturnType<typeof openWindow>>['page']) {
  const devtools = await page.context().newCDPSession(page);
  await devtools.send('Network.enable');
  const isThumbnail = (url: string) => url.includes('/thumbnails/');
  for (;;) {
    const before = await sources(page);
    const urls = new Map<string, string>();
    const cached = new Set<string>();
    const sent = (event: { requestId: string; request: { url: string } }) =>
      urls.set(event.requestId, event.request.url);
    const served = (event: { requestId: string }) => cached.add(event.requestId);
    const received = (event: { requestId: string; response: { fromDiskCache?: boolean } }) => {
      if (event.response.fromDiskCache) cached.add(event.requestId);
    };
    devtools.on('Network.requestWillBeSent', sent);
    devtools.on('Network.requestServedFromCache', served);
    devtools.on('Network.responseReceived', received);
    const window = Math.floor(Date.now() / WINDOW_MS);
    await page.reload();
    const after = await sources(page);
    devtools.off('Network.requestWillBeSent', sent);
    devtools.off('Network.requestServedFromCache', served);
    devtools.off('Network.responseReceived', received);
    // Links change every quarter of an hour, which may have happened during the reload.
    if (window !== Math.floor(Date.now() / WINDOW_MS)) continue;
    const asked = [...urls].filter(([, url]) => isThumbnail(url));
    expect(asked.length).toBeGreaterThan(0);
    return {
      before,
      after,
      fromNetwork: asked.filter(([request]) => !cached.has(request)).map(([, url]) => url),
    };
  }
}

/** The URLs of the two thumbnails, once they are loaded. */
async function sources(page: Awaited<ReturnType<typeof openWindow>>['page']): Promise<string[]> {
  const loaded = () =>
    tiles(page, 'ready')
      .locator('img')
      .evaluateAll(all =>
        all
          .filter(one => (one as HTMLImageElement).naturalWidth > 0)
          .map(one => (one as HTMLImageElement).currentSrc),
      );
  return (await eventually(loaded, all => all.length === 2)).sort();
}

test('the page and everything that it loads comes from its own origin and the bucket', async () => {
  const { page } = await openWindow();
  const origins = new Set<string>();
  page.on('request', request => origins.add(new URL(request.url()).origin));
  await page.reload();
  await page.getByRole('button', { name: 'Alice' }).click();
  await dropZone(page).waitFor();
  origins.delete(PAGE_URL);
  expect([...origins].filter(origin => !origin.startsWith('http://127.0.0.1:'))).toEqual([]);
});
