/** The origin that the page and the bucket's CORS rules use. */
export const PAGE_URL = required('HIKIDASHI_API_URL').replace('127.0.0.1', 'localhost');
/** The addresses of a stack. */
export interface Stack {
  pageUrl: string;
  awsUrl: string;
}

/** The stack of the tests that do not start another. */
export const STACK: Stack = { pageUrl: PAGE_URL, awsUrl: required('HIKIDASHI_AWS_URL') };

function required(name: string): string {
  const value = process.env[name];
  if (!value) throw new Error(`${name} is not set: run the tests with \`make web-test\``);
  return value;
}
