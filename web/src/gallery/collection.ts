import type { Image, Page } from '../api/image';
import type { Links } from './links';
import { byAge, goneFrom, newer } from './merge';

/** The state of an upload from this page. */
export type Upload = { state: 'sending'; fraction: number } | { state: 'stopped'; reason: string };

/** An image of the gallery: the API's data, and the state that only this page knows. */
export interface Entry {
  image: Image;
  upload: Upload | undefined;
  /** The URL of the local file, until there is a thumbnail. */
  preview: string | undefined;
  /** A retry is in progress. */
  isRetrying: boolean;
  /** Deleted by the user; the deletion can still be undone. */
  isHidden: boolean;
}

/** The images that the page knows, newest first. */
export class Collection {
  readonly #entries = new Map<string, Entry>();
  readonly #changed: (id: string, entry: Entry | undefined) => void;
  readonly #links: Pick<Links, 'settle'>;

  /** `changed` is called with the new entry, or with `undefined` if it is not shown any more. */
  constructor(links: Pick<Links, 'settle'>, changed: (id: string, entry: Entry | undefined) => void) {
    this.#links = links;
    this.#changed = changed;
  }

  get(id: string): Entry | undefined {
    return this.#entries.get(id);
  }

  /** The ids of the shown images. */
  ids(): string[] {
    const shown = [...this.#entries].filter(([, entry]) => !entry.isHidden);
    return shown.map(([id]) => id).sort(byAge);
  }

  /** The number of local previews. */
  get previews(): number {
    return [...this.#entries.values()].filter(entry => entry.preview).length;
  }

  /** Adds the image of a presigned upload; an image that is known already does not change. */
  presign(image: Image, preview: () => string | undefined): void {
    if (this.#entries.has(image.imageId)) return;
    const upload: Upload = { state: 'sending', fraction: 0 };
    this.#entries.set(image.imageId, { ...blank(image), upload, preview: preview() });
    this.#tell(image.imageId);
  }

  put(incoming: Image): void {
    const image = this.#links.settle(incoming);
    const known = this.#entries.get(image.imageId);
    const entry = known ?? blank(image);
    const next = newer(known?.image, image);
    if (next.processedAt !== known?.image.processedAt) entry.isRetrying = false;
    entry.image = next;
    this.#entries.set(image.imageId, entry);
    this.#tell(image.imageId);
  }

  /** Merges the first page of the listing, which also shows which images were deleted. */
  putFirst(page: Page): void {
    // An upload in progress may be missing from an older response.
    const settled = [...this.#entries].filter(([, entry]) => !entry.upload).map(([id]) => id);
    for (const id of goneFrom(page, settled)) this.remove(id);
    for (const image of page.items) this.put(image);
  }

  change(id: string, change: Partial<Omit<Entry, 'image'>>): void {
    const entry = this.#entries.get(id);
    if (!entry) return;
    if ('preview' in change && entry.preview && entry.preview !== change.preview)
      URL.revokeObjectURL(entry.preview);
    Object.assign(entry, change);
    this.#tell(id);
  }

  remove(id: string): void {
    const entry = this.#entries.get(id);
    if (!entry) return;
    if (entry.preview) URL.revokeObjectURL(entry.preview);
    this.#entries.delete(id);
    this.#changed(id, undefined);
  }

  #tell(id: string): void {
    const entry = this.#entries.get(id);
    this.#changed(id, entry?.isHidden ? undefined : entry);
  }
}

function blank(image: Image): Entry {
  return { image, upload: undefined, preview: undefined, isRetrying: false, isHidden: false };
}
