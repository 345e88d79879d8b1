import { expect, test } from 'vitest';
import { findings, still } from './axe';
import { drop, landscape } from './pictures';
import { stubRoute, tiles, visit } from './world';

const USED = 9_000_000_000;
const MAX = 10_000_000_000;

test('the storage that is used is shown, grows, and shrinks', async () => {
  const { page } = await visit();
  const meter = page.getByRole('meter', { name: 'Storage used' });
  await meter.waitFor();
  await page.getByText('0 bytes of 10.7 GB, 0 of 10,000 pictures').waitFor();
  await drop(page, [await landscape(1)]);
  await tiles(page, 'ready').waitFor();
  await page.getByText(', 1 of 10,000 pictures').waitFor();
  expect(await page.getByText('Almost full.').count()).toBe(0);
});

for (const colorScheme of ['light', 'dark'] as const) {
  test(`a full drawer is told on the ${colorScheme} page, and the user stays signed in`, async () => {
    const { page } = await visit({ colorScheme });
    const me = {
      identityId: 'x',
      usage: { bytes: USED, images: 3 },
      quota: { maxBytes: MAX, maxImages: null },
      limits: { maxUploadBytes: 1, maxImageBytes: 1, acceptHeic: true },
    };
    await stubRoute(page, '**/me', route => route.fulfill({ json: me }));
    await stubRoute(page, '**/upload/presign', route =>
      route.fulfill({
        status: 403,
        contentType: 'application/problem+json',
        json: {
          type: 'urn:hikidashi:problem:quota-exceeded',
          title: 'There is no room for the image',
          status: 403,
          detail: 'there is no room',
        },
      }),
    );
    await page.reload();
    await page.getByText('9 GB of 10 GB, 3 pictures').waitFor();
    await page.getByText('Almost full.').waitFor();
    await still(page);
    expect(await findings(page)).toEqual([]);
    await drop(page, [await landscape(2)]);
    await page.getByText('Your storage is full. Delete pictures to make room.').waitFor();
    expect(await page.getByRole('dialog').count()).toBe(0);
  });
}
