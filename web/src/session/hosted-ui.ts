import { Members } from '../parse';
import { SignInError } from './sign-in-error';
import { parseTokens, type Tokens } from './tokens';

const KEY = 'hikidashi.hosted-ui';
const DEADLINE_MS = 15_000;
/** The parameters of the address that the hosted UI redirects to. */
const RETURNED = ['code', 'state', 'error', 'error_description'];

/** Whether the hosted UI redirected to this address. */
export function isReturn(address: string): boolean {
  const { searchParams } = new URL(address);
  return searchParams.has('code') || searchParams.has('error');
}

/** The address without what the hosted UI added. */
export function withoutReturn(address: string): string {
  const url = new URL(address);
  for (const name of RETURNED) url.searchParams.delete(name);
  return url.href;
}

/**
 * Sign-in on the pages of Cognito (the hosted UI), with the authorization code flow and PKCE: the
 * code is worthless without the verifier, which never leaves this tab.
 *
 * The tokens are those of a sign-in with the form: the user pool renews and revokes them.
 */
export class HostedUi {
  readonly #url: string;
  readonly #clientId: string;
  readonly #storage: Pick<Storage, 'getItem' | 'setItem' | 'removeItem'>;
  readonly #deadlineMs: number;

  constructor(
    { url, clientId }: { url: string; clientId: string },
    storage: Pick<Storage, 'getItem' | 'setItem' | 'removeItem'>,
    deadlineMs: number = DEADLINE_MS,
  ) {
    this.#url = url;
    this.#clientId = clientId;
    this.#storage = storage;
    this.#deadlineMs = deadlineMs;
  }

  /** Begins a sign-in. Resolves to the address to go to. */
  async begin(pageAddress: string): Promise<string> {
    const state = random();
    const verifier = random();
    this.#storage.setItem(KEY, JSON.stringify({ state, verifier }));
    const digest = await crypto.subtle.digest('SHA-256', new TextEncoder().encode(verifier));
    return this.#address('/oauth2/authorize', {
      response_type: 'code',
      client_id: this.#clientId,
      redirect_uri: redirectUri(pageAddress),
      scope: 'openid email',
      state,
      code_challenge: base64Url(new Uint8Array(digest)),
      code_challenge_method: 'S256',
    });
  }

  /** Exchanges the code that the hosted UI added to the page's address, once. */
  async finish(pageAddress: string): Promise<Tokens> {
    const begun = this.#begun();
    this.forget();
    const returned = new URL(pageAddress).searchParams;
    if (!begun || returned.get('state') !== begun.state) {
      throw new SignInError('sso-mismatch', 'the state is not the one that was sent');
    }
    const code = returned.get('code');
    if (code === null) throw new SignInError('sso-failed', `the hosted UI says ${returned.get('error')}`);
    const answer = await this.#exchange({
      grant_type: 'authorization_code',
      client_id: this.#clientId,
      redirect_uri: redirectUri(pageAddress),
      code,
      code_verifier: begun.verifier,
    });
    return parseTokens(answer.text('id_token'), answer.text('refresh_token'));
  }

  /** Forgets a sign-in that was not finished. */
  forget(): void {
    this.#storage.removeItem(KEY);
  }

  /** The address that ends the session of the hosted UI, and redirects to the page. */
  signOutAddress(pageAddress: string): string {
    return this.#address('/logout', { client_id: this.#clientId, logout_uri: redirectUri(pageAddress) });
  }

  #address(path: string, parameters: Record<string, string>): string {
    return `${this.#url}${path}?${new URLSearchParams(parameters)}`;
  }

  #begun(): { state: string; verifier: string } | undefined {
    try {
      const members = new Members(JSON.parse(this.#storage.getItem(KEY) ?? ''), KEY);
      return { state: members.text('state'), verifier: members.text('verifier') };
    } catch {
      return undefined;
    }
  }

  async #exchange(parameters: Record<string, string>): Promise<Members> {
    let response: Response;
    let text: string;
    try {
      response = await fetch(`${this.#url}/oauth2/token`, {
        method: 'POST',
        body: new URLSearchParams(parameters),
        signal: AbortSignal.timeout(this.#deadlineMs),
      });
      text = await response.text();
    } catch {
      throw new SignInError('unreachable', 'the hosted UI did not answer');
    }
    if (!response.ok) {
      const isBusy = response.status === 429 || response.status >= 500;
      throw new SignInError(isBusy ? 'busy' : 'sso-failed', `/oauth2/token: ${response.status}`);
    }
    return new Members(JSON.parse(text), '/oauth2/token');
  }
}

/** The page's own address, which has to be among the user pool client's callback URLs. */
function redirectUri(pageAddress: string): string {
  const { origin, pathname } = new URL(pageAddress);
  return origin + pathname;
}

/** 256 random bits, in the alphabet of a PKCE verifier. */
function random(): string {
  return base64Url(crypto.getRandomValues(new Uint8Array(32)));
}

function base64Url(bytes: Uint8Array): string {
  return btoa(String.fromCharCode(...bytes))
    .replaceAll('+', '-')
    .replaceAll('/', '_')
    .replaceAll('=', '');
}
