import { Members } from '../parse';
import { refused, SignInError } from './sign-in-error';
import { Handshake, timestamp } from './srp';
import { parseTokens, type Tokens } from './tokens';

/** Request timeout: other requests wait for the same token. */
const DEADLINE_MS = 15_000;

/** The challenge for a user that an operator created: to choose a password. */
export interface NewPasswordNeeded {
  choose(password: string): Promise<Tokens>;
}

export interface PoolAddress {
  signInUrl: string;
  userPoolId: string;
  clientId: string;
}

/** Client of the public operations of a Cognito user pool. */
export class UserPool {
  readonly #address: PoolAddress;
  readonly #deadlineMs: number;

  constructor(address: PoolAddress, deadlineMs: number = DEADLINE_MS) {
    this.#address = address;
    this.#deadlineMs = deadlineMs;
  }

  async signIn(email: string, password: string): Promise<Tokens | NewPasswordNeeded> {
    const handshake = new Handshake();
    const asked = await this.#call('InitiateAuth', {
      AuthFlow: 'USER_SRP_AUTH',
      AuthParameters: { USERNAME: email, SRP_A: handshake.clientKey },
    });
    const parameters = challenge(asked, 'PASSWORD_VERIFIER');
    const stamp = timestamp(new Date());
    const secretBlock = parameters.text('SECRET_BLOCK');
    const signature = await handshake.prove(password, {
      poolName: this.#address.userPoolId.split('_')[1] ?? '',
      userId: parameters.text('USER_ID_FOR_SRP'),
      serverKey: parameters.text('SRP_B'),
      salt: parameters.text('SALT'),
      secretBlock,
      timestamp: stamp,
    });
    const username = parameters.text('USER_ID_FOR_SRP');
    const answered = await this.#call('RespondToAuthChallenge', {
      ChallengeName: 'PASSWORD_VERIFIER',
      Session: asked.optionalText('Session'),
      ChallengeResponses: {
        USERNAME: username,
        PASSWORD_CLAIM_SECRET_BLOCK: secretBlock,
        PASSWORD_CLAIM_SIGNATURE: signature,
        TIMESTAMP: stamp,
      },
    });
    if (answered.optionalText('ChallengeName') === 'NEW_PASSWORD_REQUIRED') {
      return { choose: chosen => this.#choose(username, chosen, answered.text('Session')) };
    }
    return tokens(answered);
  }

  /** New tokens for a refresh token, which stays the same. */
  async refresh(refreshToken: string): Promise<Tokens> {
    const answer = await this.#call('InitiateAuth', {
      AuthFlow: 'REFRESH_TOKEN_AUTH',
      AuthParameters: { REFRESH_TOKEN: refreshToken },
    });
    return tokens(answer, refreshToken);
  }

  /** Revokes the refresh token, and with it every token of the session. */
  async revoke(refreshToken: string): Promise<void> {
    await this.#call('RevokeToken', { Token: refreshToken });
  }

  /** Creates an account. Resolves to whether it has to be confirmed with a code. */
  async signUp(email: string, password: string): Promise<'confirmed' | 'unconfirmed'> {
    const answer = await this.#call('SignUp', {
      Username: email,
      Password: password,
      UserAttributes: [{ Name: 'email', Value: email }],
    });
    return answer.flag('UserConfirmed') ? 'confirmed' : 'unconfirmed';
  }

  async confirmSignUp(email: string, code: string): Promise<void> {
    await this.#call('ConfirmSignUp', { Username: email, ConfirmationCode: code });
  }

  /** Sends another code for `confirmSignUp`. */
  async resendCode(email: string): Promise<void> {
    await this.#call('ResendConfirmationCode', { Username: email });
  }

  /** Sends a code for `resetPassword`, if the user exists and has a verified address. */
  async forgotPassword(email: string): Promise<void> {
    try {
      await this.#call('ForgotPassword', { Username: email });
    } catch (error) {
      // Every other refusal depends on the account, which must not be revealed. For an unknown
      // user, Cognito pretends at times to send a code, and at times answers
      // InvalidParameterException.
      if (error instanceof SignInError && error.mayPass) throw error;
    }
  }

  async resetPassword(email: string, code: string, password: string): Promise<void> {
    await this.#call('ConfirmForgotPassword', {
      Username: email,
      ConfirmationCode: code,
      Password: password,
    });
  }

  async #choose(username: string, password: string, session: string): Promise<Tokens> {
    try {
      const answer = await this.#call('RespondToAuthChallenge', {
        ChallengeName: 'NEW_PASSWORD_REQUIRED',
        Session: session,
        ChallengeResponses: { USERNAME: username, NEW_PASSWORD: password },
      });
      return tokens(answer);
    } catch (error) {
      // The session of a challenge lasts for three minutes.
      throw error instanceof SignInError && error.refusal === 'wrong-password'
        ? new SignInError('took-too-long', error.message)
        : error;
    }
  }

  async #call(operation: string, body: object): Promise<Members> {
    let response: Response;
    let text: string;
    try {
      response = await fetch(this.#address.signInUrl, {
        method: 'POST',
        headers: {
          'content-type': 'application/x-amz-json-1.1',
          'x-amz-target': `AWSCognitoIdentityProviderService.${operation}`,
        },
        body: JSON.stringify({ ClientId: this.#address.clientId, ...body }),
        signal: AbortSignal.timeout(this.#deadlineMs),
      });
      text = await response.text();
    } catch {
      throw new SignInError('unreachable', `${operation} got no answer`);
    }
    if (!response.ok) throw refused(operation, response.status, text);
    return new Members(text === '' ? {} : JSON.parse(text), operation);
  }
}

function challenge(answer: Members, name: string): Members {
  const asked = answer.optionalText('ChallengeName');
  if (asked !== name) throw new SignInError('unsupported', `the user pool asks for ${asked}`);
  return answer.object('ChallengeParameters');
}

function tokens(answer: Members, refreshToken?: string): Tokens {
  const asked = answer.optionalText('ChallengeName');
  if (asked !== undefined) throw new SignInError('unsupported', `the user pool asks for ${asked}`);
  const result = answer.object('AuthenticationResult');
  return parseTokens(result.text('IdToken'), refreshToken ?? result.text('RefreshToken'));
}
