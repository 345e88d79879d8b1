import { Members } from '../parse';

/** The tokens of a sign-in, without the access token, which the API does not accept. */
export interface Tokens {
  id: string;
  refresh: string;
  /** The expiry of the id token. */
  email: string;
  expiresAt: number;
}

export function parseTokens(id: string, refresh: string): Tokens {
  const claims = new Members(JSON.parse(payload(id)), 'the id token');
  return { id, refresh, email: claims.text('email'), expiresAt: claims.number('exp') * 1000 };
}

function payload(token: string): string {
  const part = (token.split('.')[1] ?? '').replaceAll('-', '+').replaceAll('_', '/');
  const bytes = Uint8Array.from(atob(part), byte => byte.charCodeAt(0));
  return new TextDecoder().decode(bytes);
}
