import { failureWords } from '../api/words';
import type { Entry } from './collection';

/** Presigned URLs live a quarter of an hour: what has not come by then, does not come. */
const ARRIVES_WITHIN_MS = 20 * 60_000;

/** What a tile says instead of a picture, and which of its buttons make sense. */
export interface TileWords {
  text: string;
  /** The tile asks for something to be done. */
  isTrouble: boolean;
  retry: 'processing' | 'upload' | undefined;
}

export function tileWords(entry: Entry, now: number): TileWords | undefined {
  const { image, upload } = entry;
  if (upload?.state === 'stopped') return { text: upload.reason, isTrouble: true, retry: 'upload' };
  if (upload)
    return { text: `Uploading ${Math.round(upload.fraction * 100)} %`, isTrouble: false, retry: undefined };
  if (entry.isRetrying) return { text: 'Trying again…', isTrouble: false, retry: undefined };
  switch (image.status) {
    case 'failed':
      return { text: failureWords(image.failure), isTrouble: true, retry: 'processing' };
    case 'ready':
      return undefined;
    case 'pending':
      return now - Date.parse(image.uploadedAt ?? '') > ARRIVES_WITHIN_MS
        ? { text: 'The upload never finished.', isTrouble: true, retry: undefined }
        : { text: 'Making thumbnails…', isTrouble: false, retry: undefined };
  }
}
