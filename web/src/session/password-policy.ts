/** The user pool's password policy, as `UserPool` of the template has it. */
export const PASSWORD_RULES: { words: string; isMet: (password: string) => boolean }[] = [
  { words: '12 characters or more', isMet: password => password.length >= 12 },
  { words: 'an upper-case letter', isMet: password => /[A-Z]/.test(password) },
  { words: 'a lower-case letter', isMet: password => /[a-z]/.test(password) },
  { words: 'a digit', isMet: password => /\d/.test(password) },
];

/** The rules that a password does not meet, in words. */
export function unmetRules(password: string): string[] {
  const unmet = PASSWORD_RULES.filter(rule => !rule.isMet(password)).map(rule => rule.words);
  // Cognito refuses such a password in every pool.
  return password === password.trim() ? unmet : [...unmet, 'no space at the beginning or end'];
}
