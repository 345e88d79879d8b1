import { bytes } from '../format';

/** The media types that the worker can process. */
export const TYPES = [
  'image/jpeg',
  'image/png',
  'image/webp',
  'image/gif',
  'image/heic',
  'image/heif',
  'image/avif',
];

/** The type that the API takes: browsers have two for HEIC. */
export function contentType(type: string): string {
  return type === 'image/heif' ? 'image/heic' : type;
}

export interface Candidate {
  name: string;
  type: string;
  size: number;
}

/** The reason for rejecting a file before the upload; `undefined` if it is acceptable. */
export function rejection(file: Candidate, maxBytes: number): string | undefined {
  if (!TYPES.includes(file.type)) return 'not a JPEG, PNG, WebP, GIF, HEIC or AVIF';
  if (file.size === 0) return 'empty';
  if (file.size > maxBytes) return `${bytes(file.size)}, the limit is ${bytes(maxBytes)}`;
  return undefined;
}

const NAMED = 3;

/** One message for all rejected files; there may be hundreds. */
export function rejectionWords(rejected: { name: string; reason: string }[]): string {
  const named = rejected.slice(0, NAMED).map(({ name, reason }) => `${name}: ${reason}`);
  const more = rejected.length - named.length;
  const list = named.join('; ') + (more > 0 ? `; and ${more} more` : '');
  return rejected.length === 1 ? `Left out ${list}.` : `Left out ${rejected.length} files. ${list}.`;
}
