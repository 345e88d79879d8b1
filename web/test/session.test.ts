import { beforeEach, expect, test } from 'vitest';
import { Session } from '../src/session/session';
import { SignInError } from '../src/session/sign-in-error';
import { parseTokens, type Tokens } from '../src/session/tokens';

const NOW = 1_000_000_000_000;

function tokens(name: string, expiresInSecs: number): Tokens {
  const claims = { email: 'zoë@example.com', exp: NOW / 1000 + expiresInSecs, name };
  const payload = Buffer.from(JSON.stringify(claims)).toString('base64url');
  return parseTokens(`h.${payload}.s`, `refresh-${name}`);
}

class Storage {
  readonly kept = new Map<string, string>();
  getItem = (key: string) => this.kept.get(key) ?? null;
  setItem = (key: string, value: string) => void this.kept.set(key, value);
  removeItem = (key: string) => void this.kept.delete(key);
}

class Pool {
  refreshed: (() => Promise<Tokens>)[] = [];
  calls: string[] = [];
  lifeSecs = 3600;
  signIn = async () => tokens('first', this.lifeSecs);
  refresh = async (token: string) => {
    this.calls.push(`refresh ${token}`);
    return (this.refreshed.shift() ?? (async () => tokens('second', 3600)))();
  };
  revoke = async (token: string) => void this.calls.push(`revoke ${token}`);
}

let pool: Pool;
let storage: Storage;
const session = () => new Session(pool, storage, () => NOW);

beforeEach(() => {
  pool = new Pool();
  storage = new Storage();
});

test('a reload stays signed in, with the same token', async () => {
  const first = session();
  await first.signIn('zoë', 'x');
  const second = session();
  expect(second.state).toBe('signed-in');
  expect(second.email).toBe('zoë@example.com');
  expect(await second.idToken()).toBe(await first.idToken());
});

test('what was stored and is damaged is no session', () => {
  storage.setItem('hikidashi.session', '{"id":"x"}');
  expect(session().state).toBe('signed-out');
});

test('a token is renewed before it ends, and callers share the renewal', async () => {
  pool.lifeSecs = 59;
  const it = session();
  await it.signIn('zoë', 'x');
  const [one, other] = await Promise.all([it.idToken(), it.idToken()]);
  expect(one).toBe(tokens('second', 3600).id);
  expect(other).toBe(one);
  expect(pool.calls).toEqual(['refresh refresh-first']);
});

test('a token that was refused is renewed once, however many found out', async () => {
  const it = session();
  await it.signIn('zoë', 'x');
  const refused = await it.idToken();
  const renewed = await it.renew(refused);
  expect(renewed).not.toBe(refused);
  expect(await it.renew(refused)).toBe(renewed);
  expect(pool.calls).toHaveLength(1);
});

test('a session that the pool ended is over, and says so once', async () => {
  pool.lifeSecs = 1;
  pool.refreshed = [() => Promise.reject(new SignInError('ended', ''))];
  const it = session();
  const states: string[] = [];
  it.onChange(state => states.push(state));
  await it.signIn('zoë', 'x');
  await expect(it.idToken()).rejects.toThrow(SignInError);
  await expect(it.idToken()).rejects.toThrow(SignInError);
  expect(states).toEqual(['signed-in', 'expired']);
  expect(storage.kept.size).toBe(0);
  expect(it.email).toBe('zoë@example.com');
});

test('a pool that does not answer ends no session', async () => {
  pool.lifeSecs = 1;
  pool.refreshed = [() => Promise.reject(new SignInError('unreachable', ''))];
  const it = session();
  await it.signIn('zoë', 'x');
  await expect(it.idToken()).rejects.toThrow(SignInError);
  expect(it.state).toBe('signed-in');
  expect(await it.idToken()).toBe(tokens('second', 3600).id);
});

test('signing out forgets the tokens and revokes them', async () => {
  const it = session();
  await it.signIn('zoë', 'x');
  await it.signOut();
  expect(it.state).toBe('signed-out');
  expect(storage.kept.size).toBe(0);
  expect(pool.calls).toEqual(['revoke refresh-first']);
});

test('a session of the hosted UI is kept, renewed and revoked as any other', async () => {
  const it = session();
  it.start(tokens('hosted', 59), 'hosted-ui');
  expect(await it.idToken()).toBe(tokens('second', 3600).id);
  expect(session().origin).toBe('hosted-ui');
  await it.signOut();
  expect(it.origin).toBe('hosted-ui');
  expect(pool.calls).toEqual(['refresh refresh-hosted', 'revoke refresh-second']);
});

test('a session of the form is none of the hosted UI', async () => {
  const it = session();
  it.start(tokens('hosted', 3600), 'hosted-ui');
  await it.signIn('zoë', 'x');
  expect(session().origin).toBe('form');
});

test('a user pool that is asked too often ends no session', async () => {
  pool.lifeSecs = 1;
  pool.refreshed = [() => Promise.reject(new SignInError('limit', ''))];
  const it = session();
  await it.signIn('zoë', 'x');
  await expect(it.idToken()).rejects.toThrow(SignInError);
  expect(it.state).toBe('signed-in');
});
