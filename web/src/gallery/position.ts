import type { Image, Order } from '../api/image';

/** Milliseconds from the year 0 to 1970, so that no position is negative. */
const YEAR_ZERO = 62_167_219_200_000;

/**
 * The place of an image in an order, as a text that sorts. It is the API's: by capture time in UTC
 * where the offset is known, else as if in UTC, and by the time of the upload where there is none.
 *
 * A pending image has no capture time yet; it comes first, as in the other order.
 */
export function position(image: Image, order: Order): string {
  if (order === 'newest') return image.imageId;
  if (image.status === 'pending') return `~${image.imageId}`;
  const millis = image.takenAt === undefined ? uploadMillis(image.imageId) : takenMillis(image.takenAt);
  return `${String(millis + YEAR_ZERO).padStart(16, '0')} ${image.imageId}`;
}

function takenMillis(takenAt: string): number {
  const hasOffset = /[+-]\d\d:\d\d$/.test(takenAt);
  return Date.parse(hasOffset ? takenAt : `${takenAt}Z`) || 0;
}

/** The first 48 bits of a UUIDv7 are milliseconds. */
function uploadMillis(imageId: string): number {
  return Number.parseInt(imageId.replaceAll('-', '').slice(0, 12), 16) || 0;
}
