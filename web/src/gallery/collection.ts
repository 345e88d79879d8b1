import type { Image, Page } from '../api/image';
import type { Links } from './links';
import { byAge, goneFrom, newer } from './merge';

/** How an upload from this page goes. */
export type Upload = { state: 'sending'; fraction: number } | { state: 'stopped'; reason: string };

/** A picture of the gallery: what the API says of it, and what only this page knows. */
export interface Entry {
  image: Image;
  upload: Upload | undefined;
  /** The picture itself, from this machine, until there is a thumbnail. */
  preview: string | undefined;
  /** A retry that has not come back yet. */
  isRetrying: boolean;
  /** Deleted, and perhaps to be undone. */
  isHidden: boolean;
}

/** The pictures that are known here, newest first. */
export class Collection {
  readonly #entries = new Map<string, Entry>();
  readonly #changed: (id: string, entry: Entry | undefined) => void;
  readonly #links: Pick<Links, 'settle'>;

  /** `changed` is told the entry that is now, or `undefined` where there is none to be shown. */
  constructor(links: Pick<Links, 'settle'>, changed: (id: string, entry: Entry | undefined) => void) {
    this.#links = links;
    this.#changed = changed;
  }

  get(id: string): Entry | undefined {
    return this.#entries.get(id);
  }

  /** The ids that are shown. */
  ids(): string[] {
    const shown = [...this.#entries].filter(([, entry]) => !entry.isHidden);
    return shown.map(([id]) => id).sort(byAge);
  }

  /** How many are shown from this machine. */
  get previews(): number {
    return [...this.#entries.values()].filter(entry => entry.preview).length;
  }

  /** A picture that this page is about to send; nothing changes where it is known already. */
  announce(image: Image, preview: () => string | undefined): void {
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

  /** A page from the start of the listing also tells what is gone. */
  putFirst(page: Page): void {
    // What is still being sent has been announced, and may be missing from an older answer.
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
