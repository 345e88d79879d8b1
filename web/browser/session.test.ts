import type { Page } from 'playwright-core';
import { expect, test } from 'vitest';
import { drop, landscape } from './pictures';
import { asThePage, newUser } from './users';
import { openWindow, signIn, stubRoute, tiles, visit } from './world';

const EXPIRED = {
  type: 'urn:hikidashi:problem:token-expired',
  title: 'The token has expired',
  status: 401,
  detail: 'the token has expired',
};

/** Makes the API refuse the next listing with `token-expired`. */
async function expireOnce(page: Page): Promise<void> {
  const answer = { status: 401, contentType: 'application/problem+json', json: EXPIRED };
  const stop = await stubRoute(page, '**/images?*', route => {
    stop();
    return route.fulfill(answer);
  });
}

/** Ends the session without the page's knowledge. */
async function revoke(page: Page): Promise<void> {
  const { refresh } = JSON.parse(
    await page.evaluate(() => sessionStorage.getItem('hikidashi.session') ?? '{}'),
  ) as {
    refresh: string;
  };
  const response = await asThePage('RevokeToken', { Token: refresh });
  expect(response.status).toBe(200);
}

const refreshes = (page: Page) =>
  page.waitForRequest(
    request =>
      request.url().endsWith('/cognito') && (request.postData() ?? '').includes('REFRESH_TOKEN_AUTH'),
  );

test('a wrong password is told, and a right one is asked for', async () => {
  const email = await newUser();
  const { page } = await openWindow();
  await signIn(page, email, 'Wrong-password-1');
  await page.getByText('Email or password is wrong.').waitFor();
  await signIn(page, email);
  await page.getByText('Your drawer is empty').waitFor();
});

test('a token that expires in the middle of a session is renewed without a word', async () => {
  const { page } = await visit();
  await drop(page, [await landscape(1)]);
  await tiles(page, 'ready').waitFor();
  await expireOnce(page);
  const renewed = refreshes(page);
  await page.reload();
  await renewed;
  await tiles(page, 'ready').waitFor();
  expect(await page.getByText('session has ended').count()).toBe(0);
});

test('a token is renewed before it expires', async () => {
  const { page } = await visit();
  const renewed = refreshes(page);
  await page.clock.install({ time: Date.now() + 59.5 * 60_000 });
  await page.evaluate(() => dispatchEvent(new Event('online')));
  await renewed;
});

test('a session that ended is told, and goes on where it was after signing in', async () => {
  const { page, email } = await visit();
  await drop(page, [await landscape(2)]);
  await tiles(page, 'ready').waitFor();
  await revoke(page);
  await expireOnce(page);
  await page.evaluate(() => dispatchEvent(new Event('online')));
  const dialog = page.getByRole('dialog', { name: 'Sign in again' });
  await dialog.getByText('Your session has ended').waitFor();
  // Escape does not close the dialog: there is no page behind it.
  await page.keyboard.press('Escape');
  expect(await dialog.isVisible()).toBe(true);
  expect(await dialog.getByLabel('Email').inputValue()).toBe(email);
  await signIn(page, email);
  await dialog.waitFor({ state: 'hidden' });
  expect(await tiles(page, 'ready').count()).toBe(1);
  await drop(page, [await landscape(3)]);
  await expect.poll(() => tiles(page, 'ready').count()).toBe(2);
});

test('signing out leaves nothing behind, and the token opens nothing more', async () => {
  const { page, context } = await visit();
  const revoked = page.waitForRequest(
    request => request.headers()['x-amz-target']?.endsWith('RevokeToken') ?? false,
  );
  await page.getByRole('button', { name: 'Sign out' }).click();
  await revoked;
  await page.getByLabel('Password').waitFor();
  expect(await page.evaluate(() => sessionStorage.length + localStorage.length)).toBe(0);
  expect(await context.cookies()).toEqual([]);
});
