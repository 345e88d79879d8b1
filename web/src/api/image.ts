import { Members } from '../parse';

export type Status = 'pending' | 'ready' | 'failed';

/** The orders of a listing: by upload or by capture time, each with the latest first. */
export type Order = 'newest' | 'taken';

/** An image of the API; see infra/openapi.yaml. Members that are not known yet are absent. */
export interface Image {
  imageId: string;
  status: Status;
  fileName: string | undefined;
  caption: string | undefined;
  size: number | undefined;
  width: number | undefined;
  height: number | undefined;
  format: string | undefined;
  thumbhash: string | undefined;
  dominantColour: string | undefined;
  /** ISO 8601, by the camera's clock; without an offset where the camera wrote none. */
  takenAt: string | undefined;
  cameraMake: string | undefined;
  cameraModel: string | undefined;
  uploadedAt: string | undefined;
  processedAt: string | undefined;
  failure: { code: string; message: string } | undefined;
  originalUrl: string | undefined;
  thumbnails: Thumbnail[];
}

export interface Thumbnail {
  name: string;
  width: number;
  height: number;
  url: string;
}

export interface Page {
  items: Image[];
  nextCursor: string | undefined;
}

/** A presigned PUT and the image that it will create. */
export interface PresignedUpload {
  url: string;
  headers: Record<string, string>;
  expiresAt: string;
  image: Image;
}

export function parseImage(value: unknown): Image {
  const members = new Members(value, 'image');
  return {
    imageId: members.text('imageId'),
    status: status(members.text('status')),
    fileName: members.optionalText('fileName'),
    caption: members.optionalText('caption'),
    size: members.optionalNumber('size'),
    width: members.optionalNumber('width'),
    height: members.optionalNumber('height'),
    format: members.optionalText('format'),
    thumbhash: members.optionalText('thumbhash'),
    dominantColour: members.optionalText('dominantColour'),
    takenAt: members.optionalText('takenAt'),
    cameraMake: members.optionalText('cameraMake'),
    cameraModel: members.optionalText('cameraModel'),
    uploadedAt: members.optionalText('uploadedAt'),
    processedAt: members.optionalText('processedAt'),
    failure: members.has('failure') ? failure(members.object('failure')) : undefined,
    originalUrl: members.has('original') ? members.object('original').text('url') : undefined,
    thumbnails: members.list('thumbnails', thumbnail).sort((one, other) => one.width - other.width),
  };
}

export function parsePage(value: unknown): Page {
  const members = new Members(value, 'page');
  return { items: members.list('items', parseImage), nextCursor: members.optionalText('nextCursor') };
}

export function parsePresignedUpload(value: unknown): PresignedUpload {
  const members = new Members(value, 'presigned upload');
  const headers = Object.entries(members.value('headers') ?? {}).map(([name, value]) => [
    name,
    String(value),
  ]);
  return {
    url: members.text('url'),
    headers: Object.fromEntries(headers),
    expiresAt: members.text('expiresAt'),
    image: parseImage(members.value('image')),
  };
}

/** An unknown status, of a later version of the API, counts as pending. */
function status(text: string): Status {
  return text === 'ready' || text === 'failed' ? text : 'pending';
}

function failure(members: Members): Image['failure'] {
  return { code: members.text('code'), message: members.text('message') };
}

function thumbnail(value: unknown): Thumbnail {
  const members = new Members(value, 'thumbnail');
  return {
    name: members.text('name'),
    width: members.number('width'),
    height: members.number('height'),
    url: members.text('url'),
  };
}
