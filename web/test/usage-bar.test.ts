import { expect, test } from 'vitest';
import { type Me, parseMe } from '../src/api/me';
import { problemOf } from '../src/api/problem';
import { failureWords, problemWords } from '../src/api/words';
import { usageWords } from '../src/gallery/usage-bar';

function me(bytes: number, images: number, maxBytes?: number, maxImages?: number): Me {
  return { usage: { bytes, images }, maxBytes, maxImages };
}

test('usage and limits are words, and a share of the nearer limit', () => {
  expect(usageWords(me(1_000_000, 12, 10_737_418_240, 10_000))).toEqual({
    share: 0.0012,
    words: '1.0 MB of 10.7 GB, 12 of 10,000 pictures',
    warning: '',
  });
  expect(usageWords(me(500, 3, undefined, 4))?.words).toBe('500 bytes, 3 of 4 pictures');
});

test('there is a warning from four fifths on, and another at the end', () => {
  expect(usageWords(me(79, 0, 100))?.warning).toBe('');
  expect(usageWords(me(80, 0, 100))?.warning).toBe('Almost full.');
  expect(usageWords(me(0, 8, 100, 10))?.warning).toBe('Almost full.');
  expect(usageWords(me(100, 0, 100))?.warning).toContain('Full.');
  // Of a quota that was lowered.
  expect(usageWords(me(200, 0, 100))?.share).toBe(1);
});

test('without a limit there is no bar', () => {
  expect(usageWords(me(5, 5))).toBeUndefined();
  const quota = { maxBytes: null, maxImages: null };
  expect(usageWords(parseMe({ usage: null, quota }))).toBeUndefined();
  expect(parseMe({ usage: { bytes: 1, images: 2 }, quota: { ...quota, maxImages: 7 } })).toEqual(
    me(1, 2, undefined, 7),
  );
  expect(() => parseMe({ usage: { bytes: 'many', images: 2 }, quota })).toThrow('bytes');
});

test('what does not fit is told, and is no end of the session', async () => {
  const document = { type: 'urn:hikidashi:problem:quota-exceeded', status: 403, detail: 'no room' };
  const problem = await problemOf(new Response(JSON.stringify(document), { status: 403 }));
  expect(problem.needsSignIn).toBe(false);
  expect(problemWords(problem)).toContain('storage is full');
  expect(failureWords({ code: 'over_quota', message: 'no room' })).toContain('storage is full');
});
