import { afterEach, beforeEach, expect, test, vi } from 'vitest';
import { Deletions, UNDO_MS } from '../src/gallery/deletions';

let sent: [string, boolean][];
let deletions: Deletions;

beforeEach(() => {
  vi.useFakeTimers();
  sent = [];
  deletions = new Deletions((id, isLeaving) => sent.push([id, isLeaving]));
});
afterEach(() => vi.useRealTimers());

test('a deletion is sent when it can no longer be undone, once', () => {
  deletions.ask('a');
  deletions.ask('a');
  vi.advanceTimersByTime(UNDO_MS - 1);
  expect(sent).toEqual([]);
  vi.advanceTimersByTime(1);
  expect(sent).toEqual([['a', false]]);
  expect(deletions.undo('a')).toBe(false);
});

test('an undone deletion is never sent', () => {
  deletions.ask('a');
  expect(deletions.undo('a')).toBe(true);
  vi.advanceTimersByTime(2 * UNDO_MS);
  deletions.flush();
  expect(sent).toEqual([]);
});

test('deletions that wait are sent when the page goes away, and not again', () => {
  deletions.ask('a');
  deletions.ask('b');
  deletions.flush();
  vi.advanceTimersByTime(2 * UNDO_MS);
  expect(sent).toEqual([
    ['a', true],
    ['b', true],
  ]);
});
