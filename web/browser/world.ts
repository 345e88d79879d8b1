import { mkdirSync } from 'node:fs';
import { join } from 'node:path';
import {
  type Browser,
  type BrowserContext,
  type BrowserContextOptions,
  chromium,
  type Page,
  type Route,
} from 'playwright-core';

/** The folder of the screenshots. */
export const ARTEFACTS = join(import.meta.dirname, 'artefacts');

/** The origin that the page and the bucket's CORS rules use. */
export const PAGE_URL = required('HIKIDASHI_API_URL').replace('127.0.0.1', 'localhost');
const AWS_URL = required('HIKIDASHI_AWS_URL');
const PASSWORD = 'Hikidashi-demo-1';

const FLAGS = [
  '--no-sandbox',
  '--disable-gpu',
  '--disable-quic',
  '--no-first-run',
  '--disable-background-networking',
  '--disable-component-update',
  '--disable-sync',
  '--force-color-profile=srgb',
];

let browser: Promise<Browser> | undefined;

/** The browser of all tests, which ends with the process. */
export function theBrowser(): Promise<Browser> {
  mkdirSync(ARTEFACTS, { recursive: true });
  browser ??= chromium.launch({
    executablePath: process.env.HIKIDASHI_CHROMIUM ?? '/usr/bin/chromium',
    args: FLAGS,
  });
  return browser;
}

const windows = new Set<BrowserContext>();

/** Closes the windows of a test, so that none stays open in the next. */
export async function closeWindows(): Promise<void> {
  await Promise.all([...windows].map(context => context.close()));
  windows.clear();
}

/** A new window with its own storage. */
export async function openWindow(
  options: BrowserContextOptions = {},
): Promise<{ context: BrowserContext; page: Page }> {
  const context = await (await theBrowser()).newContext({
    viewport: { width: 1280, height: 860 },
    ...options,
  });
  windows.add(context);
  context.setDefaultTimeout(20_000);
  const page = await context.newPage();
  page.on('pageerror', error => {
    throw error;
  });
  await page.goto(PAGE_URL);
  return { context, page };
}

let count = 0;

/** Creates a user for one test. */
export async function newUser(name = 'visitor'): Promise<string> {
  count += 1;
  const email = name === 'visitor' ? `visitor-${process.pid}-${count}@example.com` : `${name}@example.com`;
  const { userPoolId } = (await (await fetch(`${PAGE_URL}/config.json`)).json()) as { userPoolId: string };
  const attributes = [
    { Name: 'email', Value: email },
    { Name: 'email_verified', Value: 'true' },
  ];
  const user = { UserPoolId: userPoolId, Username: email };
  await operator('AdminCreateUser', { ...user, UserAttributes: attributes, MessageAction: 'SUPPRESS' });
  await operator('AdminSetUserPassword', { ...user, Password: PASSWORD, Permanent: true });
  return email;
}

/** Calls an operation of the user pool as its operator. */
async function operator(operation: string, body: object): Promise<void> {
  const response = await fetch(AWS_URL, {
    method: 'POST',
    headers: {
      authorization:
        'AWS4-HMAC-SHA256 Credential=test/20260101/us-east-1/cognito-idp/aws4_request, SignedHeaders=host, Signature=0',
      'content-type': 'application/x-amz-json-1.1',
      'x-amz-target': `AWSCognitoIdentityProviderService.${operation}`,
    },
    body: JSON.stringify(body),
  });
  if (!response.ok) throw new Error(`${operation}: ${response.status} ${await response.text()}`);
}

/** Signs in with the form. */
export async function signIn(page: Page, email: string, password = PASSWORD): Promise<void> {
  await page.getByLabel('Email').fill(email);
  await page.getByLabel('Password').fill(password);
  await page.getByRole('button', { name: 'Sign in' }).click();
}

/** The window of a new user, ready for uploads. */
export async function visit(options: BrowserContextOptions = {}, name?: string) {
  const email = await newUser(name);
  const window = await openWindow(options);
  await signIn(window.page, email);
  await dropZone(window.page).waitFor();
  return { ...window, email };
}

/** The text of the drop zone. */
export function dropZone(page: Page) {
  return page.getByText('Drop pictures, paste or');
}

/**
 * Answers instead of a server, until the returned function is called.
 *
 * The route itself stays. Removing it (`unroute`, `times`) switches Playwright's interception off,
 * and a request that the page sends at that moment never gets a response.
 */
export async function standIn(
  page: Page,
  url: string,
  answer: (route: Route) => Promise<void>,
): Promise<() => void> {
  let isOver = false;
  await page.route(url, route => (isOver ? route.fallback() : answer(route)));
  return () => {
    isOver = true;
  };
}

/** The tiles with a status. */
export function tiles(page: Page, status: 'ready' | 'failed' | 'pending' | 'uploading') {
  return page.locator(`.tile[data-status="${status}"]`);
}

/** Calls the API without the page, with the token of its user. */
export async function asTheUser(page: Page, path: string): Promise<() => Promise<{ items: unknown[] }>> {
  const kept = await page.evaluate(() => sessionStorage.getItem('hikidashi.session'));
  const { id } = JSON.parse(kept ?? '{}') as { id: string };
  return async () =>
    (await (await fetch(PAGE_URL + path, { headers: { authorization: id } })).json()) as { items: unknown[] };
}

/** Repeats a probe until it has the expected value, or fails with its last value. */
export async function eventually<Value>(
  probe: () => Promise<Value>,
  holds: (value: Value) => boolean,
  withinMs = 20_000,
): Promise<Value> {
  const deadline = Date.now() + withinMs;
  for (;;) {
    const value = await probe();
    if (holds(value)) return value;
    if (Date.now() > deadline) throw new Error(`it never came to be: ${JSON.stringify(value)}`);
    await new Promise(resolve => setTimeout(resolve, 50));
  }
}

function required(name: string): string {
  const value = process.env[name];
  if (!value) throw new Error(`${name} is not set: run the tests with \`make web-test\``);
  return value;
}
