import { expect, test } from 'vitest';
import { parseImage } from '../src/api/image';
import { camera, localDateAndTime } from '../src/format';
import { position } from '../src/gallery/position';

const ID = '018bcfe5-68a8-7000-8000-000000000000';

function image(more: object) {
  return parseImage({ imageId: ID, status: 'ready', ...more });
}

function taken(takenAt: string) {
  return position(image({ takenAt }), 'taken');
}

test('the order by upload is that of the ids', () => {
  expect(position(image({ takenAt: '2020-01-01T00:00:00' }), 'newest')).toBe(ID);
});

test('the order by capture time is that of the times in UTC, or as if in UTC', () => {
  const places = [
    taken('1000-01-01T00:00:00'),
    taken('1969-12-31T23:59:59.999'),
    taken('2020-01-01T00:29:59+00:30'),
    taken('2020-01-01T00:00:00'),
    taken('2019-12-31T23:00:00.001-01:00'),
    // Without a capture time, the time in the id counts: November 2023.
    position(image({}), 'taken'),
    taken('9999-12-31T23:59:59'),
    position(image({ status: 'pending' }), 'taken'),
  ];
  expect([...places].sort()).toEqual(places);
  expect(new Set(places).size).toBe(places.length);
});

test('a capture time is shown by the clock of the camera', () => {
  const shown = localDateAndTime('2020-01-01T12:34:56.789+09:00');
  expect(shown).toContain('12:34');
  expect(localDateAndTime('2020-01-01T12:34:56')).toBe(shown);
});

test('a camera is named once', () => {
  expect(camera('Canon', 'Canon EOS 80D')).toBe('Canon EOS 80D');
  expect(camera('Apple', 'iPhone XS')).toBe('Apple iPhone XS');
  expect(camera(undefined, 'X100V')).toBe('X100V');
  expect(camera('Leica', undefined)).toBe('Leica');
  expect(camera(undefined, undefined)).toBeUndefined();
});
