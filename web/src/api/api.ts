import type { Session } from '../session/session';
import {
  type Image,
  type Order,
  type Page,
  type PresignedUpload,
  parseImage,
  parsePage,
  parsePresignedUpload,
} from './image';
import { type Me, parseMe } from './me';
import { Problem, problemOf } from './problem';

/** Request timeout. API Gateway times out after 30 s, so a later response is impossible. */
const DEADLINE_MS = 35_000;

/** A response body with its `ETag`, for a conditional request. */
export interface Tagged<Value> {
  value: Value;
  etag: string | undefined;
  /** How long to leave it alone, if the API says so. */
  retryAfterMs: number;
}

interface Call {
  method?: 'GET' | 'POST' | 'PATCH' | 'DELETE';
  body?: object;
  etag?: string | undefined;
  signal?: AbortSignal | undefined;
  keepalive?: boolean;
}

/** Client of the API with the tokens of a session. infra/openapi.yaml describes the API. */
export class Api {
  readonly #url: string;
  readonly #session: Pick<Session, 'idToken' | 'renew' | 'expire'>;
  readonly #outcome: (answered: boolean) => void;
  readonly #deadlineMs: number;

  /** `outcome` is called after every request with whether the service responded. */
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

  /** A page of the listing; `undefined` if the page still has this `ETag`. */
  async list(
    limit: number,
    order: Order,
    from: { cursor?: string; etag?: string },
  ): Promise<Tagged<Page> | undefined> {
    const cursor = from.cursor === undefined ? '' : `&cursor=${encodeURIComponent(from.cursor)}`;
    const response = await this.#call(`/images?limit=${limit}&order=${order}${cursor}`, { etag: from.etag });
    return tagged(response, parsePage);
  }

  /**
   * An image; `undefined` if it still has this `ETag`. Waits up to `wait` seconds while it is
   * pending.
   */
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

  async me(): Promise<Me> {
    const response = await this.#call('/me', {});
    return parseMe(await response.json());
  }

  async presign(file: { fileName: string; contentType: string; size: number }): Promise<PresignedUpload> {
    const response = await this.#call('/upload/presign', { method: 'POST', body: file });
    return parsePresignedUpload(await response.json());
  }

  /** Throws a [`Problem`] for a response that is neither a success nor a 304. */
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
        // This client sends its own `If-None-Match`; the browser's cache must not answer.
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
  return {
    value: parse(await response.json()),
    etag: response.headers.get('etag') ?? undefined,
    retryAfterMs: 1000 * Number(response.headers.get('retry-after') ?? 0) || 0,
  };
}
