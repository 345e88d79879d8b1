const PREFIX = 'urn:hikidashi:problem:';

/** A problem document of the API; see docs/problems.md. */
export class Problem extends Error {
  override name = 'Problem';
  /** The type without its prefix. `gateway`: API Gateway answered. `network`: no response. */
  readonly type: string;
  /** The HTTP status; 0 without a response. */
  readonly status: number;
  readonly detail: string;
  /** The request id, for a fault report. */
  readonly requestId: string | undefined;

  constructor(type: string, status: number, detail: string, requestId?: string) {
    super(`${status} ${type}: ${detail}`);
    this.type = type;
    this.status = status;
    this.detail = detail;
    this.requestId = requestId;
  }

  /** Whether the same request may succeed later. */
  get mayPass(): boolean {
    return this.status === 0 || this.status === 429 || this.status >= 500;
  }

  /** Whether a renewed token would be refused too. */
  get needsSignIn(): boolean {
    return (
      ['token-missing', 'token-invalid', 'token-not-id-token'].includes(this.type) ||
      (this.type === 'gateway' && (this.status === 401 || this.status === 403))
    );
  }
}

export async function problemOf(response: Response): Promise<Problem> {
  const requestId = response.headers.get('x-request-id') ?? undefined;
  const body: unknown = await response.json().catch(() => undefined);
  const members = typeof body === 'object' && body !== null ? (body as Record<string, unknown>) : {};
  const { type, detail, message } = members;
  if (typeof type === 'string' && type.startsWith(PREFIX)) {
    return new Problem(type.slice(PREFIX.length), response.status, text(detail), requestId);
  }
  return new Problem('gateway', response.status, text(message) || response.statusText, requestId);
}

function text(value: unknown): string {
  return typeof value === 'string' ? value : '';
}
