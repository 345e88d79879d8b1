import { vi } from 'vitest';
import { STACK } from './stack';

/** The password of every user that is not invited. */
export const PASSWORD = 'Hikidashi-demo-1';

let count = 0;

/** An address that no other test uses. */
export function newEmail(): string {
  count += 1;
  return `visitor-${process.pid}-${count}@example.com`;
}

/** Creates a user for one test. */
export async function newUser(name = 'visitor'): Promise<string> {
  const email = name === 'visitor' ? newEmail() : `${name}@example.com`;
  const user = { UserPoolId: (await deployed()).userPoolId, Username: email };
  await call('AdminCreateUser', { ...user, UserAttributes: verified(email), MessageAction: 'SUPPRESS' });
  await call('AdminSetUserPassword', { ...user, Password: PASSWORD, Permanent: true });
  return email;
}

/** Creates a user as an operator does, with a temporary password. */
export async function invitedUser(temporary: string): Promise<string> {
  const email = newEmail();
  const user = { UserPoolId: (await deployed()).userPoolId, Username: email };
  const invitation = { MessageAction: 'SUPPRESS', TemporaryPassword: temporary };
  await call('AdminCreateUser', { ...user, UserAttributes: verified(email), ...invitation });
  return email;
}

/**
 * Creates a user that the emulator can send a code to. It looks for the user's name only, which is
 * not the email of a user that an operator has created.
 */
export async function signedUpUser(stack = STACK): Promise<string> {
  const email = newEmail();
  const { clientId, userPoolId } = await deployed(stack);
  const user = { ClientId: clientId, Username: email, Password: PASSWORD };
  await call('SignUp', { ...user, UserAttributes: verified(email) }, stack);
  await call('AdminConfirmSignUp', { UserPoolId: userPoolId, Username: email }, stack);
  return email;
}

/**
 * The code that the emulator has sent to a user. Waits for the first: the page's request may be
 * under way.
 */
export async function codeOf(email: string, stack = STACK): Promise<string> {
  const { userPoolId } = await deployed(stack);
  const path = `/_fakecloud/cognito/confirmation-codes/${userPoolId}/${encodeURIComponent(email)}`;
  const sent = async () => {
    const { confirmationCode } = (await (await fetch(stack.awsUrl + path)).json()) as {
      confirmationCode: string | null;
    };
    if (!confirmationCode) throw new Error(`no code was sent to ${email}`);
    return confirmationCode;
  };
  return vi.waitFor(sent, { timeout: 20_000 });
}

/** The page's configuration. */
async function deployed({ pageUrl } = STACK): Promise<{ userPoolId: string; clientId: string }> {
  const response = await fetch(`${pageUrl}/config.json`);
  return (await response.json()) as { userPoolId: string; clientId: string };
}

function verified(email: string): object[] {
  return [
    { Name: 'email', Value: email },
    { Name: 'email_verified', Value: 'true' },
  ];
}

/** Calls an operation of the user pool as its operator. */
async function call(operation: string, body: object, { awsUrl } = STACK): Promise<void> {
  const response = await fetch(awsUrl, {
    method: 'POST',
    headers: {
      authorization:
        'AWS4-HMAC-SHA256 Credential=test/20260101/us-east-1/cognito-idp/aws4_request, SignedHeaders=host, Signature=0',
      'content-type': 'application/x-amz-json-1.1',
      'x-amz-target': `AWSCognitoIdentityProviderService.${operation}`,
    },
    body: JSON.stringify(body),
  });
  if (!response.ok) throw new Error(`${operation}: ${response.status} ${await response.text()}`);
}

/** Calls an operation of the user pool as the page does. */
export async function asThePage(operation: string, body: object, stack = STACK): Promise<Response> {
  const { clientId } = await deployed(stack);
  return fetch(`${stack.pageUrl}/cognito`, {
    method: 'POST',
    headers: {
      'content-type': 'application/x-amz-json-1.1',
      'x-amz-target': `AWSCognitoIdentityProviderService.${operation}`,
    },
    body: JSON.stringify({ ClientId: clientId, ...body }),
  });
}
