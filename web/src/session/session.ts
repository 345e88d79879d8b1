import { Members } from '../parse';
import { SignInError } from './sign-in-error';
import { parseTokens, type Tokens } from './tokens';
import type { NewPasswordNeeded, UserPool } from './user-pool';

/** `expired`: the session has ended, and the user has to sign in again to continue. */
export type State = 'signed-out' | 'signed-in' | 'expired';

/** Where the user signed in: in the page's form, or on Cognito's sign-in pages. */
export type Origin = 'form' | 'hosted-ui';

const KEY = 'hikidashi.session';
/** An id token is renewed when less than this remains until its expiry. */
const MARGIN_MS = 60_000;

/**
 * The session of the signed-in user.
 *
 * The tokens are kept in `sessionStorage`, which ends with the tab, so that a reload stays signed
 * in with the same id token. The API signs links with the credentials that it exchanged for that
 * token. Another token would change the URL of every thumbnail and miss the browser's cache.
 */
export class Session {
  readonly #pool: Pick<UserPool, 'signIn' | 'refresh' | 'revoke'>;
  readonly #storage: Pick<Storage, 'getItem' | 'setItem' | 'removeItem'>;
  readonly #now: () => number;
  readonly #listeners = new Set<(state: State) => void>();
  #tokens: Tokens | undefined;
  #origin: Origin = 'form';
  #renewal: Promise<string> | undefined;
  #state: State;
  #email: string | undefined;

  constructor(
    pool: Pick<UserPool, 'signIn' | 'refresh' | 'revoke'>,
    storage: Pick<Storage, 'getItem' | 'setItem' | 'removeItem'>,
    now: () => number = () => Date.now(),
  ) {
    this.#pool = pool;
    this.#storage = storage;
    this.#now = now;
    const kept = stored(storage);
    this.#tokens = kept?.tokens;
    this.#origin = kept?.origin ?? 'form';
    this.#email = this.#tokens?.email;
    this.#state = this.#tokens ? 'signed-in' : 'signed-out';
  }

  get state(): State {
    return this.#state;
  }

  /** The email of the current or last user. */
  get email(): string | undefined {
    return this.#email;
  }

  get origin(): Origin {
    return this.#origin;
  }

  onChange(listener: (state: State) => void): void {
    this.#listeners.add(listener);
  }

  /** Resolves to the next challenge, if the user pool has one. */
  async signIn(email: string, password: string): Promise<NewPasswordNeeded | undefined> {
    const answer = await this.#pool.signIn(email, password).catch(error => {
      // There is no session yet that could have expired.
      throw error instanceof SignInError && error.refusal === 'ended'
        ? new SignInError('wrong-password', error.message)
        : error;
    });
    if ('choose' in answer) {
      return {
        choose: async chosen => {
          const tokens = await answer.choose(chosen);
          this.start(tokens, 'form');
          return tokens;
        },
      };
    }
    this.start(answer, 'form');
    return undefined;
  }

  /** Starts the session of a user who has signed in. */
  start(tokens: Tokens, origin: Origin): void {
    this.#origin = origin;
    this.#accept(tokens);
  }

  /** Forgets the tokens and revokes the refresh token. */
  async signOut(): Promise<void> {
    const tokens = this.#tokens;
    this.#forget('signed-out');
    // The user pool is unreachable; the page has forgotten the tokens all the same.
    if (tokens) await this.#pool.revoke(tokens.refresh).catch(() => undefined);
  }

  /** An id token that is valid for at least another minute. */
  async idToken(): Promise<string> {
    const tokens = this.#required();
    return tokens.expiresAt - this.#now() > MARGIN_MS ? tokens.id : this.renew(tokens.id);
  }

  /** A token other than the refused one. Concurrent requests share one renewal. */
  async renew(refused: string): Promise<string> {
    const tokens = this.#required();
    if (tokens.id !== refused) return tokens.id;
    this.#renewal ??= this.#refresh(tokens.refresh).finally(() => {
      this.#renewal = undefined;
    });
    return this.#renewal;
  }

  /** Ends the session after a caller found that it has expired. */
  expire(): void {
    if (this.#state === 'signed-in') this.#forget('expired');
  }

  async #refresh(refreshToken: string): Promise<string> {
    try {
      const tokens = await this.#pool.refresh(refreshToken);
      this.#accept(tokens);
      return tokens.id;
    } catch (error) {
      if (error instanceof SignInError && !error.mayPass) this.expire();
      throw error;
    }
  }

  #required(): Tokens {
    if (!this.#tokens) throw new SignInError('ended', 'nobody is signed in');
    return this.#tokens;
  }

  #accept(tokens: Tokens): void {
    this.#tokens = tokens;
    this.#email = tokens.email;
    const kept = { id: tokens.id, refresh: tokens.refresh, origin: this.#origin };
    this.#storage.setItem(KEY, JSON.stringify(kept));
    this.#become('signed-in');
  }

  #forget(state: State): void {
    this.#tokens = undefined;
    this.#storage.removeItem(KEY);
    this.#become(state);
  }

  #become(state: State): void {
    if (this.#state === state) return;
    this.#state = state;
    for (const listener of this.#listeners) listener(state);
  }
}

/** The stored session; `undefined` if it does not parse. */
function stored(storage: Pick<Storage, 'getItem'>): { tokens: Tokens; origin: Origin } | undefined {
  try {
    const text = storage.getItem(KEY);
    if (text === null) return undefined;
    const members = new Members(JSON.parse(text), KEY);
    return {
      tokens: parseTokens(members.text('id'), members.text('refresh')),
      origin: members.value('origin') === 'hosted-ui' ? 'hosted-ui' : 'form',
    };
  } catch {
    return undefined;
  }
}
