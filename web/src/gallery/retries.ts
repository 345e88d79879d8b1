import type { Api } from '../api/api';
import type { Image } from '../api/image';

/** The delays between requests after a retry, increasing. */
const LOOKS_MS = [300, 500, 1_000, 1_000, 2_000, 2_000, 4_000, 8_000, 15_000, 30_000];

/**
 * Retries a failed image and waits for the result; `undefined` if that takes too long.
 *
 * The image stays `failed` until it is processed again, so `wait` does not apply; but its `ETag`
 * changes.
 */
export async function processAgain(
  api: Pick<Api, 'retry' | 'read'>,
  image: Image,
): Promise<Image | undefined> {
  const before = await api.retry(image.imageId);
  let etag: string | undefined;
  for (const pause of LOOKS_MS) {
    await new Promise(resolve => setTimeout(resolve, pause));
    const answer = await api.read(image.imageId, { etag });
    if (!answer) continue;
    if (answer.value.processedAt !== before.processedAt) return answer.value;
    etag = answer.etag;
  }
  return undefined;
}
