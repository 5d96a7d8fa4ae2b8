import { randomBytes, scrypt, timingSafeEqual } from 'node:crypto';
import { promisify } from 'node:util';
import { createWorkQueue } from './work-queue.ts';

type Cost = { readonly ln: number; readonly r: number; readonly p: number };

const derive = promisify<string, Buffer, number, { N: number; r: number; p: number; maxmem: number }, Buffer>(scrypt);

/**
 * Cost of one hash: 16 MiB and about 0.2 s of a core, one of the equivalent settings of the OWASP Password Storage
 * Cheat Sheet; the one with the least memory, since two can run at once beside a worker's heap.
 */
const COST: Cost = { ln: 14, r: 8, p: 5 };
/**
 * A flood of log-ins takes half of the four threads that files and name look-ups need too, and makes nobody wait longer
 * than the log-in's own deadline: twenty that wait are some two seconds.
 */
const queue = createWorkQueue({ atOnce: 2, waiting: 20, retryAfterSeconds: 2 });
const SALT_BYTES = 16;
const HASH_BYTES = 32;
/** Costs that a stored hash may ask for: beyond it stands a mistake, or an attempt to exhaust the memory. */
const MAX_MEMORY = 256 * 2 ** 20;
const FORMAT = /^\$scrypt\$ln=(\d{1,2}),r=(\d{1,2}),p=(\d{1,2})\$([\w+/]+)\$([\w+/]+)$/;

/** What an unknown user's password is compared with, so that it takes as long as a known user's. Fits no password. */
export const NO_PASSWORD = encode(COST, Buffer.alloc(SALT_BYTES), Buffer.alloc(HASH_BYTES));

/** The hash of a password with a new salt, as text that carries its parameters: `$scrypt$ln=14,r=8,p=5$salt$hash`. */
export async function hashPassword(password: string): Promise<string> {
  const salt = randomBytes(SALT_BYTES);
  return encode(COST, salt, await run(password, salt, COST));
}

/**
 * Whether the password is the one of a hash, in time that does not depend on it. Rejects on text that is no hash, with
 * the Problem `overloaded` when too many wait to be hashed, and with the signal's reason when that aborts in the queue.
 */
export async function verifyPassword(password: string, encoded: string, signal?: AbortSignal): Promise<boolean> {
  const [, ln, r, p, salt = '', hash = ''] = FORMAT.exec(encoded) ?? [];
  if (ln === undefined) throw new Error('A stored password hash is not of the form $scrypt$ln=,r=,p=$salt$hash');
  const expected = Buffer.from(hash, 'base64');
  const cost = { ln: Number(ln), r: Number(r), p: Number(p) };
  const actual = await run(password, Buffer.from(salt, 'base64'), cost, signal);
  return expected.length === actual.length && timingSafeEqual(expected, actual);
}

function run(password: string, salt: Buffer, { ln, r, p }: Cost, signal?: AbortSignal): Promise<Buffer> {
  // The same letters can be typed as different code points.
  const letters = password.normalize('NFKC');
  return queue(() => derive(letters, salt, HASH_BYTES, { N: 2 ** ln, r, p, maxmem: MAX_MEMORY }), signal);
}

function encode({ ln, r, p }: Cost, salt: Buffer, hash: Buffer): string {
  const text = (bytes: Buffer): string => bytes.toString('base64').replace(/=+$/, '');
  return `$scrypt$ln=${ln},r=${r},p=${p}$${text(salt)}$${text(hash)}`;
}
