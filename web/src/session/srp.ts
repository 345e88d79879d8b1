/*
 * The client's half of SRP-6a as Cognito speaks it: the password never leaves the page.
 *
 * The existing libraries bundle their own big integers and hash function, 43 kB compressed. BigInt
 * and WebCrypto of the browser reduce that to this file.
 */

/** The 3072-bit group of RFC 5054. */
const N = BigInt(
  `0x${[
    'FFFFFFFFFFFFFFFFC90FDAA22168C234C4C6628B80DC1CD129024E088A67CC74020BBEA63B139B22514A08798E3404DDEF9519B3CD',
    '3A431B302B0A6DF25F14374FE1356D6D51C245E485B576625E7EC6F44C42E9A637ED6B0BFF5CB6F406B7EDEE386BFB5A899FA5AE9F',
    '24117C4B1FE649286651ECE45B3DC2007CB8A163BF0598DA48361C55D39A69163FA8FD24CF5F83655D23DCA3AD961C62F356208552',
    'BB9ED529077096966D670C354E4ABC9804F1746C08CA18217C32905E462E36CE3BE39E772C180E86039B2783A2EC07A28FB5C55DF0',
    '6F4C52C9DE2BCBF6955817183995497CEA956AE515D2261898FA051015728E5A8AAAC42DAD33170D04507A33A85521ABDF1CBA64EC',
    'FB850458DBEF0A8AEA71575D060C7DB3970F85A6E1E4C7ABF5AE8CDB0933D71E8C94E04A25619DCEE3D2261AD2EE6BF12FFA06D98A',
    '0864D87602733EC86A64521F2B18177B200CBBE117577A615D6C770988C0BAD946E208E24FA074E5AB3143DB5BFCE0FD108E4B82D1',
    '20A93AD2CAFFFFFFFFFFFFFFFF',
  ].join('')}`,
);
const G = 2n;

/** The `PASSWORD_VERIFIER` challenge of the user pool. */
export interface PasswordChallenge {
  /** The pool's id without its region. */
  poolName: string;
  /** `USER_ID_FOR_SRP`. */
  userId: string;
  /** `SRP_B` and `SALT`, in hexadecimal. */
  serverKey: string;
  salt: string;
  /** `SECRET_BLOCK`, in base64. */
  secretBlock: string;
  /** The output of [`timestamp`], which is signed and sent. */
  timestamp: string;
}

/** One sign-in attempt, with a secret that is used once. */
export class Handshake {
  readonly #secret: bigint;
  /** `SRP_A`, in hexadecimal. */
  readonly clientKey: string;

  constructor(secret: bigint = fromBytes(crypto.getRandomValues(new Uint8Array(128)))) {
    this.#secret = secret % N;
    this.clientKey = power(G, this.#secret).toString(16);
  }

  /** `PASSWORD_CLAIM_SIGNATURE`: proof of the password, in base64. */
  async prove(password: string, challenge: PasswordChallenge): Promise<string> {
    const { poolName, userId } = challenge;
    const a = BigInt(`0x${this.clientKey}`);
    const b = BigInt(`0x${challenge.serverKey}`);
    const u = fromBytes(await sha256(padded(a), padded(b)));
    // With these values, a hostile server would learn something about the password.
    if (b % N === 0n || u === 0n) throw new Error('the user pool sent an unusable key');

    const salt = padded(BigInt(`0x${challenge.salt}`));
    const x = fromBytes(await sha256(salt, await sha256(utf8(`${poolName}${userId}:${password}`))));
    const k = fromBytes(await sha256(padded(N), padded(G)));
    const base = (((b - k * power(G, x)) % N) + N) % N;
    const shared = power(base, this.#secret + u * x);
    const key = await derive(padded(shared), padded(u));
    const block = Uint8Array.from(atob(challenge.secretBlock), byte => byte.charCodeAt(0));
    const message = join(utf8(poolName), utf8(userId), block, utf8(challenge.timestamp));
    return btoa(String.fromCharCode(...(await hmac(key, message))));
  }
}

/**
 * Formats a time as Cognito requires it, the day without a leading zero: `Mon Nov 3 09:05:01 UTC
 * 2026`.
 */
export function timestamp(now: Date): string {
  const [weekday, day, month, year, time] = now.toUTCString().replace(',', '').split(' ');
  return `${weekday} ${month} ${Number(day)} ${time} UTC ${year}`;
}

/** HKDF with one block, cut to 16 bytes. */
async function derive(shared: Bytes, salt: Bytes): Promise<Bytes> {
  const pseudoRandom = await hmac(salt, shared);
  const block = await hmac(pseudoRandom, join(utf8('Caldera Derived Key'), new Uint8Array([1])));
  return block.slice(0, 16);
}

type Bytes = Uint8Array<ArrayBuffer>;

function power(base: bigint, exponent: bigint): bigint {
  let result = 1n;
  let square = base % N;
  for (let rest = exponent; rest > 0n; rest >>= 1n) {
    if (rest & 1n) result = (result * square) % N;
    square = (square * square) % N;
  }
  return result;
}

/**
 * Encodes an integer big-endian, with a leading zero byte if the first bit would be read as a sign.
 */
function padded(number: bigint): Bytes {
  const text = number.toString(16);
  const even = text.length % 2 === 0 ? text : `0${text}`;
  const signed = /^[89a-f]/.test(even) ? `00${even}` : even;
  return Uint8Array.from(signed.match(/../g) ?? [], byte => Number.parseInt(byte, 16));
}

function fromBytes(bytes: Uint8Array): bigint {
  return bytes.reduce((number, byte) => (number << 8n) | BigInt(byte), 0n);
}

function utf8(text: string): Bytes {
  return new TextEncoder().encode(text);
}

function join(...parts: Uint8Array[]): Bytes {
  const joined = new Uint8Array(parts.reduce((length, part) => length + part.length, 0));
  let offset = 0;
  for (const part of parts) {
    joined.set(part, offset);
    offset += part.length;
  }
  return joined;
}

async function sha256(...parts: Uint8Array[]): Promise<Bytes> {
  return new Uint8Array(await crypto.subtle.digest('SHA-256', join(...parts)));
}

async function hmac(key: Bytes, message: Bytes): Promise<Bytes> {
  const imported = await crypto.subtle.importKey('raw', key, { name: 'HMAC', hash: 'SHA-256' }, false, [
    'sign',
  ]);
  return new Uint8Array(await crypto.subtle.sign('HMAC', imported, message));
}
