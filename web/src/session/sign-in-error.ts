/**
 * The reason for a failed sign-in. `unreachable`, `busy` and `limit` are temporary; the others are
 * final.
 */
export type Refusal =
  | 'wrong-password'
  | 'ended'
  | 'weak-password'
  | 'unusable-email'
  | 'user-exists'
  | 'sign-up-closed'
  | 'unconfirmed'
  | 'confirmed'
  | 'wrong-code'
  | 'expired-code'
  | 'undelivered'
  | 'reset-required'
  | 'took-too-long'
  | 'sso-mismatch'
  | 'sso-failed'
  | 'unsupported'
  | 'failed'
  | 'limit'
  | 'busy'
  | 'unreachable';

export class SignInError extends Error {
  override name = 'SignInError';
  readonly refusal: Refusal;

  constructor(refusal: Refusal, detail: string) {
    super(detail);
    this.refusal = refusal;
  }

  /** Whether the same request can succeed later. */
  get mayPass(): boolean {
    return this.refusal === 'unreachable' || this.refusal === 'busy' || this.refusal === 'limit';
  }
}

/** Errors that have one meaning in every operation. */
const REFUSALS: Record<string, Refusal> = {
  CodeDeliveryFailureException: 'undelivered',
  CodeMismatchException: 'wrong-code',
  ExpiredCodeException: 'expired-code',
  InvalidPasswordException: 'weak-password',
  LimitExceededException: 'limit',
  PasswordResetRequiredException: 'reset-required',
  TooManyFailedAttemptsException: 'limit',
  TooManyRequestsException: 'busy',
  UsernameExistsException: 'user-exists',
  UserNotConfirmedException: 'unconfirmed',
};

/** The other errors of an operation, by their name; `other` is any other error. */
const REFUSALS_OF: Record<string, Record<string, Refusal>> = {
  InitiateAuth: { NotAuthorizedException: 'ended', UserNotFoundException: 'ended', other: 'wrong-password' },
  RespondToAuthChallenge: { other: 'wrong-password' },
  SignUp: { NotAuthorizedException: 'sign-up-closed', InvalidParameterException: 'unusable-email' },
  ConfirmSignUp: {
    // The account was confirmed before, in another tab for example.
    NotAuthorizedException: 'confirmed',
    InvalidParameterException: 'wrong-code',
    UserNotFoundException: 'wrong-code',
  },
  ResendConfirmationCode: { InvalidParameterException: 'confirmed' },
  // An unknown user must not differ from a wrong code.
  ConfirmForgotPassword: {
    NotAuthorizedException: 'wrong-code',
    InvalidParameterException: 'wrong-code',
    UserNotFoundException: 'wrong-code',
  },
};

/** The error for the user pool's response to an operation. */
export function refused(operation: string, status: number, text: string): SignInError {
  const name = /"__type"\s*:\s*"(?:[^"]*#)?([A-Za-z]+)/.exec(text)?.[1] ?? '';
  return new SignInError(refusalOf(operation, status, name, text), `${operation}: ${status} ${name}`);
}

function refusalOf(operation: string, status: number, name: string, text: string): Refusal {
  // Cognito locks a user for a while after five wrong passwords, with the error of a wrong one.
  if (name === 'NotAuthorizedException' && /attempts exceeded/i.test(text)) return 'limit';
  const own = REFUSALS_OF[operation];
  const refusal = REFUSALS[name] ?? own?.[name];
  if (refusal) return refusal;
  return status === 429 || status >= 500 ? 'busy' : (own?.other ?? 'failed');
}
