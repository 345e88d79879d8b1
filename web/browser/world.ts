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
import { PAGE_URL } from './stack';
import { newUser, PASSWORD } from './users';

/** The folder of the screenshots. */
export const ARTEFACTS = join(import.meta.dirname, 'artefacts');

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
  pageUrl = PAGE_URL,
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
  await page.goto(pageUrl);
  return { context, page };
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
export async function stubRoute(
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

/** Refuses an operation of the user pool with an error, until the returned function is called. */
export function refuse(page: Page, operation: string, error: string): Promise<() => void> {
  const answer = {
    status: 400,
    contentType: 'application/x-amz-json-1.1',
    body: JSON.stringify({ __type: error, message: 'as the test says' }),
  };
  return stubRoute(page, '**/cognito', route =>
    route.request().headers()['x-amz-target']?.endsWith(`.${operation}`)
      ? route.fulfill(answer)
      : route.fallback(),
  );
}

/** The operations of the user pool that the page calls from now on. */
export function operations(page: Page): string[] {
  const called: string[] = [];
  page.on('request', request => {
    const target = request.headers()['x-amz-target'];
    if (target) called.push(target.split('.')[1] ?? '');
  });
  return called;
}

/** The label of the focused field. */
export function focused(page: Page): Promise<string> {
  return page.evaluate(() => {
    const label = document.activeElement?.closest('label')?.querySelector('span');
    return label?.textContent ?? document.activeElement?.tagName ?? '';
  });
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
