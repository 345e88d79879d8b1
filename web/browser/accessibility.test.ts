import { join } from 'node:path';
import { expect, test } from 'vitest';
import { findings, still } from './axe';
import { broken, drop, landscape } from './pictures';
import { newUser } from './users';
import { ARTEFACTS, dropZone, openWindow, signIn, tiles } from './world';

for (const colorScheme of ['light', 'dark'] as const) {
  for (const device of ['desktop', 'phone'] as const) {
    test(`nobody is kept out of the ${colorScheme} page on a ${device}`, async () => {
      const phone = {
        viewport: { width: 390, height: 844 },
        hasTouch: true,
        isMobile: true,
        deviceScaleFactor: 2,
      };
      const { page } = await openWindow({ colorScheme, ...(device === 'phone' ? phone : {}) });
      const look = async (name: string) => {
        await still(page);
        await page.screenshot({ path: join(ARTEFACTS, `${name}-${colorScheme}-${device}.png`) });
        expect(await findings(page), name).toEqual([]);
      };
      const email = await newUser();
      await page.getByRole('button', { name: 'Sign in' }).waitFor();
      await look('sign-in');
      await signIn(page, email, 'wrong');
      await page.getByText('Email or password is wrong.').waitFor();
      await look('sign-in-refused');
      await signIn(page, email);
      await dropZone(page).waitFor();
      await page.getByText('Your drawer is empty').waitFor();
      await look('empty');

      const held: (() => Promise<void>)[] = [];
      await page.route('**/original-files/**', route => {
        held.push(() => route.continue());
      });
      await drop(page, [await landscape(2), await landscape(3, 600, 800), await broken()]);
      await expect.poll(() => held.length).toBe(3);
      await expect.poll(() => tiles(page, 'uploading').count()).toBe(3);
      await look('uploading');
      for (const go of held) await go();
      await expect.poll(() => tiles(page, 'ready').count()).toBe(2);
      await tiles(page, 'failed').waitFor();
      await expect.poll(() => page.locator('.tile.is-loaded').count()).toBe(2);
      await look('gallery');

      await drop(page, [{ name: 'notes.txt', mimeType: 'text/plain', buffer: Buffer.from('x') }]);
      await page.getByText('Left out notes.txt').waitFor();
      await look('left-out');
      await page.getByRole('button', { name: 'Dismiss' }).click();

      await page.getByRole('button', { name: 'landscape-2.jpg', exact: true }).click();
      await page.getByRole('dialog').getByRole('heading').waitFor();
      await expect
        .poll(() => page.locator('.detail img').evaluate(one => (one as HTMLImageElement).naturalWidth))
        .toBeGreaterThan(0);
      await look('detail');
    });
  }
}

test('no wider than a small phone, and nothing moves for who wants that', async () => {
  const { page } = await openWindow({
    viewport: { width: 320, height: 640 },
    reducedMotion: 'reduce',
  });
  const email = await newUser();
  await signIn(page, email);
  await dropZone(page).waitFor();
  await drop(page, [await landscape(2), await landscape(3, 600, 800), await broken()]);
  await expect.poll(() => tiles(page, 'ready').count()).toBe(2);
  expect(await page.evaluate(() => document.documentElement.scrollWidth)).toBeLessThanOrEqual(320);
  expect(await page.evaluate(() => document.getAnimations().length)).toBe(0);
});
