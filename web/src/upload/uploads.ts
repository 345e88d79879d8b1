import AwsS3 from '@uppy/aws-s3';
import Uppy, { type Body, type Meta, type UppyFile } from '@uppy/core';
import Dashboard from '@uppy/dashboard';
import '@uppy/core/css/style.min.css';
import '@uppy/dashboard/css/style.min.css';
import '../style/uppy.css';
import type { PresignedUpload } from '../api/image';
import { problemWords } from '../api/words';
import { bytes } from '../format';
import type { Upload } from '../gallery/collection';
import { Presigned } from './presigned';
import { contentType, rejection, rejectionWords, TYPES } from './rejections';

/** Callbacks of the gallery for the events of uploads. */
export interface UploadEvents {
  presign(file: { fileName: string; contentType: string; size: number }): Promise<PresignedUpload>;
  presigned(upload: PresignedUpload, file: Blob): void;
  progress(imageId: string, upload: Upload): void;
  arrived(imageId: string): void;
  /** The upload was cancelled; the image will not arrive. */
  cancelled(imageId: string): void;
  leftOut(words: string): void;
}

type File = UppyFile<Meta, Body>;

/** The page's uploads: Uppy, its Dashboard and its S3 plugin against `POST /upload/presign`. */
export class Uploads {
  readonly #uppy: Uppy<Meta, Body>;
  readonly #events: UploadEvents;
  readonly #presigned: Presigned;
  readonly #maxImageBytes: number;

  constructor(target: HTMLElement, maxImageBytes: number, events: UploadEvents) {
    this.#events = events;
    this.#maxImageBytes = maxImageBytes;
    this.#presigned = new Presigned(id => this.#presign(id));
    this.#uppy = new Uppy<Meta, Body>({ autoProceed: true, restrictions: { allowedFileTypes: TYPES } })
      .use(Dashboard, {
        inline: true,
        target,
        width: '100%',
        height: '100%',
        theme: 'auto',
        note: `JPEG, PNG, WebP, GIF, HEIC or AVIF, up to ${bytes(maxImageBytes)}`,
        proudlyDisplayPoweredByUppy: false,
        // The gallery shows rejections in toasts, which stay until they are closed.
        disableInformer: true,
        hideUploadButton: true,
        // The gallery shows the images; the Dashboard shows progress, pause and cancel.
        showSelectedFiles: false,
        disableThumbnailGenerator: true,
        locale: {
          strings: {
            dropPasteFiles: 'Drop pictures, paste or %{browseFiles}',
            browseFiles: 'browse',
            dropHint: 'Drop pictures',
            dashboardTitle: 'Uploads',
          },
        },
      })
      .use(AwsS3, {
        shouldUseMultipart: false,
        // The API chooses the object key; this key only identifies the file to `signRequest`.
        generateObjectKey: file => file.id,
        signRequest: request => this.#sign(request.key),
      });
    this.#listen();
    addEventListener('online', () => void this.#uppy.retryAll());
  }

  /** Whether leaving the page would interrupt an upload. */
  get isBusy(): boolean {
    return this.#uppy.getFiles().some(file => file.progress.uploadStarted && !file.progress.uploadComplete);
  }

  /** Adds files that were dropped outside the drop zone. */
  add(files: Iterable<globalThis.File>): void {
    const fresh = [...files].map(file => ({ name: file.name, type: file.type, data: file, source: 'page' }));
    this.#uppy.addFiles(fresh);
  }

  retry(imageId: string): void {
    const file = this.#presigned.fileOf(imageId);
    if (file) void this.#uppy.retryUpload(file);
  }

  /** Cancels the upload of an image; `false` if there is none. */
  cancel(imageId: string): boolean {
    const file = this.#presigned.fileOf(imageId);
    if (!file || !this.#uppy.getFile(file)) return false;
    this.#uppy.removeFile(file);
    return true;
  }

  retryAll(): void {
    void this.#uppy.retryAll();
  }

  cancelAll(): void {
    this.#uppy.cancelAll();
  }

  #listen(): void {
    const uppy = this.#uppy;
    const leftOut: { name: string; reason: string }[] = [];
    uppy.setOptions({
      onBeforeFileAdded: (file, files) => {
        const reason = Object.hasOwn(files, file.id)
          ? 'already in the list'
          : rejection({ name: file.name, type: file.type, size: file.size ?? 0 }, this.#maxImageBytes);
        if (reason === undefined) return true;
        if (leftOut.length === 0) {
          queueMicrotask(() => this.#events.leftOut(rejectionWords(leftOut.splice(0))));
        }
        leftOut.push({ name: file.name, reason });
        return false;
      },
    });
    uppy.on('upload-progress', (file, progress) => {
      const fraction = progress.bytesTotal ? progress.bytesUploaded / progress.bytesTotal : 0;
      this.#progress(file, { state: 'sending', fraction });
    });
    uppy.on('upload-retry', file => this.#progress(file, { state: 'sending', fraction: 0 }));
    uppy.on('upload-success', file => this.#arrived(file));
    uppy.on('upload-error', (file, error) => this.#stopped(file, error));
    // The gallery shows finished uploads; Uppy's list holds the unfinished ones.
    uppy.on('complete', ({ successful = [] }) => uppy.removeFiles(successful.map(file => file.id)));
    uppy.on('file-removed', file => this.#removed(file));
  }

  async #sign(id: string): Promise<{ url: string; headers: Record<string, string> }> {
    const { upload, replaced } = await this.#presigned.urlOf(id);
    if (replaced) this.#events.cancelled(replaced);
    const file: File | undefined = this.#uppy.getFile(id);
    // The file was removed during the presign request: its image will not arrive.
    if (!file) {
      this.#presigned.forget(id);
      this.#events.cancelled(upload.image.imageId);
      throw new DOMException('cancelled', 'AbortError');
    }
    this.#events.presigned(upload, file.data as Blob);
    return { url: upload.url, headers: upload.headers };
  }

  async #presign(id: string): Promise<PresignedUpload> {
    const file = this.#uppy.getFile(id);
    try {
      return await this.#events.presign({
        fileName: file.name,
        contentType: contentType(file.type),
        size: file.size ?? 0,
      });
    } catch (error) {
      // Uppy shows this message beside the file.
      throw new Error(problemWords(error), { cause: error });
    }
  }

  #progress(file: { id: string } | undefined, upload: Upload): void {
    const imageId = file && this.#presigned.imageOf(file.id);
    if (imageId) this.#events.progress(imageId, upload);
  }

  #arrived(file: { id: string } | undefined): void {
    const imageId = file && this.#presigned.imageOf(file.id);
    if (!file || !imageId) return;
    this.#presigned.forget(file.id);
    this.#events.arrived(imageId);
  }

  #stopped(file: { id: string; name: string } | undefined, error: unknown): void {
    const status = statusOf(error);
    // The URL has stored its one object already: the earlier PUT succeeded, and its response was
    // lost.
    if (file && status === 412) {
      this.#arrived(file);
      this.#uppy.removeFile(file.id);
      return;
    }
    if (file && status === 403) this.#presigned.refused(file.id);
    if (file && this.#presigned.imageOf(file.id)) {
      const reason =
        status !== undefined && status >= 500 ? 'The server has trouble.' : 'The connection broke.';
      this.#progress(file, { state: 'stopped', reason });
      return;
    }
    // The presign request failed, so there is no tile for the message.
    const words = error instanceof Error ? error.message : problemWords(error);
    this.#events.leftOut(`${file?.name ?? 'A file'}: ${words}`);
  }

  #removed(file: { id: string }): void {
    const imageId = this.#presigned.imageOf(file.id);
    this.#presigned.forget(file.id);
    if (imageId) this.#events.cancelled(imageId);
  }
}

/** The status of an S3 response, from the error that Uppy's S3 client throws. */
function statusOf(error: unknown): number | undefined {
  if (typeof error !== 'object' || error === null) return undefined;
  const { status } = error as { status?: unknown };
  return typeof status === 'number' ? status : undefined;
}
