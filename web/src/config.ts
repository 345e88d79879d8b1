import { Members } from './parse';

/** What the page has to know of its deployment: `config.json`, next to it. */
export interface Config {
  /** The API, without a slash at the end. Absent in the file: the page's own origin. */
  apiUrl: string;
  userPoolId: string;
  clientId: string;
  /** Where the user pool answers. Absent in the file: where AWS has it. */
  signInUrl: string;
  /** The deployment's `MaxImageBytes`. */
  maxImageBytes: number;
  /** Users that anyone may be, on a machine of one's own. */
  demoUsers: DemoUser[];
}

export interface DemoUser {
  email: string;
  password: string;
}

export function parseConfig(value: unknown, pageUrl: string): Config {
  const members = new Members(value, 'config.json');
  const region = members.text('region');
  const signInUrl = members.optionalText('signInUrl') ?? `https://cognito-idp.${region}.amazonaws.com/`;
  return {
    apiUrl: new URL(members.optionalText('apiUrl') ?? '/', pageUrl).href.replace(/\/$/, ''),
    userPoolId: members.text('userPoolId'),
    clientId: members.text('clientId'),
    signInUrl: new URL(signInUrl, pageUrl).href,
    maxImageBytes: members.number('maxImageBytes'),
    demoUsers: members.list('demoUsers', demoUser),
  };
}

function demoUser(value: unknown): DemoUser {
  const members = new Members(value, 'config.json: a demo user');
  return { email: members.text('email'), password: members.text('password') };
}
