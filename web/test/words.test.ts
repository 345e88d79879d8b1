import { afterEach, expect, test, vi } from 'vitest';
import { parseImage } from '../src/api/image';
import { Problem, problemOf } from '../src/api/problem';
import { failureWords, problemWords } from '../src/api/words';
import type { Entry } from '../src/gallery/collection';
import { tileWords } from '../src/gallery/tile-words';
import { SignInError } from '../src/session/sign-in-error';

afterEach(() => vi.unstubAllGlobals());

function answer(status: number, body: string, headers: Record<string, string> = {}): Response {
  return new Response(body, { status, headers });
}

test('a problem document keeps its type, detail and request', async () => {
  const body = {
    type: 'urn:hikidashi:problem:throttled',
    title: 'Too many requests',
    status: 503,
    detail: 'slowly',
  };
  const problem = await problemOf(answer(503, JSON.stringify(body), { 'x-request-id': 'r-1' }));
  expect(problem).toMatchObject({
    type: 'throttled',
    status: 503,
    detail: 'slowly',
    requestId: 'r-1',
    mayPass: true,
  });
});

test('what the gateway, or anything else, says is understood too', async () => {
  expect(await problemOf(answer(403, '{"message":"Forbidden"}'))).toMatchObject({
    type: 'gateway',
    needsSignIn: true,
  });
  expect(await problemOf(answer(502, '<html>'))).toMatchObject({
    type: 'gateway',
    status: 502,
    mayPass: true,
  });
});

test('a fault of the server is told with the request to report', () => {
  expect(problemWords(new Problem('internal', 500, '', 'r-1'))).toBe(
    'The server has trouble. Try again. (Request r-1)',
  );
});

test('no answer is told apart from no connection', () => {
  vi.stubGlobal('navigator', { onLine: true });
  expect(problemWords(new Problem('network', 0, ''))).toContain('doesn’t answer');
  vi.stubGlobal('navigator', { onLine: false });
  expect(problemWords(new Problem('network', 0, ''))).toBe('You’re offline.');
});

test('a token that could not be renewed yet is not the end of the session', () => {
  vi.stubGlobal('navigator', { onLine: true });
  expect(problemWords(new SignInError('unreachable', ''))).toContain('doesn’t answer');
  expect(problemWords(new SignInError('busy', ''))).toBe('Too many requests. Wait a moment.');
});

test('a session that ended is told as such, however it was found out', () => {
  for (const error of [
    new SignInError('ended', ''),
    new Problem('token-invalid', 401, ''),
    new Problem('gateway', 403, ''),
  ]) {
    expect(problemWords(error)).toBe('Your session has ended. Sign in again.');
  }
});

test('every failure code has words, and one of a later version keeps the API’s', () => {
  const codes = [
    'empty',
    'unsupported_format',
    'corrupt',
    'too_many_bytes',
    'too_many_pixels',
    'too_large_edge',
  ];
  for (const code of [
    ...codes,
    'too_many_frames',
    'too_much_memory',
    'timed_out',
    'unreadable_original',
    'processing_failed',
  ]) {
    expect(failureWords({ code, message: 'the API’s' })).not.toBe('the API’s');
  }
  expect(failureWords({ code: 'cursed', message: 'the API’s' })).toBe('the API’s');
});

test('a tile says what happens to its picture, and what can be done', () => {
  const uploadedAt = '2026-01-31T12:00:00Z';
  const now = Date.parse(uploadedAt) + 1000;
  const entry = (image: object, more: Partial<Entry> = {}): Entry => ({
    image: parseImage({ imageId: 'a', status: 'pending', uploadedAt, ...image }),
    upload: undefined,
    preview: undefined,
    isRetrying: false,
    isHidden: false,
    ...more,
  });
  const failed = { status: 'failed', failure: { code: 'corrupt', message: '' } };
  expect(tileWords(entry({}, { upload: { state: 'sending', fraction: 0.426 } }), now)?.text).toBe(
    'Uploading 43 %',
  );
  expect(tileWords(entry({}), now)).toMatchObject({ text: 'Making thumbnails…', isTrouble: false });
  expect(tileWords(entry({}), now + 30 * 60_000)).toMatchObject({ isTrouble: true, retry: undefined });
  expect(tileWords(entry(failed), now)).toMatchObject({ text: 'The file is damaged.', retry: 'processing' });
  expect(tileWords(entry(failed, { isRetrying: true }), now)?.text).toBe('Trying again…');
  expect(tileWords(entry({ status: 'ready' }), now)).toBeUndefined();
});
