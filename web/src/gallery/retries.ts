import type { Api } from '../api/api';
import type { Image } from '../api/image';

/** When to look, after a retry: soon, then less and less often. */
const LOOKS_MS = [300, 500, 1_000, 1_000, 2_000, 2_000, 4_000, 8_000, 15_000, 30_000];

/**
 * Has an image that failed processed again and waits for what comes of it; `undefined` where that takes too long.
 *
 * It stays `failed` until then, so `wait` is of no use; but its tag changes.
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
