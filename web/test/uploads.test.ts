import { expect, test, vi } from 'vitest';
import { parsePresignedUpload } from '../src/api/image';
import { bytes } from '../src/format';
import { Presigned } from '../src/upload/presigned';
import { contentType, rejection, rejectionWords } from '../src/upload/rejections';

const jpeg = { name: 'a.jpg', type: 'image/jpeg', size: 1000 };

test('a file is left out for its type, for having no bytes, and for having too many', () => {
  expect(rejection(jpeg, 1000)).toBeUndefined();
  expect(rejection({ ...jpeg, type: 'text/plain' }, 1000)).toBe('not a JPEG, PNG, WebP, GIF, HEIC or AVIF');
  expect(rejection({ ...jpeg, size: 0 }, 1000)).toBe('empty');
  expect(rejection({ ...jpeg, size: 30_000_000 }, 26_214_400)).toBe('30 MB, the limit is 26 MB');
});

test('HEIC has one type, whatever the browser calls it', () => {
  for (const type of ['image/heic', 'image/heif']) {
    expect(rejection({ ...jpeg, type }, 1000)).toBeUndefined();
    expect(contentType(type)).toBe('image/heic');
  }
  expect(contentType('image/avif')).toBe('image/avif');
});

test('hundreds of files that are left out are one message', () => {
  const rejected = Array.from({ length: 200 }, (_, index) => ({ name: `${index}.txt`, reason: 'empty' }));
  expect(rejectionWords(rejected)).toBe(
    'Left out 200 files. 0.txt: empty; 1.txt: empty; 2.txt: empty; and 197 more.',
  );
  expect(rejectionWords(rejected.slice(0, 1))).toBe('Left out 0.txt: empty.');
});

test('a size is told as file managers do', () => {
  expect([0, 999, 1_000, 829_183, 999_600, 3_066_986, 26_214_400].map(bytes)).toEqual([
    '0 bytes',
    '999 bytes',
    '1 kB',
    '829 kB',
    '1.0 MB',
    '3.1 MB',
    '26 MB',
  ]);
});

test('an upload is presigned once, until its URL ends or is refused', async () => {
  let count = 0;
  const presigned = new Presigned(async () => {
    count += 1;
    const image = { imageId: `image-${count}`, status: 'pending' };
    const expiresAt = new Date(Date.now() + 900_000).toISOString();
    return parsePresignedUpload({ url: 'https://s3', headers: { 'if-none-match': '*' }, expiresAt, image });
  });
  await presigned.urlOf('file');
  expect((await presigned.urlOf('file')).upload.image.imageId).toBe('image-1');
  presigned.refused('file');
  expect(await presigned.urlOf('file')).toMatchObject({
    replaced: 'image-1',
    upload: { image: { imageId: 'image-2' } },
  });
  expect(presigned.fileOf('image-2')).toBe('file');
  vi.useFakeTimers({ now: Date.now() + 890_000 });
  expect((await presigned.urlOf('file')).replaced).toBe('image-2');
  vi.useRealTimers();
  expect(count).toBe(3);
});
