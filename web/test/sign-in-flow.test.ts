import { beforeEach, expect, test } from 'vitest';
import { type Refusal, SignInError } from '../src/session/sign-in-error';
import { SignInFlow } from '../src/session/sign-in-flow';
import type { Tokens } from '../src/session/tokens';
import type { NewPasswordNeeded } from '../src/session/user-pool';

const EMAIL = 'zoë@example.com';
const PASSWORD = 'Hikidashi-demo-1';
const TOKENS: Tokens = { id: 'i', refresh: 'r', email: EMAIL, expiresAt: 0 };

/** Session and user pool in one. Each call is noted, and refused if a refusal is set. */
class Cognito {
  email: string | undefined;
  calls: string[] = [];
  refusals = new Map<string, Refusal>();
  needed: NewPasswordNeeded | undefined;
  state: 'confirmed' | 'unconfirmed' = 'unconfirmed';

  async #call(name: string, ...words: string[]): Promise<void> {
    this.calls.push([name, ...words].join(' '));
    const refusal = this.refusals.get(name);
    if (refusal) throw new SignInError(refusal, '');
  }

  signIn = async (email: string, password: string) => {
    await this.#call('signIn', email, password);
    return this.needed;
  };
  signUp = async (email: string, password: string) => {
    await this.#call('signUp', email, password);
    return this.state;
  };
  confirmSignUp = (email: string, code: string) => this.#call('confirmSignUp', email, code);
  resendCode = (email: string) => this.#call('resendCode', email);
  forgotPassword = (email: string) => this.#call('forgotPassword', email);
  resetPassword = (email: string, code: string, password: string) =>
    this.#call('resetPassword', email, code, password);
  choose = async (password: string) => {
    await this.#call('choose', password);
    return TOKENS;
  };
}

let cognito: Cognito;
let flow: SignInFlow;

beforeEach(() => {
  cognito = new Cognito();
  flow = new SignInFlow(cognito, cognito, { selfSignUp: true });
});

const problem = (refusal: Refusal) => expect.objectContaining({ refusal });

test('a right password is all that is needed', async () => {
  expect(await flow.signIn(EMAIL, PASSWORD)).toEqual({ name: 'done' });
});

test('a wrong password can be corrected where it was typed', async () => {
  cognito.refusals.set('signIn', 'wrong-password');
  await expect(flow.signIn(EMAIL, 'x')).rejects.toMatchObject({ refusal: 'wrong-password' });
});

test('an account is created, confirmed and signed in to', async () => {
  expect(await flow.signUp(EMAIL, PASSWORD)).toEqual({ name: 'confirm' });
  expect(await flow.confirm('123456')).toEqual({ name: 'done' });
  expect(cognito.calls).toEqual([
    `signUp ${EMAIL} ${PASSWORD}`,
    `confirmSignUp ${EMAIL} 123456`,
    `signIn ${EMAIL} ${PASSWORD}`,
  ]);
});

test('an account that the pool confirms by itself is signed in to at once', async () => {
  cognito.state = 'confirmed';
  expect(await flow.signUp(EMAIL, PASSWORD)).toEqual({ name: 'done' });
});

test.each<Refusal>(['user-exists', 'weak-password', 'unusable-email', 'sign-up-closed', 'limit', 'busy'])(
  'an account that is refused as %s can be corrected where it was entered',
  async refusal => {
    cognito.refusals.set('signUp', refusal);
    await expect(flow.signUp(EMAIL, PASSWORD)).rejects.toMatchObject({ refusal });
  },
);

test('an account whose code could not be sent exists, and another code can be sent', async () => {
  cognito.refusals.set('signUp', 'undelivered');
  expect(await flow.signUp(EMAIL, PASSWORD)).toEqual({ name: 'confirm', problem: problem('undelivered') });
  expect(await flow.resend()).toEqual({ name: 'confirm' });
});

test.each<Refusal>(['wrong-code', 'expired-code', 'limit'])(
  'a code that is refused as %s can be corrected',
  async refusal => {
    await flow.signUp(EMAIL, PASSWORD);
    cognito.refusals.set('confirmSignUp', refusal);
    await expect(flow.confirm('1')).rejects.toMatchObject({ refusal });
  },
);

test('an account that was confirmed elsewhere meanwhile is signed in to', async () => {
  await flow.signUp(EMAIL, PASSWORD);
  cognito.refusals.set('confirmSignUp', 'confirmed');
  cognito.refusals.set('resendCode', 'confirmed');
  expect(await flow.confirm('1')).toEqual({ name: 'done' });
  await flow.signUp(EMAIL, PASSWORD);
  expect(await flow.resend()).toEqual({ name: 'done' });
});

test('a sign-in that fails after the code was accepted begins again at the form', async () => {
  await flow.signUp(EMAIL, PASSWORD);
  cognito.refusals.set('signIn', 'unreachable');
  expect(await flow.confirm('123456')).toEqual({ name: 'sign-in', problem: problem('unreachable') });
  expect(flow.email).toBe(EMAIL);
});

test('who never confirmed the account goes on to the code when signing in', async () => {
  cognito.refusals.set('signIn', 'unconfirmed');
  expect(await flow.signIn(EMAIL, PASSWORD)).toEqual({ name: 'confirm' });
  expect(await flow.resend()).toEqual({ name: 'confirm' });
  cognito.refusals.clear();
  expect(await flow.confirm('123456')).toEqual({ name: 'done' });
  expect(cognito.calls.at(-1)).toBe(`signIn ${EMAIL} ${PASSWORD}`);
});

test('without sign-up, nothing leads to it', async () => {
  flow = new SignInFlow(cognito, cognito, { selfSignUp: false });
  expect(flow.hasSignUp).toBe(false);
  cognito.refusals.set('signIn', 'unconfirmed');
  await expect(flow.signIn(EMAIL, PASSWORD)).rejects.toMatchObject({ refusal: 'unconfirmed' });
  cognito.calls = [];
  for (const act of [() => flow.signUp(EMAIL, PASSWORD), () => flow.confirm('1'), () => flow.resend()]) {
    await expect(act()).rejects.toMatchObject({ refusal: 'sign-up-closed' });
  }
  expect(cognito.calls).toEqual([]);
});

test('a forgotten password is replaced with a code, and signed in with', async () => {
  expect(await flow.forgot(EMAIL)).toEqual({ name: 'reset' });
  expect(await flow.reset('123456', PASSWORD)).toEqual({ name: 'done' });
  expect(cognito.calls).toEqual([
    `forgotPassword ${EMAIL}`,
    `resetPassword ${EMAIL} 123456 ${PASSWORD}`,
    `signIn ${EMAIL} ${PASSWORD}`,
  ]);
});

test.each<Refusal>(['wrong-code', 'expired-code', 'weak-password', 'limit'])(
  'a new password that is refused as %s can be corrected',
  async refusal => {
    await flow.forgot(EMAIL);
    cognito.refusals.set('resetPassword', refusal);
    await expect(flow.reset('1', PASSWORD)).rejects.toMatchObject({ refusal });
  },
);

test('a user whose password an operator has reset goes on to the code', async () => {
  cognito.refusals.set('signIn', 'reset-required');
  expect(await flow.signIn(EMAIL, PASSWORD)).toEqual({ name: 'reset', problem: problem('reset-required') });
});

test('a temporary password is replaced', async () => {
  cognito.needed = cognito;
  expect(await flow.signIn(EMAIL, 'temporary')).toEqual({ name: 'new-password' });
  cognito.refusals.set('choose', 'weak-password');
  await expect(flow.choose('weak')).rejects.toMatchObject({ refusal: 'weak-password' });
  cognito.refusals.clear();
  expect(await flow.choose(PASSWORD)).toEqual({ name: 'done' });
});

test('a challenge that ended while the user chose a password begins again at the form', async () => {
  cognito.needed = cognito;
  await flow.signIn(EMAIL, 'temporary');
  cognito.refusals.set('choose', 'took-too-long');
  expect(await flow.choose(PASSWORD)).toEqual({ name: 'sign-in', problem: problem('took-too-long') });
});
