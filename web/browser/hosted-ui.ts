import type { Page } from 'playwright-core';
import type { Stack } from './stack';

export const HOSTED_UI_DOMAIN = 'hikidashi-browser-test';
export const HOSTED_UI_URL = `https://${HOSTED_UI_DOMAIN}.auth.us-east-1.amazoncognito.com`;

/**
 * Puts the emulator's hosted UI in the place of Cognito's. The emulator has no `/logout`, and does
 * not allow other origins. Returns the paths that the page has asked for.
 */
export async function standInHostedUi(page: Page, { awsUrl }: Stack): Promise<string[]> {
  const visited: string[] = [];
  await page.route(`${HOSTED_UI_URL}/**`, async route => {
    const url = new URL(route.request().url());
    visited.push(url.pathname);
    if (url.pathname === '/logout') {
      const location = url.searchParams.get('logout_uri') ?? '';
      return route.fulfill({ status: 302, headers: { location } });
    }
    const response = await fetch(awsUrl + url.pathname + url.search, {
      method: route.request().method(),
      headers: { 'content-type': route.request().headers()['content-type'] ?? '' },
      body: route.request().postData(),
      redirect: 'manual',
    });
    const headers = { ...Object.fromEntries(response.headers), 'access-control-allow-origin': '*' };
    return route.fulfill({ status: response.status, headers, body: await response.text() });
  });
  return visited;
}
