import type { Page } from 'playwright-core';
import { expect, test } from 'vitest';
import { asThePage, codeOf, invitedUser, newEmail, PASSWORD, signedUpUser } from './users';
import { dropZone, focused, openWindow, operations, refuse, signIn } from './world';

const ANOTHER = 'Another-password-2';

/** Asks for a code, as who forgot the password. */
async function forget(page: Page, email: string): Promise<void> {
  await page.getByLabel('Email').fill(email);
  await page.getByRole('button', { name: 'Forgot password?' }).click();
  await page.getByRole('heading', { name: 'Forgot your password?' }).waitFor();
  await page.getByRole('button', { name: 'Send the code' }).click();
  await page.getByRole('heading', { name: 'Choose a new password' }).waitFor();
}

async function reset(page: Page, code: string, password: string): Promise<void> {
  await page.getByLabel('Code').fill(code);
  await page.getByLabel('New password', { exact: true }).fill(password);
  await page.getByRole('button', { name: 'Save and sign in' }).click();
}

const alert = (page: Page) => page.getByRole('alert');

test('a forgotten password is replaced with the code of the email', async () => {
  const email = await signedUpUser();
  const { page } = await openWindow();
  await forget(page, email);
  expect(await focused(page)).toBe('Code');
  expect(await page.getByLabel('Code').getAttribute('autocomplete')).toBe('one-time-code');
  expect(await page.getByLabel('New password', { exact: true }).getAttribute('autocomplete')).toBe(
    'new-password',
  );

  await reset(page, '000000', ANOTHER);
  await page.getByText('The code is wrong.').waitFor();
  const called = operations(page);
  await reset(page, await codeOf(email), 'weak');
  await page
    .getByText('The password still needs: 12 characters or more, an upper-case letter, a digit.')
    .waitFor();
  expect(await focused(page)).toBe('New password');
  expect(called).toEqual([]);

  await reset(page, await codeOf(email), ANOTHER);
  await dropZone(page).waitFor();
  await page.getByRole('button', { name: 'Sign out' }).click();
  await signIn(page, email, PASSWORD);
  await page.getByText('Email or password is wrong.').waitFor();
  await signIn(page, email, ANOTHER);
  await dropZone(page).waitFor();
});

test('another code can be sent, and the first is worth nothing then', async () => {
  const email = await signedUpUser();
  const { page } = await openWindow();
  await forget(page, email);
  const first = await codeOf(email);
  await page.getByLabel('New password', { exact: true }).fill(ANOTHER);
  await page.getByRole('button', { name: 'Send a new code' }).click();
  await page.getByText('Another code has been sent.').waitFor();
  expect(await page.getByLabel('New password', { exact: true }).inputValue()).toBe(ANOTHER);
  expect(await codeOf(email)).not.toBe(first);
  await reset(page, first, ANOTHER);
  await page.getByText('The code is wrong.').waitFor();
  await reset(page, await codeOf(email), ANOTHER);
  await dropZone(page).waitFor();
});

test('nobody finds out who has an account', async () => {
  const said = async (email: string) => {
    const { page } = await openWindow();
    await forget(page, email);
    const note = await page.locator('.sign-in').innerText();
    await reset(page, '000000', ANOTHER);
    await alert(page).filter({ hasText: /./ }).waitFor();
    return `${note} ${await alert(page).innerText()}`.replaceAll(email, 'EMAIL');
  };
  expect(await said(newEmail())).toBe(await said(await signedUpUser()));
});

test.each([
  ['LimitExceededException', 'Too many tries. Try again later.'],
  ['TooManyRequestsException', 'Too many tries. Wait a moment.'],
])('a code that is asked for too often is refused: %s', async (error, words) => {
  const { page } = await openWindow();
  await refuse(page, 'ForgotPassword', error);
  await page.getByRole('button', { name: 'Forgot password?' }).click();
  await page.getByLabel('Email').fill(newEmail());
  await page.getByRole('button', { name: 'Send the code' }).click();
  await page.getByText(words).waitFor();
});

test.each([
  ['ExpiredCodeException', 'The code has expired. Send a new one.'],
  ['InvalidPasswordException', 'Use 12 characters or more'],
])('a new password can be corrected after %s', async (error, words) => {
  const email = await signedUpUser();
  const { page } = await openWindow();
  await forget(page, email);
  const stop = await refuse(page, 'ConfirmForgotPassword', error);
  await reset(page, await codeOf(email), ANOTHER);
  await page.getByText(words).waitFor();
  stop();
  await reset(page, await codeOf(email), ANOTHER);
  await dropZone(page).waitFor();
});

test('a temporary password is replaced at the first sign-in', async () => {
  const email = await invitedUser('Temporary-pass-1');
  const { page } = await openWindow();
  await signIn(page, email, 'Temporary-pass-1');
  await page.getByRole('heading', { name: 'Choose a password of your own' }).waitFor();
  expect(await focused(page)).toBe('New password');
  expect(await page.getByLabel('Email').inputValue()).toBe(email);
  const save = page.getByRole('button', { name: 'Save and sign in' });

  const called = operations(page);
  await page.getByLabel('New password', { exact: true }).fill('Too-short-1');
  await save.click();
  await page.getByText('The password still needs: 12 characters or more.').waitFor();
  expect(called).toEqual([]);

  await page.getByLabel('New password', { exact: true }).fill(ANOTHER);
  await save.click();
  await dropZone(page).waitFor();
  await page.getByRole('button', { name: 'Sign out' }).click();
  await signIn(page, email, ANOTHER);
  await dropZone(page).waitFor();
});

test('who takes too long to choose a password begins again', async () => {
  const email = await invitedUser('Temporary-pass-1');
  const { page } = await openWindow();
  await signIn(page, email, 'Temporary-pass-1');
  await page.getByLabel('New password', { exact: true }).fill(ANOTHER);
  const stop = await refuse(page, 'RespondToAuthChallenge', 'NotAuthorizedException');
  await page.getByRole('button', { name: 'Save and sign in' }).click();
  await page.getByText('That took too long. Sign in again.').waitFor();
  stop();
  expect(await page.getByLabel('Email').inputValue()).toBe(email);
  await signIn(page, email, 'Temporary-pass-1');
  await page.getByRole('heading', { name: 'Choose a password of your own' }).waitFor();
});

test('a password that an operator has reset is replaced with the code', async () => {
  const email = await signedUpUser();
  await asThePage('ForgotPassword', { Username: email });
  const { page } = await openWindow();
  const stop = await refuse(page, 'RespondToAuthChallenge', 'PasswordResetRequiredException');
  await signIn(page, email);
  await page.getByText('This account needs a new password.').waitFor();
  stop();
  await reset(page, await codeOf(email), ANOTHER);
  await dropZone(page).waitFor();
});

test('every step can be left, and the email comes along', async () => {
  const { page } = await openWindow();
  await forget(page, 'zoe@example.com');
  await page.getByRole('button', { name: 'Back' }).click();
  expect(await page.getByLabel('Email').inputValue()).toBe('zoe@example.com');
  expect(await focused(page)).toBe('Password');
});

test('without sign-up, the page does not offer it, and the user pool refuses it', async () => {
  const { page } = await openWindow();
  await page.getByRole('button', { name: 'Forgot password?' }).waitFor();
  expect(await page.getByRole('button', { name: 'Create an account' }).count()).toBe(0);
  expect(await page.getByRole('button', { name: 'single sign-on' }).count()).toBe(0);

  const response = await asThePage('SignUp', { Username: newEmail(), Password: PASSWORD });
  expect(response.status).toBe(400);
  expect(await response.text()).toContain('NotAuthorizedException');
});

test('without sign-up, an account that is not confirmed leads nowhere', async () => {
  const email = await signedUpUser();
  const { page } = await openWindow();
  await refuse(page, 'RespondToAuthChallenge', 'UserNotConfirmedException');
  await signIn(page, email);
  await page.getByText('This account is not confirmed.').waitFor();
  expect(await page.getByLabel('Code').count()).toBe(0);
});
