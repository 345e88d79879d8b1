import { Members } from '../parse';
import { parseTokens, type Tokens } from './tokens';
import { type NewPasswordNeeded, SignInError, type UserPool } from './user-pool';

/** `expired`: there was a session, and its owner has to sign in again to go on. */
export type State = 'signed-out' | 'signed-in' | 'expired';

const KEY = 'hikidashi.session';
/** An id token is renewed when it has less than this left. */
const MARGIN_MS = 60_000;

/**
 * Who is signed in.
 *
 * The tokens are kept in `sessionStorage`, so that a reload stays signed in: with the same id token, because the
 * links of the API are signed with what it was exchanged for, and another token would give every picture another
 * address, which no cache knows. They end with the tab.
 */
export class Session {
  readonly #pool: Pick<UserPool, 'signIn' | 'refresh' | 'revoke'>;
  readonly #storage: Pick<Storage, 'getItem' | 'setItem' | 'removeItem'>;
  readonly #now: () => number;
  readonly #listeners = new Set<(state: State) => void>();
  #tokens: Tokens | undefined;
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
    this.#tokens = stored(storage);
    this.#email = this.#tokens?.email;
    this.#state = this.#tokens ? 'signed-in' : 'signed-out';
  }

  get state(): State {
    return this.#state;
  }

  /** Of who is, or was last, signed in. */
  get email(): string | undefined {
    return this.#email;
  }

  onChange(listener: (state: State) => void): void {
    this.#listeners.add(listener);
  }

  /** Resolves to what is still needed, if anything. */
  async signIn(email: string, password: string): Promise<NewPasswordNeeded | undefined> {
    const answer = await this.#pool.signIn(email, password).catch(error => {
      // At this point nobody has a session that could have ended.
      throw error instanceof SignInError && error.refusal === 'ended'
        ? new SignInError('wrong-password', error.message)
        : error;
    });
    if ('choose' in answer) {
      return {
        choose: async chosen => {
          const tokens = await answer.choose(chosen);
          this.#accept(tokens);
          return tokens;
        },
      };
    }
    this.#accept(answer);
    return undefined;
  }

  /** Forgets the tokens, and tells the user pool to do the same. */
  async signOut(): Promise<void> {
    const tokens = this.#tokens;
    this.#forget('signed-out');
    // Who can't be reached can't be told; the tokens are gone from here all the same.
    if (tokens) await this.#pool.revoke(tokens.refresh).catch(() => undefined);
  }

  /** An id token that is good for a minute at least. */
  async idToken(): Promise<string> {
    const tokens = this.#required();
    return tokens.expiresAt - this.#now() > MARGIN_MS ? tokens.id : this.renew(tokens.id);
  }

  /** Another token than the one that was refused. Requests that meet here share one renewal. */
  async renew(refused: string): Promise<string> {
    const tokens = this.#required();
    if (tokens.id !== refused) return tokens.id;
    this.#renewal ??= this.#refresh(tokens.refresh).finally(() => {
      this.#renewal = undefined;
    });
    return this.#renewal;
  }

  /** Somebody found out that the session is over. */
  expire(): void {
    if (this.#state === 'signed-in') this.#forget('expired');
  }

  async #refresh(refreshToken: string): Promise<string> {
    try {
      const tokens = await this.#pool.refresh(refreshToken);
      this.#accept(tokens);
      return tokens.id;
    } catch (error) {
      if (error instanceof SignInError && error.refusal !== 'busy' && error.refusal !== 'unreachable')
        this.expire();
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
    this.#storage.setItem(KEY, JSON.stringify({ id: tokens.id, refresh: tokens.refresh }));
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

/** What cannot be read is no session. */
function stored(storage: Pick<Storage, 'getItem'>): Tokens | undefined {
  try {
    const text = storage.getItem(KEY);
    if (text === null) return undefined;
    const members = new Members(JSON.parse(text), KEY);
    return parseTokens(members.text('id'), members.text('refresh'));
  } catch {
    return undefined;
  }
}
