import type { Session } from './session';
import { type Refusal, SignInError } from './sign-in-error';
import type { NewPasswordNeeded, UserPool } from './user-pool';

/**
 * A step of signing in. `problem` is the error that led to the step, where it was not the user's
 * choice.
 */
export type Step =
  | { name: 'sign-in'; problem?: unknown }
  | { name: 'new-password' }
  | { name: 'sign-up' }
  | { name: 'confirm'; problem?: unknown }
  | { name: 'forgot' }
  | { name: 'reset'; problem?: unknown }
  | { name: 'done' };

/** The form has no further step. */
export const DONE: Step = { name: 'done' };

/**
 * The steps of signing in, with creating an account, recovering a password, and replacing a
 * temporary one.
 *
 * Every method resolves to the next step. It rejects where the user can correct the current one.
 */
export class SignInFlow {
  readonly #session: Pick<Session, 'signIn'>;
  readonly #pool: Pick<
    UserPool,
    'signUp' | 'confirmSignUp' | 'resendCode' | 'forgotPassword' | 'resetPassword'
  >;
  /** Whether users create their accounts themselves. */
  readonly hasSignUp: boolean;
  #needed: NewPasswordNeeded | undefined;
  /** The password to sign in with once the account is confirmed. */
  #password = '';
  /** The email that the last step used. */
  email: string;

  constructor(
    session: Pick<Session, 'signIn' | 'email'>,
    pool: Pick<UserPool, 'signUp' | 'confirmSignUp' | 'resendCode' | 'forgotPassword' | 'resetPassword'>,
    { selfSignUp }: { selfSignUp: boolean },
  ) {
    this.#session = session;
    this.#pool = pool;
    this.hasSignUp = selfSignUp;
    this.email = session.email ?? '';
  }

  async signIn(email: string, password: string): Promise<Step> {
    this.email = email;
    try {
      this.#needed = await this.#session.signIn(email, password);
    } catch (error) {
      if (this.hasSignUp && isRefusal(error, 'unconfirmed')) {
        this.#password = password;
        return { name: 'confirm' };
      }
      if (isRefusal(error, 'reset-required')) return { name: 'reset', problem: error };
      throw error;
    }
    this.#password = '';
    return this.#needed ? { name: 'new-password' } : DONE;
  }

  /** Replaces the temporary password that the user signed in with. */
  async choose(password: string): Promise<Step> {
    try {
      if (!this.#needed) throw new SignInError('took-too-long', 'no password is needed');
      await this.#needed.choose(password);
      this.#needed = undefined;
      return DONE;
    } catch (error) {
      if (isRefusal(error, 'took-too-long')) return { name: 'sign-in', problem: error };
      throw error;
    }
  }

  async signUp(email: string, password: string): Promise<Step> {
    this.#requireSignUp();
    this.email = email;
    this.#password = password;
    try {
      if ((await this.#pool.signUp(email, password)) === 'unconfirmed') return { name: 'confirm' };
    } catch (error) {
      // The account exists, and another code can be sent.
      if (isRefusal(error, 'undelivered')) return { name: 'confirm', problem: error };
      throw error;
    }
    return this.#signInOrAskAgain(password);
  }

  /** Confirms the account with the code of the email. */
  async confirm(code: string): Promise<Step> {
    this.#requireSignUp();
    try {
      await this.#pool.confirmSignUp(this.email, code);
    } catch (error) {
      if (!isRefusal(error, 'confirmed')) throw error;
    }
    return this.#signInOrAskAgain(this.#password);
  }

  /** Sends another code to confirm the account with. */
  async resend(): Promise<Step> {
    this.#requireSignUp();
    try {
      await this.#pool.resendCode(this.email);
      return { name: 'confirm' };
    } catch (error) {
      if (isRefusal(error, 'confirmed')) return this.#signInOrAskAgain(this.#password);
      throw error;
    }
  }

  /** Sends a code to replace a forgotten password with, to a user that exists. */
  async forgot(email: string): Promise<Step> {
    this.email = email;
    await this.#pool.forgotPassword(email);
    return { name: 'reset' };
  }

  async reset(code: string, password: string): Promise<Step> {
    await this.#pool.resetPassword(this.email, code, password);
    return this.#signInOrAskAgain(password);
  }

  /** Signs in. The step before can't be repeated, so that a failure leads to the form. */
  async #signInOrAskAgain(password: string): Promise<Step> {
    try {
      return await this.signIn(this.email, password);
    } catch (error) {
      return { name: 'sign-in', problem: error };
    }
  }

  #requireSignUp(): void {
    if (!this.hasSignUp) throw new SignInError('sign-up-closed', 'the page offers no sign-up');
  }
}

function isRefusal(error: unknown, refusal: Refusal): boolean {
  return error instanceof SignInError && error.refusal === refusal;
}
