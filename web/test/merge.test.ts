import { describe, expect, test } from 'vitest';
import { parseImage } from '../src/api/image';
import { goneFrom, newer } from '../src/gallery/merge';

function image(imageId: string, more: object = {}) {
  return parseImage({ imageId, status: 'pending', ...more });
}

describe('of two answers about an image', () => {
  const pending = image('a');
  const failed = image('a', { status: 'failed', processedAt: '2026-01-31T12:00:01.000Z' });
  const ready = image('a', { status: 'ready', processedAt: '2026-01-31T12:00:02.000Z' });

  test('the one that was processed later is kept, in whatever order they arrive', () => {
    expect(newer(failed, ready)).toBe(ready);
    expect(newer(ready, failed)).toBe(ready);
  });

  test('a pending one that comes late does not undo a result', () => {
    expect(newer(ready, pending)).toBe(ready);
    expect(newer(pending, ready)).toBe(ready);
  });

  test('the newer links of the same result are taken', () => {
    const again = { ...ready };
    expect(newer(ready, again)).toBe(again);
  });
});

describe('a first page', () => {
  test('proves that what it skips is gone', () => {
    const page = { items: [image('d'), image('b')], nextCursor: 'more' };
    expect(goneFrom(page, ['d', 'c', 'b'])).toEqual(['c']);
  });

  test('says nothing of what is newer than it or older than it', () => {
    const page = { items: [image('d'), image('b')], nextCursor: 'more' };
    expect(goneFrom(page, ['e', 'a'])).toEqual([]);
  });

  test('that is also the last says that everything older is gone', () => {
    const page = { items: [image('d'), image('b')], nextCursor: undefined };
    expect(goneFrom(page, ['e', 'a'])).toEqual(['a']);
  });
});
