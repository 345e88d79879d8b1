import { type ChildProcess, spawn } from 'node:child_process';
import { once } from 'node:events';
import type { AddressInfo } from 'node:net';
import { createServer } from 'node:net';
import { join } from 'node:path';
import type { Stack } from './stack';

const WORKSPACE = join(import.meta.dirname, '../..');

export interface SecondStack extends Stack {
  stop(): Promise<void>;
}

/**
 * Starts a stack with template parameters, beside the stack that the tests run against. The
 * parameters can name the page's address.
 */
export async function startStack(
  parameters: (pageUrl: string) => Record<string, string>,
): Promise<SecondStack> {
  const port = await freePort();
  const pageUrl = `http://localhost:${port}`;
  const options = Object.entries(parameters(pageUrl)).flatMap(([name, value]) => [
    '--parameter',
    `${name}=${value}`,
  ]);
  const command = ['run', '--quiet', '--bin', 'local', '--', 'up', '--api-port', String(port), ...options];
  // On Unix, cargo replaces itself with the stack.
  const stack = spawn('cargo', command, { cwd: WORKSPACE, stdio: ['ignore', 'pipe', 'pipe'] });
  // A run that fails early does not call `stop`.
  process.once('exit', () => stack.kill('SIGTERM'));
  const awsUrl = await started(stack);
  const stop = async () => {
    if (stack.exitCode !== null) return;
    stack.kill('SIGTERM');
    await once(stack, 'exit');
  };
  return { pageUrl, awsUrl, stop };
}

/** Waits until the stack prints its addresses, and returns the emulator's. */
function started(stack: ChildProcess): Promise<string> {
  return new Promise((resolve, reject) => {
    let output = '';
    const read = (chunk: Buffer) => {
      output += chunk;
      const url = /^ {2}AWS +(\S+)$/m.exec(output)?.[1];
      if (url && output.includes('Ctrl-C stops everything.')) resolve(url);
    };
    stack.stdout?.on('data', read);
    stack.stderr?.on('data', read);
    stack.on('error', reject);
    stack.on('exit', code => reject(new Error(`the stack ended with ${code}:\n${output}`)));
  });
}

async function freePort(): Promise<number> {
  const server = createServer().listen(0, '127.0.0.1');
  await once(server, 'listening');
  const { port } = server.address() as AddressInfo;
  server.close();
  await once(server, 'close');
  return port;
}
