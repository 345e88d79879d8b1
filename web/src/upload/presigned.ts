import type { PresignedUpload } from '../api/image';

/** A URL is not used this close to its expiry. */
const MARGIN_MS = 30_000;

/**
 * The presigned uploads, by file.
 *
 * A repeated upload of a file uses the URL of its first presign request, and that URL stores one
 * object once. So a pause or a retry never makes two images of one file.
 */
export class Presigned {
  readonly #presign: (file: string) => Promise<PresignedUpload>;
  readonly #uploads = new Map<string, PresignedUpload>();

  constructor(presign: (file: string) => Promise<PresignedUpload>) {
    this.#presign = presign;
  }

  imageOf(file: string): string | undefined {
    return this.#uploads.get(file)?.image.imageId;
  }

  fileOf(imageId: string): string | undefined {
    return [...this.#uploads].find(([, upload]) => upload.image.imageId === imageId)?.[0];
  }

  /**
   * The URL of a file, and the image of an expired URL of the same file, which will never arrive.
   */
  async urlOf(file: string): Promise<{ upload: PresignedUpload; replaced: string | undefined }> {
    const known = this.#uploads.get(file);
    if (known && Date.parse(known.expiresAt) - Date.now() > MARGIN_MS)
      return { upload: known, replaced: undefined };
    const upload = await this.#presign(file);
    this.#uploads.set(file, upload);
    return { upload, replaced: known?.image.imageId };
  }

  /** Marks the URL as expired after S3 refused it. The next presign request replaces it. */
  refused(file: string): void {
    const known = this.#uploads.get(file);
    if (known) this.#uploads.set(file, { ...known, expiresAt: new Date(0).toISOString() });
  }

  forget(file: string): void {
    this.#uploads.delete(file);
  }
}
