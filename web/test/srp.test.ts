import { createHash, createHmac } from 'node:crypto';
import { expect, test } from 'vitest';
import { Handshake, timestamp } from '../src/session/srp';

/*
 * The user pool's half of SRP, from the verifier that it stores instead of the password. Both
 * halves compute the same key in different ways: this server never computes x from the password,
 * and the client never knows b.
 */
const N = (2n ** 3072n - 2n ** 3008n - 1n + 2n ** 64n * BigInt(PI())) as bigint;
function PI(): string {
  // RFC 3526: 2^3072 - 2^3008 - 1 + 2^64 * { [2^2942 pi] + 1690314 }
  const bits = 2942n;
  const one = 1n << (bits + 64n);
  const arctan = (x: bigint) => {
    let term = one / x;
    let sum = term;
    for (let n = 3n, sign = -1n; term !== 0n; n += 2n, sign = -sign) {
      term /= x * x;
      sum += (sign * term) / n;
    }
    return sum;
  };
  const pi = (4n * (4n * arctan(5n) - arctan(239n))) >> 64n;
  return String(pi + 1690314n);
}

const modPow = (base: bigint, exponent: bigint): bigint => {
  let result = 1n;
  for (let rest = exponent, square = base % N; rest > 0n; rest >>= 1n, square = (square * square) % N) {
    if (rest & 1n) result = (result * square) % N;
  }
  return result;
};
const pad = (number: bigint): Buffer => {
  const hex = number.toString(16);
  const even = hex.length % 2 ? `0${hex}` : hex;
  return Buffer.from(Number.parseInt(even.slice(0, 2), 16) > 127 ? `00${even}` : even, 'hex');
};
const hash = (...parts: (Buffer | string)[]): Buffer =>
  parts.reduce((h, part) => h.update(part), createHash('sha256')).digest();
const number = (bytes: Buffer): bigint => BigInt(`0x${bytes.toString('hex')}`);

const CHALLENGE = {
  poolName: 'Ab3dE6gHi',
  userId: '9ced7bbf-2c0f-4f5b-bcb7-8c40feaeb388',
  salt: '9e282a86c7a8f60990d40be35d9d328f',
  secretBlock: Buffer.from('opaque').toString('base64'),
  timestamp: 'Mon Nov 3 09:05:01 UTC 2026',
};

/** The server's key, and the signature that it expects of a client with the password. */
function server(password: string, clientKey: string) {
  const x = number(
    hash(pad(BigInt(`0x${CHALLENGE.salt}`)), hash(`${CHALLENGE.poolName}${CHALLENGE.userId}:${password}`)),
  );
  const verifier = modPow(2n, x);
  const secret = 123456789012345678901234567890n;
  const b = (number(hash(pad(N), pad(2n))) * verifier + modPow(2n, secret)) % N;
  const a = BigInt(`0x${clientKey}`);
  const u = number(hash(pad(a), pad(b)));
  const shared = modPow(a * modPow(verifier, u), secret);
  const pseudoRandom = createHmac('sha256', pad(u)).update(pad(shared)).digest();
  const key = createHmac('sha256', pseudoRandom).update('Caldera Derived Key\u0001').digest().subarray(0, 16);
  const message = [CHALLENGE.poolName, CHALLENGE.userId, Buffer.from('opaque'), CHALLENGE.timestamp];
  const proof = message.reduce((mac, part) => mac.update(part), createHmac('sha256', key)).digest('base64');
  return { serverKey: b.toString(16), proof };
}

test('whoever knows the password proves it', async () => {
  for (let attempt = 0; attempt < 5; attempt += 1) {
    const handshake = new Handshake();
    const { serverKey, proof } = server('Correct-horse-1', handshake.clientKey);
    expect(await handshake.prove('Correct-horse-1', { ...CHALLENGE, serverKey })).toBe(proof);
  }
});

test('whoever does not, does not', async () => {
  const handshake = new Handshake();
  const { serverKey, proof } = server('Correct-horse-1', handshake.clientKey);
  expect(await handshake.prove('Wrong-horse-1', { ...CHALLENGE, serverKey })).not.toBe(proof);
});

test('a server that sends nothing to prove against is refused', async () => {
  const handshake = new Handshake();
  for (const serverKey of ['0', N.toString(16)]) {
    await expect(handshake.prove('x', { ...CHALLENGE, serverKey })).rejects.toThrow('unusable key');
  }
});

test('a time is written as Cognito takes it', () => {
  expect(timestamp(new Date('2026-11-03T09:05:01Z'))).toBe('Tue Nov 3 09:05:01 UTC 2026');
  expect(timestamp(new Date('2026-11-23T19:05:01Z'))).toBe('Mon Nov 23 19:05:01 UTC 2026');
});
