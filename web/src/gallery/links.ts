import type { Image } from '../api/image';
import { Members } from '../parse';

const KEY = 'hikidashi.links';
/** A link is not used in the last minute before its expiry. */
const MARGIN_MS = 60_000;
/** Links of the newest images are stored, up to this number; those of one image are some 4 kB. */
const MOST = 100;

interface Known {
  processedAt: string;
  urls: string[];
}

/**
 * Cache of the first links of each image, until they expire.
 *
 * Every process of the API signs with its own credentials, so two responses have two URLs for one
 * thumbnail, and the browser's cache is keyed by URL. `sessionStorage` keeps the links over a
 * reload, until the tab is closed.
 */
export class Links {
  readonly #storage: Pick<Storage, 'getItem' | 'setItem' | 'removeItem'>;
  readonly #now: () => number;
  readonly #known: Map<string, Known>;

  constructor(
    storage: Pick<Storage, 'getItem' | 'setItem' | 'removeItem'>,
    now: () => number = () => Date.now(),
  ) {
    this.#storage = storage;
    this.#now = now;
    this.#known = read(storage);
  }

  /** The image, with its earlier links where they are still valid. */
  settle(image: Image): Image {
    const { imageId, processedAt, thumbnails } = image;
    if (!processedAt || thumbnails.length === 0) return image;
    const known = this.#known.get(imageId);
    const isSame = known?.processedAt === processedAt && known.urls.length === thumbnails.length;
    if (isSame && known.urls.every(url => endOf(url) - this.#now() > MARGIN_MS)) {
      return {
        ...image,
        thumbnails: thumbnails.map((one, index) => ({ ...one, url: known.urls[index] ?? one.url })),
      };
    }
    this.#known.set(imageId, { processedAt, urls: thumbnails.map(one => one.url) });
    return image;
  }

  /**
   * Forgets the links of an image: they expired with their credentials, before their own expiry.
   */
  forget(imageId: string): void {
    this.#known.delete(imageId);
  }

  /** Forgets all links, because another user may sign in. */
  clear(): void {
    this.#known.clear();
  }

  /** Stores the links when the page is unloaded. */
  keep(): void {
    this.#storage.removeItem(KEY);
    if (this.#known.size === 0) return;
    const newest = [...this.#known].sort(([one], [other]) => (one < other ? 1 : -1)).slice(0, MOST);
    try {
      this.#storage.setItem(KEY, JSON.stringify(Object.fromEntries(newest)));
    } catch {
      // With a full storage, some thumbnails are loaded twice.
    }
  }
}

/** The expiry of a presigned URL, from its parameters; the epoch for any other URL. */
function endOf(url: string): number {
  const query = new URL(url).searchParams;
  const date = /^(\d{4})(\d\d)(\d\d)T(\d\d)(\d\d)(\d\d)Z$/.exec(query.get('X-Amz-Date') ?? '');
  if (!date) return 0;
  const [year, month, day, hour, minute, second] = date.slice(1).map(Number) as [
    number,
    number,
    number,
    number,
    number,
    number,
  ];
  return Date.UTC(year, month - 1, day, hour, minute, second) + 1000 * Number(query.get('X-Amz-Expires'));
}

/** The stored links; none if they do not parse. */
function read(storage: Pick<Storage, 'getItem'>): Map<string, Known> {
  try {
    const kept: unknown = JSON.parse(storage.getItem(KEY) ?? '{}');
    return new Map(Object.entries(kept as object).map(([id, value]) => [id, known(value)]));
  } catch {
    return new Map();
  }
}

function known(value: unknown): Known {
  const members = new Members(value, KEY);
  return { processedAt: members.text('processedAt'), urls: members.list('urls', String) };
}
