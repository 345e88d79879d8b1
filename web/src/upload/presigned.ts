import type { PresignedUpload } from '../api/image';

/** A URL is not used in its last moments. */
const MARGIN_MS = 30_000;

/**
 * The announced uploads, by file.
 *
 * A file that is sent again goes to the URL that it was given first, which takes one object once: so whatever is
 * repeated, pauses and retries included, no file becomes two pictures.
 */
export class Presigned {
  readonly #announce: (file: string) => Promise<PresignedUpload>;
  readonly #uploads = new Map<string, PresignedUpload>();

  constructor(announce: (file: string) => Promise<PresignedUpload>) {
    this.#announce = announce;
  }

  imageOf(file: string): string | undefined {
    return this.#uploads.get(file)?.image.imageId;
  }

  fileOf(imageId: string): string | undefined {
    return [...this.#uploads].find(([, upload]) => upload.image.imageId === imageId)?.[0];
  }

  /** The URL of a file, with the image that a URL before it was for and that will never come. */
  async urlOf(file: string): Promise<{ upload: PresignedUpload; replaced: string | undefined }> {
    const known = this.#uploads.get(file);
    if (known && Date.parse(known.expiresAt) - Date.now() > MARGIN_MS)
      return { upload: known, replaced: undefined };
    const upload = await this.#announce(file);
    this.#uploads.set(file, upload);
    return { upload, replaced: known?.image.imageId };
  }

  /** The URL is of no use any more: S3 refuses it. The next one replaces it. */
  refused(file: string): void {
    const known = this.#uploads.get(file);
    if (known) this.#uploads.set(file, { ...known, expiresAt: new Date(0).toISOString() });
  }

  forget(file: string): void {
    this.#uploads.delete(file);
  }
}
