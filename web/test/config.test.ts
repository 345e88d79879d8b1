import { expect, test } from 'vitest';
import { parseConfig } from '../src/config';

const LEAST = { region: 'eu-central-1', userPoolId: 'eu-central-1_Ab', clientId: 'c', maxImageBytes: 5 };
const PAGE = 'https://pictures.example/gallery/';

test('what is left out is where it usually is', () => {
  const config = parseConfig(LEAST, PAGE);
  expect(config.apiUrl).toBe('https://pictures.example');
  expect(config.signInUrl).toBe('https://cognito-idp.eu-central-1.amazonaws.com/');
  expect(config.selfSignUp).toBe(false);
  expect(config.hostedUiUrl).toBeUndefined();
  expect(config.demoUsers).toEqual([]);
});

test('addresses can be named, absolute or on the page’s own origin', () => {
  const config = parseConfig({ ...LEAST, apiUrl: 'https://api.example/', signInUrl: '/cognito' }, PAGE);
  expect(config.apiUrl).toBe('https://api.example');
  expect(config.signInUrl).toBe('https://pictures.example/cognito');
});

test('sign-up and the hosted UI are there when they are named', () => {
  const hostedUiUrl = 'https://x.auth.eu-central-1.amazoncognito.com';
  const config = parseConfig({ ...LEAST, selfSignUp: true, hostedUiUrl }, PAGE);
  expect(config.selfSignUp).toBe(true);
  expect(config.hostedUiUrl).toBe(hostedUiUrl);
  expect(parseConfig({ ...LEAST, hostedUiUrl: '' }, PAGE).hostedUiUrl).toBeUndefined();
  expect(() => parseConfig({ ...LEAST, selfSignUp: 'on' }, PAGE)).toThrow('selfSignUp is not true or false');
});

test('a member that is missing, or of another type, is named', () => {
  expect(() => parseConfig({ ...LEAST, clientId: undefined }, PAGE)).toThrow(
    'config.json.clientId is not a text',
  );
  expect(() => parseConfig({ ...LEAST, maxImageBytes: '5' }, PAGE)).toThrow('maxImageBytes is not a number');
  expect(() => parseConfig([], PAGE)).toThrow('config.json is no object');
});
