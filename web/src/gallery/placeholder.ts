import { thumbHashToApproximateAspectRatio, thumbHashToDataURL } from 'thumbhash';
import type { Image } from '../api/image';

const drawn = new Map<string, string>();

/** The blurred placeholder of a thumbhash, as a data URL. */
export function placeholder(thumbhash: string): string | undefined {
  const known = drawn.get(thumbhash);
  if (known !== undefined) return known;
  try {
    const url = thumbHashToDataURL(decode(thumbhash));
    drawn.set(thumbhash, url);
    return url;
  } catch {
    return undefined;
  }
}

/** The aspect ratio, width by height, from the best known source. */
export function ratio(image: Pick<Image, 'width' | 'height' | 'thumbhash'>): number | undefined {
  if (image.width && image.height) return image.width / image.height;
  if (!image.thumbhash) return undefined;
  try {
    return thumbHashToApproximateAspectRatio(decode(image.thumbhash));
  } catch {
    return undefined;
  }
}

function decode(base64: string): Uint8Array {
  return Uint8Array.from(atob(base64), byte => byte.charCodeAt(0));
}
