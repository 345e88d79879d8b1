import type { Image, Order, Page } from '../api/image';
import type { Links } from './links';
import { goneFrom, latestFirst, newer } from './merge';
import { position } from './position';

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

/** The images that the page knows, in one of the orders. */
export class Collection {
  readonly #entries = new Map<string, Entry>();
  #order: Order = 'newest';
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

  get order(): Order {
    return this.#order;
  }

  /**
   * Changes the order. Images that a listing in the new order will bring are forgotten; uploads and
   * pending images stay, which it may not bring.
   */
  reorder(order: Order): void {
    this.#order = order;
    const isListed = ({ upload, image }: Entry) => !upload && image.status !== 'pending';
    const listed = [...this.#entries].filter(([, entry]) => isListed(entry) && !entry.isHidden);
    for (const [id] of listed) this.remove(id);
  }

  /** The ids of the shown images. */
  ids(): string[] {
    const shown = [...this.#entries.values()].filter(entry => !entry.isHidden);
    const places = new Map(shown.map(({ image }) => [image.imageId, position(image, this.#order)]));
    const place = (id: string) => places.get(id) ?? '';
    return [...places.keys()].sort((one, other) => latestFirst(place(one), place(other)));
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

  /**
   * Merges the first page of the listing. In the order by upload it also shows which images were
   * deleted; the other order follows the records with a delay, and may lack one that is new.
   */
  putFirst(page: Page): void {
    // An upload in progress may be missing from an older response.
    const settled = [...this.#entries].filter(([, entry]) => !entry.upload).map(([id]) => id);
    const gone = this.#order === 'newest' ? goneFrom(page, settled) : [];
    for (const id of gone) this.remove(id);
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
