import { SignInError } from '../session/sign-in-error';
import { Problem } from './problem';

const ENDED = 'Your session has ended. Sign in again.';
const TOO_MANY = 'Too many requests. Wait a moment.';

/** The message for a failed API call: the cause and the remedy, in a sentence or two. */
export function problemWords(error: unknown): string {
  if (error instanceof SignInError) return sessionWords(error);
  if (!(error instanceof Problem)) return 'Something went wrong. Try again.';
  switch (error.type) {
    case 'network':
      return noAnswer();
    case 'image-not-found':
      return 'This picture is gone.';
    case 'image-not-failed':
      return 'Nothing to retry.';
    case 'original-unreadable':
      return 'The file can’t be read. Upload it again.';
    case 'caption-invalid':
      return 'A caption has up to 500 characters.';
    case 'file-name-invalid':
      return 'Rename the file: its name can’t be used.';
    case 'unsupported-format':
      return 'Not a supported picture. Use JPEG, PNG, WebP, GIF, HEIC or AVIF.';
    case 'body-too-large':
      return 'Too large. Make it smaller.';
    case 'quota-exceeded':
      return 'Your storage is full. Delete pictures to make room.';
    case 'throttled':
      return TOO_MANY;
  }
  if (error.needsSignIn || error.status === 401) return ENDED;
  if (error.status === 429) return TOO_MANY;
  if (error.status >= 500) return `The server has trouble. Try again.${report(error)}`;
  return error.detail || 'Something went wrong. Try again.';
}

/** The message for a failed token renewal; the failure may be temporary. */
function sessionWords(error: SignInError): string {
  if (error.refusal === 'unreachable') return noAnswer();
  return error.mayPass ? TOO_MANY : ENDED;
}

function noAnswer(): string {
  return navigator.onLine ? 'The server doesn’t answer. Try again.' : 'You’re offline.';
}

function report(error: Problem): string {
  return error.requestId ? ` (Request ${error.requestId})` : '';
}

/**
 * The message for a failure code of an image. The API's own message names the deployment's limits.
 */
export function failureWords(failure: { code: string; message: string } | undefined): string {
  switch (failure?.code) {
    case 'empty':
      return 'The file is empty.';
    case 'unsupported_format':
      return 'Not a supported picture. Use JPEG, PNG, WebP, GIF, HEIC or AVIF.';
    case 'corrupt':
      return 'The file is damaged.';
    case 'too_many_bytes':
      return 'The file is too large.';
    case 'too_many_pixels':
    case 'too_large_edge':
    case 'too_much_memory':
      return 'The picture is too large.';
    case 'too_many_frames':
      return 'The animation is too long.';
    case 'timed_out':
      return 'It took too long.';
    case 'unreadable_original':
      return 'The file can’t be read. Upload it again.';
    case 'processing_failed':
      return 'It failed too often. Try again later.';
    case 'over_quota':
      return 'Your storage is full. Delete pictures, then try again.';
    default:
      return failure?.message || 'Something went wrong.';
  }
}
