import type { Image } from '../api/image';
import { Members } from '../parse';

const KEY = 'hikidashi.links';
/** A link is not used in its last minute. */
const MARGIN_MS = 60_000;
/** Of so many pictures, the newest; a picture's links are some 4 kB. */
const MOST = 100;

interface Known {
  processedAt: string;
  urls: string[];
}

/**
 * The links that pictures were given first, for as long as they work.
 *
 * Every process of the API signs with credentials of its own, so that two answers have two addresses for one
 * thumbnail, and a browser's cache goes by the address. They are kept for a reload, and end with the tab.
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

  /** The image, with the links that it had before where those are good. */
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

  /** Its links do not work any more, whatever they say: they ended with their credentials. */
  forget(imageId: string): void {
    this.#known.delete(imageId);
  }

  /** Forgets all, because somebody else may come. */
  clear(): void {
    this.#known.clear();
  }

  /** Writes them down, because the page goes away. */
  keep(): void {
    this.#storage.removeItem(KEY);
    if (this.#known.size === 0) return;
    const newest = [...this.#known].sort(([one], [other]) => (one < other ? 1 : -1)).slice(0, MOST);
    try {
      this.#storage.setItem(KEY, JSON.stringify(Object.fromEntries(newest)));
    } catch {
      // A full storage costs a few pictures that are loaded twice.
    }
  }
}

/** When a presigned URL ends, by its own account; the beginning of time for any other. */
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

/** What can't be read was never there. */
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
