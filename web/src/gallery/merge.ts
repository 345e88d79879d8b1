import type { Image, Page } from '../api/image';

/** The later of two responses about one image: responses can arrive out of order. */
export function newer(known: Image | undefined, incoming: Image): Image {
  if (known?.processedAt === undefined) return incoming;
  if (incoming.processedAt === undefined || incoming.processedAt < known.processedAt) return known;
  return incoming;
}

/**
 * The ids of deleted images, from a first page: known ids in its range that it does not list.
 *
 * Ids sort by age. An id newer than the page's newest may be of a later presign request.
 */
export function goneFrom(page: Page, known: Iterable<string>): string[] {
  const newest = page.items[0]?.imageId;
  const oldest = page.nextCursor === undefined ? '' : page.items.at(-1)?.imageId;
  if (newest === undefined || oldest === undefined) return [];
  const listed = new Set(page.items.map(image => image.imageId));
  return [...known].filter(id => id <= newest && id >= oldest && !listed.has(id));
}

/** Compares positions, latest first. */
export function latestFirst(one: string, other: string): number {
  return one < other ? 1 : one > other ? -1 : 0;
}
