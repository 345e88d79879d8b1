import { SignInError } from './sign-in-error';

/** The message for a failed sign-in, or for a failed step of creating or recovering an account. */
export function signInWords(error: unknown): string {
  if (!(error instanceof SignInError)) return 'Something went wrong. Try again.';
  switch (error.refusal) {
    case 'wrong-password':
    case 'ended':
      return 'Email or password is wrong.';
    case 'weak-password':
      return 'Use 12 characters or more, with upper case, lower case and a digit.';
    case 'unusable-email':
      return 'This email address can’t be used.';
    case 'user-exists':
      return 'There is an account with this email already. Sign in, or choose “Forgot password?”.';
    case 'sign-up-closed':
      return 'Accounts can’t be created here. Ask who runs this page.';
    case 'unconfirmed':
      return 'This account is not confirmed.';
    case 'confirmed':
      return 'This account is confirmed already. Sign in.';
    case 'wrong-code':
      return 'The code is wrong.';
    case 'expired-code':
      return 'The code has expired. Send a new one.';
    case 'undelivered':
      return 'The email could not be sent. Check the address.';
    case 'reset-required':
      return 'This account needs a new password.';
    case 'took-too-long':
      return 'That took too long. Sign in again.';
    case 'sso-mismatch':
      return 'This sign-in was not started in this tab. Start again here.';
    case 'sso-failed':
      return 'Single sign-on did not work. Try again.';
    case 'unsupported':
      return 'This account needs a step that this page can’t do.';
    case 'failed':
      return 'Something went wrong. Try again.';
    case 'limit':
      return 'Too many tries. Try again later.';
    case 'busy':
      return 'Too many tries. Wait a moment.';
    case 'unreachable':
      return navigator.onLine ? 'No answer. Try again.' : 'You’re offline.';
  }
}
