// Lighthouse's opinion of the page before and after signing in, on a phone and on a desktop.
//
// Ends in plain name=value lines, and fails where anything but the speed is below 100: how fast
// this machine is says nothing about the page.

import { readFile } from 'node:fs/promises';
import { join } from 'node:path';
import lighthouse, { desktopConfig } from 'lighthouse';
import puppeteer from 'puppeteer-core';

const PAGE_URL = required('HIKIDASHI_API_URL').replace('127.0.0.1', 'localhost');
const PASSWORD = 'Hikidashi-demo-1';
const IMAGES = 12;
const TIMINGS = ['first-contentful-paint', 'largest-contentful-paint', 'total-blocking-time'];

const email = await newUser();
const browser = await puppeteer.launch({
  executablePath: required('HIKIDASHI_CHROMIUM'),
  args: ['--no-sandbox', '--disable-gpu'],
});
const page = await browser.newPage();
let isFine = true;
for (const [form, config] of Object.entries({ phone: undefined, desktop: desktopConfig })) {
  await audit(`${form}_sign_in`, config);
  await page.goto(PAGE_URL);
  await page.waitForSelector('input[type=email]');
  await page.type('input[type=email]', email);
  await page.type('input[type=password]', PASSWORD);
  await page.click('form button');
  await page.waitForSelector('.drop-zone');
  if (form === 'phone') await fill();
  await audit(`${form}_gallery`, config);
  await page.evaluate(() => sessionStorage.clear());
}
await browser.close();
process.exitCode = isFine ? 0 : 1;

async function audit(name, config) {
  const result = await lighthouse(PAGE_URL, { disableStorageReset: true }, config, page);
  const { audits, categories } = result.lhr;
  for (const { id, score } of Object.values(categories)) {
    const percent = Math.round(score * 100);
    say(name, id, percent);
    isFine &&= id === 'performance' || percent === 100;
  }
  for (const id of TIMINGS) say(name, `${id}_ms`, Math.round(audits[id].numericValue));
  say(name, 'cumulative_layout_shift', audits['cumulative-layout-shift'].numericValue.toFixed(3));
}

/** Uploads images as who is signed in, and waits for their thumbnails. */
async function fill() {
  const kept = await page.evaluate(() => sessionStorage.getItem('hikidashi.session'));
  const headers = { authorization: JSON.parse(kept).id };
  const picture = await readFile(join(import.meta.dirname, '../../docs/gallery.jpg'));
  for (let n = 0; n < IMAGES; n++) {
    await answered(fetch(`${PAGE_URL}/upload`, { method: 'POST', headers, body: picture }));
  }
  for (;;) {
    const ready = await answered(fetch(`${PAGE_URL}/images?status=ready`, { headers }));
    if ((await ready.json()).items.length === IMAGES) return;
    await new Promise(resolve => setTimeout(resolve, 200));
  }
}

/** A user whom nobody else has. */
async function newUser() {
  const { userPoolId } = await (await answered(fetch(`${PAGE_URL}/config.json`))).json();
  const Username = 'auditor@example.com';
  const attributes = [
    { Name: 'email', Value: Username },
    { Name: 'email_verified', Value: 'true' },
  ];
  const user = { UserPoolId: userPoolId, Username };
  await operator('AdminCreateUser', { ...user, UserAttributes: attributes, MessageAction: 'SUPPRESS' });
  await operator('AdminSetUserPassword', { ...user, Password: PASSWORD, Permanent: true });
  return Username;
}

async function operator(operation, body) {
  const headers = {
    authorization:
      'AWS4-HMAC-SHA256 Credential=test/20260101/us-east-1/cognito-idp/aws4_request, SignedHeaders=host, Signature=0',
    'content-type': 'application/x-amz-json-1.1',
    'x-amz-target': `AWSCognitoIdentityProviderService.${operation}`,
  };
  await answered(
    fetch(required('HIKIDASHI_AWS_URL'), { method: 'POST', headers, body: JSON.stringify(body) }),
  );
}

async function answered(asked) {
  const response = await asked;
  if (!response.ok) throw new Error(`${response.url}: ${response.status} ${await response.text()}`);
  return response;
}

function say(name, figure, value) {
  process.stdout.write(`lighthouse_${name}_${figure.replaceAll('-', '_')}=${value}\n`);
}

function required(name) {
  const value = process.env[name];
  if (!value) throw new Error(`${name} is not set: run this with \`make web-lighthouse\``);
  return value;
}
