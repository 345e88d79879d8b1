import type { Image, Page } from '../api/image';

/** Of two answers about one image, the one that knows more: answers can overtake one another. */
export function newer(known: Image | undefined, incoming: Image): Image {
  if (known?.processedAt === undefined) return incoming;
  if (incoming.processedAt === undefined || incoming.processedAt < known.processedAt) return known;
  return incoming;
}

/**
 * The ids that a first page proves to be gone: known ones in its range that it does not list.
 *
 * Ids sort by age. What is newer than the page's newest may have been announced after the page was made.
 */
export function goneFrom(page: Page, known: Iterable<string>): string[] {
  const newest = page.items[0]?.imageId;
  const oldest = page.nextCursor === undefined ? '' : page.items.at(-1)?.imageId;
  if (newest === undefined || oldest === undefined) return [];
  const listed = new Set(page.items.map(image => image.imageId));
  return [...known].filter(id => id <= newest && id >= oldest && !listed.has(id));
}

/** Newest first. */
export function byAge(one: string, other: string): number {
  return one < other ? 1 : one > other ? -1 : 0;
}
