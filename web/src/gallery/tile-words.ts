import { failureWords } from '../api/words';
import type { Entry } from './collection';

/** Presigned URLs expire after a quarter of an hour, so an upload cannot arrive after this time. */
const ARRIVES_WITHIN_MS = 20 * 60_000;

/** The text of a tile without a thumbnail, and its enabled buttons. */
export interface TileWords {
  text: string;
  /** The tile requires an action of the user. */
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
