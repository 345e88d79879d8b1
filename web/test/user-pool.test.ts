import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import { beforeEach, expect, onTestFinished, test } from 'vitest';
import { UserPool } from '../src/session/user-pool';

type Answer = [status: number, body: object];

let sent: { operation: string; body: Record<string, unknown> }[];

beforeEach(() => {
  sent = [];
});

/** A user pool that gives the same answer to every operation. */
async function pool([status, body]: Answer): Promise<UserPool> {
  const server = createServer(async (request, response) => {
    const chunks: Buffer[] = [];
    for await (const chunk of request) chunks.push(chunk as Buffer);
    const operation = String(request.headers['x-amz-target']).split('.')[1] ?? '';
    sent.push({ operation, body: JSON.parse(Buffer.concat(chunks).toString()) });
    response.writeHead(status, { 'content-type': 'application/x-amz-json-1.1' });
    response.end(JSON.stringify(body));
  });
  await new Promise<void>(resolve => server.listen(0, '127.0.0.1', resolve));
  onTestFinished(() => void server.close());
  const { port } = server.address() as AddressInfo;
  return new UserPool({ signInUrl: `http://127.0.0.1:${port}`, userPoolId: 'r_pool', clientId: 'client' });
}

const OK: Answer = [200, {}];
const refusal = (name: string): Answer => [400, { __type: name, message: 'no' }];

test('an account is created with its email, and has to be confirmed', async () => {
  const it = await pool([200, { UserConfirmed: false, UserSub: 's' }]);
  expect(await it.signUp('zoë@example.com', 'Hikidashi-demo-1')).toBe('unconfirmed');
  const body = {
    ClientId: 'client',
    Username: 'zoë@example.com',
    Password: 'Hikidashi-demo-1',
    UserAttributes: [{ Name: 'email', Value: 'zoë@example.com' }],
  };
  expect(sent).toEqual([{ operation: 'SignUp', body }]);
});

test('a pool may confirm an account by itself', async () => {
  const it = await pool([200, { UserConfirmed: true }]);
  expect(await it.signUp('a@example.com', 'x')).toBe('confirmed');
});

test('an account is confirmed with the code, which can be sent again', async () => {
  const it = await pool(OK);
  await it.confirmSignUp('a@example.com', '123456');
  await it.resendCode('a@example.com');
  const user = { ClientId: 'client', Username: 'a@example.com' };
  expect(sent).toEqual([
    { operation: 'ConfirmSignUp', body: { ...user, ConfirmationCode: '123456' } },
    { operation: 'ResendConfirmationCode', body: user },
  ]);
});

test('a forgotten password is replaced with a code', async () => {
  const it = await pool(OK);
  await it.forgotPassword('a@example.com');
  await it.resetPassword('a@example.com', '123456', 'Hikidashi-demo-2');
  const user = { ClientId: 'client', Username: 'a@example.com' };
  expect(sent).toEqual([
    { operation: 'ForgotPassword', body: user },
    {
      operation: 'ConfirmForgotPassword',
      body: { ...user, ConfirmationCode: '123456', Password: 'Hikidashi-demo-2' },
    },
  ]);
});

test.each([
  'UserNotFoundException',
  'InvalidParameterException',
  'NotAuthorizedException',
  'CodeDeliveryFailureException',
])('whether an account exists is not told by %s', async name => {
  await expect((await pool(refusal(name))).forgotPassword('nobody@example.com')).resolves.toBeUndefined();
});

test.each([
  ['LimitExceededException', 'limit'],
  ['TooManyRequestsException', 'busy'],
])('a code that was asked for too often is told (%s)', async (name, expected) => {
  await expect((await pool(refusal(name))).forgotPassword('a@example.com')).rejects.toMatchObject({
    refusal: expected,
  });
});

test('an error names the operation and the error, and never the password', async () => {
  const refused = (await pool(refusal('InvalidPasswordException'))).signUp('a@example.com', 'secret');
  await expect(refused).rejects.toThrow('SignUp: 400 InvalidPasswordException');
});
