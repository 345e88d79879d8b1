import { createServer, type RequestListener } from 'node:http';
import type { AddressInfo } from 'node:net';
import { expect, onTestFinished, test } from 'vitest';
import { Api } from '../src/api/api';
import { UserPool } from '../src/session/user-pool';

const DEADLINE_MS = 50;

/** The URL of a server. */
async function serve(listener: RequestListener): Promise<string> {
  const server = createServer(listener);
  await new Promise<void>(resolve => server.listen(0, '127.0.0.1', resolve));
  onTestFinished(() => {
    server.closeAllConnections();
    server.close();
  });
  return `http://127.0.0.1:${(server.address() as AddressInfo).port}`;
}

const silence: RequestListener = () => undefined;
const half: RequestListener = (_, response) => {
  response.writeHead(200, { 'content-length': '100' });
  response.write('{');
};

function pool(url: string): UserPool {
  return new UserPool({ signInUrl: url, userPoolId: 'r_pool', clientId: 'client' }, DEADLINE_MS);
}

function api(url: string, heard: boolean[] = []): Api {
  const session = { idToken: async () => 'token', renew: async () => 'token', expire: () => undefined };
  return new Api(url, session, answered => heard.push(answered), DEADLINE_MS);
}

test.each([
  ['nothing', silence],
  ['half an answer', half],
])('a user pool that sends %s is not waited for for ever', async (_, listener) => {
  await expect(pool(await serve(listener)).refresh('refresh')).rejects.toMatchObject({
    name: 'SignInError',
    refusal: 'unreachable',
  });
});

test('an API that sends nothing is not waited for for ever', async () => {
  const heard: boolean[] = [];
  await expect(api(await serve(silence), heard).list(10, 'newest', {})).rejects.toMatchObject({
    name: 'Problem',
    type: 'network',
  });
  expect(heard).toEqual([false]);
});

test('a question that is taken back says nothing about the server', async () => {
  const heard: boolean[] = [];
  const signal = AbortSignal.abort();
  await expect(api(await serve(silence), heard).read('id', { signal })).rejects.toMatchObject({
    name: 'AbortError',
  });
  expect(heard).toEqual([]);
});
