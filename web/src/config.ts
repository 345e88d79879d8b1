import { Members } from './parse';

/** The page's configuration of its deployment: `config.json` beside `index.html`. */
export interface Config {
  /** The API's URL without a trailing slash. Default: the page's own origin. */
  apiUrl: string;
  userPoolId: string;
  clientId: string;
  /** The user pool's endpoint. Default: AWS's endpoint of the region. */
  signInUrl: string;
  /** The deployment's `MaxImageBytes`. */
  maxImageBytes: number;
  /** Whether the page offers to create an account. Default: no. */
  selfSignUp: boolean;
  /** URL of Cognito's sign-in pages without a trailing slash, where there are any. */
  hostedUiUrl: string | undefined;
  /** Demo users of a local stack, with their passwords. */
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
  const hostedUiUrl = members.optionalText('hostedUiUrl') || undefined;
  return {
    apiUrl: new URL(members.optionalText('apiUrl') ?? '/', pageUrl).href.replace(/\/$/, ''),
    userPoolId: members.text('userPoolId'),
    clientId: members.text('clientId'),
    signInUrl: new URL(signInUrl, pageUrl).href,
    maxImageBytes: members.number('maxImageBytes'),
    selfSignUp: members.flag('selfSignUp'),
    hostedUiUrl: hostedUiUrl && new URL(hostedUiUrl, pageUrl).href.replace(/\/$/, ''),
    demoUsers: members.list('demoUsers', demoUser),
  };
}

function demoUser(value: unknown): DemoUser {
  const members = new Members(value, 'config.json: a demo user');
  return { email: members.text('email'), password: members.text('password') };
}
