import { afterEach, beforeEach, expect, test, vi } from 'vitest';
import { type Answer, StatusPoller } from '../src/gallery/status-poller';

let asked: string[];
let answers: Map<string, (answer: Answer) => void>;
let aborted: string[];
let poller: StatusPoller;

beforeEach(() => {
  vi.useFakeTimers();
  asked = [];
  aborted = [];
  answers = new Map();
  poller = new StatusPoller((id, signal) => {
    asked.push(id);
    signal.addEventListener('abort', () => {
      aborted.push(id);
      answers.get(id)?.('trouble');
    });
    return new Promise(resolve => answers.set(id, resolve));
  });
});
afterEach(() => vi.useRealTimers());

async function answer(id: string, what: Answer): Promise<void> {
  answers.get(id)?.(what);
  await vi.advanceTimersByTimeAsync(0);
}

test('of many, three are asked about at a time, and the next when one has settled', async () => {
  for (const id of ['a', 'b', 'c', 'd']) poller.add(id);
  expect(asked).toEqual(['a', 'b', 'c']);
  await answer('b', 'settled');
  expect(asked).toEqual(['a', 'b', 'c', 'd']);
  expect(poller.has('b')).toBe(false);
});

test('one that never settles is asked about less and less often', async () => {
  poller.add('a');
  for (const pause of [1_000, 2_000, 5_000, 20_000, 60_000, 300_000, 300_000]) {
    const before = asked.length;
    await answer('a', { pendingForMs: 0 });
    await vi.advanceTimersByTimeAsync(pause - 1);
    expect(asked).toHaveLength(before);
    await vi.advanceTimersByTimeAsync(1);
    expect(asked).toHaveLength(before + 1);
  }
});

test('the API may ask for a longer pause', async () => {
  poller.add('a');
  await answer('a', { pendingForMs: 3_000 });
  await vi.advanceTimersByTimeAsync(2_999);
  expect(asked).toHaveLength(1);
  await vi.advanceTimersByTimeAsync(1);
  expect(asked).toHaveLength(2);
});

test('no status is read while paused, and all at once afterwards', async () => {
  poller.add('a');
  poller.pause();
  await vi.advanceTimersByTimeAsync(0);
  expect(aborted).toEqual(['a']);
  poller.add('b');
  expect(asked).toEqual(['a']);
  poller.resume();
  expect(asked.slice(1).sort()).toEqual(['a', 'b']);
});

test('an image that is gone is not asked about again', async () => {
  poller.add('a');
  poller.remove('a');
  await vi.advanceTimersByTimeAsync(1_000_000);
  expect(asked).toEqual(['a']);
});
