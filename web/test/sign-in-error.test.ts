import { expect, test } from 'vitest';
import { type Refusal, refused, SignInError } from '../src/session/sign-in-error';
import { signInWords } from '../src/session/words';

function answer(operation: string, name: string, message = '', status = 400): SignInError {
  const prefix = 'com.amazonaws.cognito#';
  return refused(operation, status, JSON.stringify({ __type: prefix + name, message }));
}

test.each<[string, string, Refusal, string]>([
  ['InitiateAuth', 'NotAuthorizedException', 'ended', 'Email or password is wrong.'],
  ['RespondToAuthChallenge', 'NotAuthorizedException', 'wrong-password', 'Email or password is wrong.'],
  ['RespondToAuthChallenge', 'UserNotFoundException', 'wrong-password', 'Email or password is wrong.'],
  ['RespondToAuthChallenge', 'UserNotConfirmedException', 'unconfirmed', 'This account is not confirmed.'],
  ['InitiateAuth', 'PasswordResetRequiredException', 'reset-required', 'This account needs a new password.'],
  ['SignUp', 'UsernameExistsException', 'user-exists', 'There is an account with this email already.'],
  ['SignUp', 'InvalidPasswordException', 'weak-password', 'Use 12 characters or more'],
  ['SignUp', 'InvalidParameterException', 'unusable-email', 'This email address can’t be used.'],
  ['SignUp', 'NotAuthorizedException', 'sign-up-closed', 'Accounts can’t be created here.'],
  ['SignUp', 'CodeDeliveryFailureException', 'undelivered', 'The email could not be sent.'],
  ['ConfirmSignUp', 'CodeMismatchException', 'wrong-code', 'The code is wrong.'],
  ['ConfirmSignUp', 'ExpiredCodeException', 'expired-code', 'The code has expired.'],
  ['ConfirmSignUp', 'TooManyFailedAttemptsException', 'limit', 'Too many tries. Try again later.'],
  ['ConfirmSignUp', 'NotAuthorizedException', 'confirmed', 'This account is confirmed already.'],
  ['ConfirmSignUp', 'UserNotFoundException', 'wrong-code', 'The code is wrong.'],
  ['ResendConfirmationCode', 'InvalidParameterException', 'confirmed', 'This account is confirmed already.'],
  ['ResendConfirmationCode', 'LimitExceededException', 'limit', 'Too many tries. Try again later.'],
  ['ForgotPassword', 'LimitExceededException', 'limit', 'Too many tries. Try again later.'],
  ['ForgotPassword', 'TooManyRequestsException', 'busy', 'Too many tries. Wait a moment.'],
  ['ConfirmForgotPassword', 'CodeMismatchException', 'wrong-code', 'The code is wrong.'],
  ['ConfirmForgotPassword', 'ExpiredCodeException', 'expired-code', 'The code has expired.'],
  ['ConfirmForgotPassword', 'UserNotFoundException', 'wrong-code', 'The code is wrong.'],
  ['ConfirmForgotPassword', 'InvalidParameterException', 'wrong-code', 'The code is wrong.'],
  ['ConfirmForgotPassword', 'NotAuthorizedException', 'wrong-code', 'The code is wrong.'],
  ['ConfirmForgotPassword', 'InvalidPasswordException', 'weak-password', 'Use 12 characters or more'],
  ['SignUp', 'SomethingNewException', 'failed', 'Something went wrong.'],
])('%s: %s is %s, in plain words', (operation, name, refusal, words) => {
  const error = answer(operation, name);
  expect(error.refusal).toBe(refusal);
  expect(signInWords(error)).toContain(words);
});

test('a user who is locked after too many wrong passwords is told to wait', () => {
  const locked = answer('RespondToAuthChallenge', 'NotAuthorizedException', 'Password attempts exceeded');
  expect(locked.refusal).toBe('limit');
});

test('a server that has trouble, or no time, can be tried again', () => {
  expect(refused('SignUp', 503, '<html>').refusal).toBe('busy');
  expect(refused('ForgotPassword', 429, '').refusal).toBe('busy');
});

test('only what passes by itself is temporary', () => {
  const temporary: Refusal[] = ['unreachable', 'busy', 'limit'];
  for (const refusal of temporary) expect(new SignInError(refusal, '').mayPass).toBe(true);
  const final: Refusal[] = ['ended', 'wrong-password', 'wrong-code', 'failed'];
  for (const refusal of final) expect(new SignInError(refusal, '').mayPass).toBe(false);
});
