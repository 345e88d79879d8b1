import { createHash } from 'node:crypto';
import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import { beforeEach, expect, onTestFinished, test } from 'vitest';
import { HostedUi, isReturn, withoutReturn } from '../src/session/hosted-ui';

const PAGE = 'https://pictures.example/gallery/';
const CLAIMS = { email: 'zoë@example.com', exp: 2_000_000_000 };
const ID = `h.${Buffer.from(JSON.stringify(CLAIMS)).toString('base64url')}.s`;

class Storage {
  readonly kept = new Map<string, string>();
  getItem = (key: string) => this.kept.get(key) ?? null;
  setItem = (key: string, value: string) => void this.kept.set(key, value);
  removeItem = (key: string) => void this.kept.delete(key);
}

let storage: Storage;
let exchanged: { path: string; type: string; form: Record<string, string> }[];

beforeEach(() => {
  storage = new Storage();
  exchanged = [];
});

/** The hosted UI, whose token endpoint gives one answer. */
async function hostedUi(status = 200, body: object = { id_token: ID, refresh_token: 'refresh' }) {
  const server = createServer(async (request, response) => {
    const chunks: Buffer[] = [];
    for await (const chunk of request) chunks.push(chunk as Buffer);
    const form = Object.fromEntries(new URLSearchParams(Buffer.concat(chunks).toString()));
    exchanged.push({ path: request.url ?? '', type: request.headers['content-type'] ?? '', form });
    response.writeHead(status, { 'content-type': 'application/json' });
    response.end(JSON.stringify(body));
  });
  await new Promise<void>(resolve => server.listen(0, '127.0.0.1', resolve));
  onTestFinished(() => void server.close());
  const url = `http://127.0.0.1:${(server.address() as AddressInfo).port}`;
  return new HostedUi({ url, clientId: 'client' }, storage);
}

/** Begins a sign-in and returns the state that was sent. */
async function begin(it: HostedUi): Promise<string> {
  return new URL(await it.begin(PAGE)).searchParams.get('state') ?? '';
}

test('a sign-in begins with a challenge whose verifier stays in the tab', async () => {
  const address = new URL(await (await hostedUi()).begin(`${PAGE}?image=1#top`));
  const parameters = Object.fromEntries(address.searchParams);
  const { state, verifier } = JSON.parse(storage.kept.get('hikidashi.hosted-ui') ?? '{}');
  expect(address.pathname).toBe('/oauth2/authorize');
  expect(parameters).toEqual({
    response_type: 'code',
    client_id: 'client',
    redirect_uri: PAGE,
    scope: 'openid email',
    state,
    code_challenge: createHash('sha256').update(verifier).digest('base64url'),
    code_challenge_method: 'S256',
  });
  expect(verifier).toMatch(/^[\w-]{43}$/);
  expect(address.href).not.toContain(verifier);
});

test('every sign-in has its own state and verifier', async () => {
  const it = await hostedUi();
  const first = await begin(it);
  const kept = storage.kept.get('hikidashi.hosted-ui');
  expect(await begin(it)).not.toBe(first);
  expect(storage.kept.get('hikidashi.hosted-ui')).not.toBe(kept);
});

test('the code is exchanged for tokens, with the verifier, once', async () => {
  const it = await hostedUi();
  const state = await begin(it);
  const { verifier } = JSON.parse(storage.kept.get('hikidashi.hosted-ui') ?? '{}');
  const tokens = await it.finish(`${PAGE}?code=c-1&state=${state}`);
  expect(tokens).toMatchObject({ id: ID, refresh: 'refresh', email: 'zoë@example.com' });
  const form = {
    grant_type: 'authorization_code',
    client_id: 'client',
    redirect_uri: PAGE,
    code: 'c-1',
    code_verifier: verifier,
  };
  const type = 'application/x-www-form-urlencoded;charset=UTF-8';
  expect(exchanged).toEqual([{ path: '/oauth2/token', type, form }]);
  expect(storage.kept.size).toBe(0);
  await expect(it.finish(`${PAGE}?code=c-1&state=${state}`)).rejects.toMatchObject({
    refusal: 'sso-mismatch',
  });
});

test.each(['code=c-1&state=another', 'code=c-1', 'code=c-1&state=', 'error=access_denied&state=another'])(
  'a return with a wrong or missing state is refused, and its code is not sent: %s',
  async query => {
    const it = await hostedUi();
    await begin(it);
    await expect(it.finish(`${PAGE}?${query}`)).rejects.toMatchObject({ refusal: 'sso-mismatch' });
    expect(exchanged).toEqual([]);
    expect(storage.kept.size).toBe(0);
  },
);

test('a return to a tab that began no sign-in is refused', async () => {
  const it = await hostedUi();
  await expect(it.finish(`${PAGE}?code=c-1&state=`)).rejects.toMatchObject({ refusal: 'sso-mismatch' });
  storage.setItem('hikidashi.hosted-ui', '{"state":"s"}');
  await expect(it.finish(`${PAGE}?code=c-1&state=s`)).rejects.toMatchObject({ refusal: 'sso-mismatch' });
  expect(exchanged).toEqual([]);
});

test('a refusal of the hosted UI is told', async () => {
  const it = await hostedUi();
  const state = await begin(it);
  await expect(it.finish(`${PAGE}?error=access_denied&state=${state}`)).rejects.toMatchObject({
    refusal: 'sso-failed',
  });
});

test.each([
  [400, 'sso-failed'],
  [429, 'busy'],
  [503, 'busy'],
])('a token endpoint that answers %i is told as %s', async (status, refusal) => {
  const it = await hostedUi(status, { error: 'invalid_grant' });
  const state = await begin(it);
  await expect(it.finish(`${PAGE}?code=c&state=${state}`)).rejects.toMatchObject({ refusal });
});

test('a token endpoint that can’t be reached is told', async () => {
  const it = new HostedUi({ url: 'http://127.0.0.1:1', clientId: 'client' }, storage);
  const state = await begin(it);
  await expect(it.finish(`${PAGE}?code=c&state=${state}`)).rejects.toMatchObject({ refusal: 'unreachable' });
});

test('signing out ends the session of the hosted UI too, and comes back to the page', async () => {
  const address = new URL((await hostedUi()).signOutAddress(`${PAGE}?image=1`));
  expect(address.pathname).toBe('/logout');
  expect(Object.fromEntries(address.searchParams)).toEqual({ client_id: 'client', logout_uri: PAGE });
});

test('a return is known by its code or error, which are removed from the address', () => {
  expect(isReturn(`${PAGE}?code=1&state=2`)).toBe(true);
  expect(isReturn(`${PAGE}?error=access_denied`)).toBe(true);
  expect(isReturn(`${PAGE}?state=2`)).toBe(false);
  expect(withoutReturn(`${PAGE}?code=1&state=2`)).toBe(PAGE);
  expect(withoutReturn(`${PAGE}?error=e&error_description=d&state=2&image=1#top`)).toBe(
    `${PAGE}?image=1#top`,
  );
});
