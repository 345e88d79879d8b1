import { beforeEach, expect, test } from 'vitest';
import { parseImage } from '../src/api/image';
import { Links } from '../src/gallery/links';

const SIGNED = Date.UTC(2026, 0, 31, 12, 0, 0);
let now: number;
let kept: Map<string, string>;

function links(): Links {
  const storage = {
    getItem: (key: string) => kept.get(key) ?? null,
    setItem: (key: string, value: string) => void kept.set(key, value),
    removeItem: (key: string) => void kept.delete(key),
  };
  return new Links(storage, () => now);
}

function image(signature: string, processedAt = '2026-01-31T12:00:01Z') {
  const url = `https://s3/large.jpg?X-Amz-Date=20260131T120000Z&X-Amz-Expires=1800&X-Amz-Signature=${signature}`;
  const thumbnails = [{ name: 'large', width: 2, height: 1, url }];
  return parseImage({ imageId: 'a', status: 'ready', processedAt, thumbnails });
}

const urlOf = (given: { thumbnails: { url: string }[] }) => given.thumbnails[0]?.url.split('Signature=')[1];

beforeEach(() => {
  now = SIGNED;
  kept = new Map();
});

test('a picture keeps its first links, over a reload too', () => {
  const first = links();
  expect(urlOf(first.settle(image('one')))).toBe('one');
  expect(urlOf(first.settle(image('two')))).toBe('one');
  first.keep();
  expect(urlOf(links().settle(image('three')))).toBe('one');
});

test('links that are about to end are given up', () => {
  const it = links();
  it.settle(image('one'));
  now = SIGNED + 1_740_000 - 1;
  expect(urlOf(it.settle(image('two')))).toBe('one');
  now += 1;
  expect(urlOf(it.settle(image('three')))).toBe('three');
});

test('links that turned out not to work, or are of an earlier result, are given up', () => {
  const it = links();
  it.settle(image('one'));
  it.forget('a');
  expect(urlOf(it.settle(image('two')))).toBe('two');
  expect(urlOf(it.settle(image('three', '2026-01-31T12:05:00Z')))).toBe('three');
});

test('who signs out leaves no links behind', () => {
  const it = links();
  it.settle(image('one'));
  it.keep();
  it.clear();
  it.keep();
  expect(kept.size).toBe(0);
});

test('what was kept and is damaged was never there', () => {
  for (const damaged of ['{', '{"a":{}}', '[1]']) {
    kept.set('hikidashi.links', damaged);
    expect(urlOf(links().settle(image('one')))).toBe('one');
  }
});
