import { SignInError } from './user-pool';

/** The message for a failed sign-in. */
export function signInWords(error: unknown): string {
  if (!(error instanceof SignInError)) return 'Something went wrong. Try again.';
  switch (error.refusal) {
    case 'wrong-password':
    case 'ended':
      return 'Email or password is wrong.';
    case 'weak-password':
      return 'Use 12 characters or more, with upper case, lower case and a digit.';
    case 'unsupported':
      return 'This account needs a step that this page can’t do.';
    case 'busy':
      return 'Too many tries. Wait a moment.';
    case 'unreachable':
      return navigator.onLine ? 'No answer. Try again.' : 'You’re offline.';
  }
}
