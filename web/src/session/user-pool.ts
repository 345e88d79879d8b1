import { Members } from '../parse';
import { Handshake, timestamp } from './srp';
import { parseTokens, type Tokens } from './tokens';

/**
 * The reason for a failed sign-in. `unreachable` and `busy` are temporary; the others are final.
 */
export type Refusal = 'wrong-password' | 'ended' | 'weak-password' | 'unsupported' | 'busy' | 'unreachable';

export class SignInError extends Error {
  override name = 'SignInError';
  readonly refusal: Refusal;

  constructor(refusal: Refusal, detail: string) {
    super(detail);
    this.refusal = refusal;
  }
}

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

  async #choose(username: string, password: string, session: string): Promise<Tokens> {
    const answer = await this.#call('RespondToAuthChallenge', {
      ChallengeName: 'NEW_PASSWORD_REQUIRED',
      Session: session,
      ChallengeResponses: { USERNAME: username, NEW_PASSWORD: password },
    });
    return tokens(answer);
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

function refused(operation: string, status: number, text: string): SignInError {
  const name = /"__type"\s*:\s*"(?:[^"]*#)?([A-Za-z]+)/.exec(text)?.[1] ?? '';
  const detail = `${operation}: ${status} ${name}`;
  switch (name) {
    case 'NotAuthorizedException':
    case 'UserNotFoundException':
      return new SignInError(operation === 'InitiateAuth' ? 'ended' : 'wrong-password', detail);
    case 'InvalidPasswordException':
      return new SignInError('weak-password', detail);
    case 'PasswordResetRequiredException':
    case 'UserNotConfirmedException':
      return new SignInError('unsupported', detail);
    default:
      return new SignInError(
        status === 429 || status >= 500 || name === 'TooManyRequestsException' ? 'busy' : 'wrong-password',
        detail,
      );
  }
}
