import type { Session } from '../session/session';
import {
  type Image,
  type Page,
  type PresignedUpload,
  parseImage,
  parsePage,
  parsePresignedUpload,
} from './image';
import { Problem, problemOf } from './problem';

/** API Gateway gives up after 30 s: who has not answered by now will not. */
const DEADLINE_MS = 35_000;

/** A body with the tag that it can be asked for again with. */
export interface Tagged<Value> {
  value: Value;
  etag: string | undefined;
}

interface Call {
  method?: 'GET' | 'POST' | 'PATCH' | 'DELETE';
  body?: object;
  etag?: string | undefined;
  signal?: AbortSignal | undefined;
  keepalive?: boolean;
}

/** The API, as the user of a session. Everything else is in infra/openapi.yaml. */
export class Api {
  readonly #url: string;
  readonly #session: Pick<Session, 'idToken' | 'renew' | 'expire'>;
  readonly #outcome: (answered: boolean) => void;
  readonly #deadlineMs: number;

  /** `outcome` is told after every call whether the service could answer. */
  constructor(
    url: string,
    session: Pick<Session, 'idToken' | 'renew' | 'expire'>,
    outcome: (answered: boolean) => void = () => undefined,
    deadlineMs: number = DEADLINE_MS,
  ) {
    this.#url = url;
    this.#session = session;
    this.#outcome = outcome;
    this.#deadlineMs = deadlineMs;
  }

  /** A page of the listing, newest first; `undefined` where it is still the one with the tag. */
  async list(limit: number, from: { cursor?: string; etag?: string }): Promise<Tagged<Page> | undefined> {
    const cursor = from.cursor === undefined ? '' : `&cursor=${encodeURIComponent(from.cursor)}`;
    const response = await this.#call(`/images?limit=${limit}${cursor}`, { etag: from.etag });
    return tagged(response, parsePage);
  }

  /** An image; `undefined` where it is still the one with the tag. Waits up to `wait` seconds while it is pending. */
  async read(
    imageId: string,
    how: { wait?: number; etag?: string | undefined; signal?: AbortSignal } = {},
  ): Promise<Tagged<Image> | undefined> {
    const wait = how.wait === undefined ? '' : `?wait=${how.wait}`;
    const response = await this.#call(`/images/${imageId}${wait}`, { etag: how.etag, signal: how.signal });
    return tagged(response, parseImage);
  }

  async describe(imageId: string, caption: string | null): Promise<Image> {
    const response = await this.#call(`/images/${imageId}`, { method: 'PATCH', body: { caption } });
    return parseImage(await response.json());
  }

  /** `keepalive` lets the request outlive the page. */
  async remove(imageId: string, keepalive = false): Promise<void> {
    await this.#call(`/images/${imageId}`, { method: 'DELETE', keepalive });
  }

  async retry(imageId: string): Promise<Image> {
    const response = await this.#call(`/images/${imageId}/retry`, { method: 'POST' });
    return parseImage(await response.json());
  }

  async presign(file: { fileName: string; contentType: string; size: number }): Promise<PresignedUpload> {
    const response = await this.#call('/upload/presign', { method: 'POST', body: file });
    return parsePresignedUpload(await response.json());
  }

  /** Answers that are neither a success nor a 304 are thrown as a [`Problem`]. */
  async #call(path: string, call: Call): Promise<Response> {
    const token = await this.#session.idToken();
    let response = await this.#send(path, call, token);
    if (response.ok || response.status === 304) return response;
    let problem = await problemOf(response);
    if (problem.type === 'token-expired') {
      response = await this.#send(path, call, await this.#session.renew(token));
      if (response.ok || response.status === 304) return response;
      problem = await problemOf(response);
    }
    if (problem.needsSignIn || problem.type === 'token-expired') this.#session.expire();
    throw problem;
  }

  async #send(path: string, call: Call, token: string): Promise<Response> {
    const headers: Record<string, string> = { authorization: `Bearer ${token}` };
    if (call.etag !== undefined) headers['if-none-match'] = call.etag;
    if (call.body !== undefined) headers['content-type'] = 'application/json';
    const deadline = AbortSignal.timeout(this.#deadlineMs);
    try {
      const response = await fetch(this.#url + path, {
        method: call.method ?? 'GET',
        headers,
        body: call.body === undefined ? null : JSON.stringify(call.body),
        signal: call.signal ? AbortSignal.any([call.signal, deadline]) : deadline,
        keepalive: call.keepalive ?? false,
        // Tags are ours to send; what the browser kept must not answer instead.
        cache: 'no-store',
      });
      this.#outcome(response.status < 500);
      return response;
    } catch (error) {
      if (call.signal?.aborted) throw error;
      this.#outcome(false);
      throw new Problem('network', 0, 'no answer');
    }
  }
}

async function tagged<Value>(
  response: Response,
  parse: (value: unknown) => Value,
): Promise<Tagged<Value> | undefined> {
  if (response.status === 304) return undefined;
  return { value: parse(await response.json()), etag: response.headers.get('etag') ?? undefined };
}
