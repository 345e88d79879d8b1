import { join } from 'node:path';
import type { Page } from 'playwright-core';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { findings, still } from './axe';
import { HOSTED_UI_DOMAIN, HOSTED_UI_URL, standInHostedUi } from './hosted-ui';
import { type SecondStack, startStack } from './second-stack';
import { codeOf, newEmail, PASSWORD, signedUpUser } from './users';
import { ARTEFACTS, dropZone, focused, openWindow, operations, refuse, signIn } from './world';

/** A stack where everybody may create an account, with the hosted UI. */
let stack: SecondStack;

beforeAll(async () => {
  stack = await startStack(pageUrl => ({
    SelfSignUp: 'on',
    HostedUiDomain: HOSTED_UI_DOMAIN,
    HostedUiCallbacks: `${pageUrl}/`,
  }));
}, 600_000);
afterAll(() => stack?.stop(), 60_000);

const open = (options = {}) => openWindow(options, stack.pageUrl);
const alert = (page: Page) => page.getByRole('alert');

async function signUp(page: Page, email: string, password = PASSWORD): Promise<void> {
  await page.getByRole('button', { name: 'Create an account' }).click();
  await page.getByLabel('Email').fill(email);
  await page.getByLabel('Password').fill(password);
  await page.getByRole('button', { name: 'Create account' }).click();
}

async function confirm(page: Page, code: string): Promise<void> {
  await page.getByLabel('Code').fill(code);
  await page.getByRole('button', { name: 'Confirm and sign in' }).click();
}

test('a newcomer creates an account, confirms it and is signed in', async () => {
  const email = newEmail();
  const { page } = await open();
  await signUp(page, email);
  await page.getByText(`Enter the code that was sent to ${email}.`).waitFor();
  expect(await focused(page)).toBe('Code');

  const code = await codeOf(email, stack);
  await confirm(page, code === '000000' ? '000001' : '000000');
  await page.getByText('The code is wrong.').waitFor();
  await page.getByRole('button', { name: 'Send a new code' }).click();
  await page.getByText('Another code has been sent.').waitFor();
  expect(await codeOf(email, stack)).not.toBe(code);

  const latest = await codeOf(email, stack);
  await confirm(page, ` ${latest.slice(0, 3)} ${latest.slice(3)}`);
  await page.getByText('Your drawer is empty').waitFor();
  expect(await page.locator('.who').textContent()).toBe(email);
});

test('a password that the pool would refuse is not sent, and what it lacks is shown', async () => {
  const { page } = await open();
  const called = operations(page);
  await page.getByRole('button', { name: 'Create an account' }).click();
  const met = () => page.locator('.password-rules .is-met').allTextContents();
  expect(await met()).toEqual([]);
  await page.getByLabel('Email').fill(newEmail());
  await page.getByLabel('Password').fill('lower-case-only');
  expect(await met()).toEqual(['12 characters or more', 'a lower-case letter']);
  await page.getByRole('button', { name: 'Create account' }).click();
  await page.getByText('The password still needs: an upper-case letter, a digit.').waitFor();
  expect(await focused(page)).toBe('Password');
  expect(await page.getByLabel('Password').getAttribute('aria-invalid')).toBe('true');
  expect(called).toEqual([]);
});

test('an account that exists is told', async () => {
  const email = await signedUpUser(stack);
  const { page } = await open();
  await signUp(page, email);
  await page.getByText('There is an account with this email already.').waitFor();
  await page.getByRole('button', { name: 'Back' }).click();
  expect(await page.getByLabel('Email').inputValue()).toBe(email);
});

test.each([
  ['InvalidPasswordException', 'Use 12 characters or more'],
  ['NotAuthorizedException', 'Accounts can’t be created here.'],
  ['LimitExceededException', 'Too many tries. Try again later.'],
  ['TooManyRequestsException', 'Too many tries. Wait a moment.'],
])('an account that is refused is told: %s', async (error, words) => {
  const { page } = await open();
  await refuse(page, 'SignUp', error);
  await signUp(page, newEmail());
  await alert(page).filter({ hasText: words }).waitFor();
  expect(await page.getByLabel('Password').inputValue()).toBe(PASSWORD);
});

test.each([
  ['ExpiredCodeException', 'The code has expired. Send a new one.'],
  ['LimitExceededException', 'Too many tries. Try again later.'],
])('a code can be entered again after %s', async (error, words) => {
  const email = newEmail();
  const { page } = await open();
  await signUp(page, email);
  const stop = await refuse(page, 'ConfirmSignUp', error);
  await confirm(page, await codeOf(email, stack));
  await page.getByText(words).waitFor();
  stop();
  await confirm(page, await codeOf(email, stack));
  await dropZone(page).waitFor();
});

test('who closed the page before the code arrived goes on with signing in', async () => {
  const email = newEmail();
  const { page } = await open();
  await signUp(page, email);
  await page.getByLabel('Code').waitFor();
  await page.reload();
  // The emulator signs in users who have not confirmed their account.
  const stop = await refuse(page, 'RespondToAuthChallenge', 'UserNotConfirmedException');
  await signIn(page, email);
  await page.getByText(`Enter the code that was sent to ${email}.`).waitFor();
  stop();
  await confirm(page, await codeOf(email, stack));
  await dropZone(page).waitFor();
});

for (const colorScheme of ['light', 'dark'] as const) {
  test(`nobody is kept out of the steps of the ${colorScheme} page`, async () => {
    const { page } = await open({ colorScheme, viewport: { width: 390, height: 844 } });
    const look = async (name: string) => {
      await still(page);
      await page.screenshot({ path: join(ARTEFACTS, `${name}-${colorScheme}.png`) });
      expect(await findings(page), name).toEqual([]);
      expect(await page.evaluate(() => document.documentElement.scrollWidth)).toBeLessThanOrEqual(390);
    };
    await page.getByRole('button', { name: 'Create an account' }).waitFor();
    await look('sign-in-with-all');
    await signUp(page, newEmail(), 'Half of it');
    await page.getByText('The password still needs').waitFor();
    await look('sign-up');
    await page.getByLabel('Password').fill(PASSWORD);
    await page.keyboard.press('Enter');
    await page.getByRole('heading', { name: 'Confirm your email' }).waitFor();
    await look('confirm');
    await page.getByRole('button', { name: 'Back' }).click();
    await page.getByRole('button', { name: 'Forgot password?' }).click();
    await look('forgot');
    await page.getByRole('button', { name: 'Send the code' }).click();
    await page.getByRole('heading', { name: 'Choose a new password' }).waitFor();
    await look('reset');
  });
}

async function signInAtHostedUi(page: Page, email: string, password = PASSWORD): Promise<void> {
  await page.getByRole('button', { name: 'Continue with single sign-on' }).click();
  await page.getByLabel('Username').fill(email);
  await page.getByLabel('Password').fill(password);
  await page.getByRole('button', { name: 'Sign in' }).click();
}

test('single sign-on leads to the gallery, and signing out back through the hosted UI', async () => {
  const email = await signedUpUser(stack);
  const { page } = await open();
  const visited = await standInHostedUi(page, stack);
  await signInAtHostedUi(page, email);
  await dropZone(page).waitFor();
  expect(visited).toEqual(['/oauth2/authorize', '/oauth2/authorize', '/oauth2/token']);
  expect(page.url()).toBe(`${stack.pageUrl}/`);
  expect(await page.evaluate(() => sessionStorage.getItem('hikidashi.hosted-ui'))).toBeNull();

  // The session survives a reload, and the user pool renews its token.
  await page.reload();
  await dropZone(page).waitFor();
  const called = operations(page);
  await page.clock.install({ time: Date.now() + 59.5 * 60_000 });
  await page.evaluate(() => dispatchEvent(new Event('online')));
  await expect.poll(() => called).toContain('InitiateAuth');

  await page.getByRole('button', { name: 'Sign out' }).click();
  await page.getByRole('button', { name: 'Continue with single sign-on' }).waitFor();
  expect(called).toContain('RevokeToken');
  expect(visited.at(-1)).toBe('/logout');
  expect(page.url()).toBe(`${stack.pageUrl}/`);
  expect(await page.evaluate(() => sessionStorage.length + localStorage.length)).toBe(0);
});

test('a session of the form does not visit the hosted UI', async () => {
  const email = await signedUpUser(stack);
  const { page } = await open();
  const visited = await standInHostedUi(page, stack);
  await signIn(page, email);
  await dropZone(page).waitFor();
  await page.getByRole('button', { name: 'Sign out' }).click();
  await page.getByLabel('Password').waitFor();
  expect(visited).toEqual([]);
});

test.each(['code=stolen&state=another', 'code=stolen', 'error=access_denied&state=another'])(
  'a return that this tab did not ask for is refused: %s',
  async query => {
    const { page } = await open();
    const visited = await standInHostedUi(page, stack);
    await page.goto(`${stack.pageUrl}/?${query}`);
    await alert(page)
      .filter({ hasText: 'This sign-in was not started in this tab. Start again here.' })
      .waitFor();
    expect(page.url()).toBe(`${stack.pageUrl}/`);
    expect(visited).toEqual([]);
  },
);

test('a return with a foreign state ends the sign-in that was begun', async () => {
  const { page } = await open();
  const visited = await standInHostedUi(page, stack);
  await page.getByRole('button', { name: 'Continue with single sign-on' }).click();
  await page.getByLabel('Username').waitFor();
  await page.goto(`${stack.pageUrl}/?code=stolen&state=another`);
  await page.getByText('This sign-in was not started in this tab.').waitFor();
  expect(visited).toEqual(['/oauth2/authorize']);
  expect(await page.evaluate(() => sessionStorage.length)).toBe(0);
});

test('a sign-in that the hosted UI refuses can be repeated', async () => {
  const email = await signedUpUser(stack);
  const { page } = await open();
  await standInHostedUi(page, stack);
  await signInAtHostedUi(page, email, 'Wrong-password-1');
  await page.getByText('Single sign-on did not work. Try again.').waitFor();
  expect(page.url()).toBe(`${stack.pageUrl}/`);
  await signInAtHostedUi(page, email);
  await dropZone(page).waitFor();
});

test('a code that the hosted UI does not know is refused', async () => {
  const { page } = await open();
  await standInHostedUi(page, stack);
  await page.getByRole('button', { name: 'Continue with single sign-on' }).click();
  await page.getByLabel('Username').waitFor();
  const state = new URL(page.url()).searchParams.get('state');
  await page.goto(`${stack.pageUrl}/?code=unknown&state=${state}`);
  await page.getByText('Single sign-on did not work. Try again.').waitFor();
});

test('the page may connect to the hosted UI, and to nothing further', async () => {
  const policy = (await fetch(stack.pageUrl)).headers.get('content-security-policy');
  expect(policy).toMatch(
    new RegExp(`connect-src 'self' http://127\\.0\\.0\\.1:\\d+ ${HOSTED_UI_URL.replaceAll('.', '\\.')};`),
  );
});
