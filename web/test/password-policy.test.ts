import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { expect, test } from 'vitest';
import { unmetRules } from '../src/session/password-policy';

test('a password that meets the policy needs nothing more', () => {
  expect(unmetRules('Hikidashi-demo-1')).toEqual([]);
  expect(unmetRules('correct Horse 2 battery')).toEqual([]);
});

test.each([
  ['Short-pass1', ['12 characters or more']],
  ['all-lower-case-1', ['an upper-case letter']],
  ['ALL-UPPER-CASE-1', ['a lower-case letter']],
  ['No-digit-in-here', ['a digit']],
  [' Hikidashi-demo-1', ['no space at the beginning or end']],
  ['', ['12 characters or more', 'an upper-case letter', 'a lower-case letter', 'a digit']],
])('“%s” lacks what it lacks', (password, unmet) => {
  expect(unmetRules(password)).toEqual(unmet);
});

test('only the letters and digits that Cognito counts are counted', () => {
  expect(unmetRules('ÄÖÜäöüßäöüß٣')).toEqual(['an upper-case letter', 'a lower-case letter', 'a digit']);
});

test('the rules are those of the template', () => {
  const template = readFileSync(join(import.meta.dirname, '../../infra/template.yaml'), 'utf8');
  const policy = /PasswordPolicy:\n((?: {10}\S.*\n)+)/.exec(template)?.[1] ?? '';
  const rules = Object.fromEntries(
    policy
      .trim()
      .split('\n')
      .map(line => line.trim().split(': ')),
  );
  expect(rules).toMatchObject({
    MinimumLength: '12',
    RequireUppercase: 'true',
    RequireLowercase: 'true',
    RequireNumbers: 'true',
    RequireSymbols: 'false',
  });
});
