import { describe, expect, test } from '@jest/globals';
import { hashPassword, NO_PASSWORD, verifyPassword } from '../../service/app/password.ts';

describe('passwords', () => {
  test('a hash fits its password alone, and no two hashes are alike', async () => {
    const [first, second] = await Promise.all([hashPassword('secret'), hashPassword('secret')]);

    expect(first).not.toBe(second);
    expect(first).not.toContain('secret');
    expect(await verifyPassword('secret', first)).toBe(true);
    expect(await verifyPassword('Secret', first)).toBe(false);
    expect(await verifyPassword('', first)).toBe(false);
  });

  test('an unknown user costs as much as a known one, and no password fits', async () => {
    const costOf = (encoded: string): string => encoded.split('$').slice(0, 3).join('$');

    expect(costOf(NO_PASSWORD)).toBe(costOf(await hashPassword('secret')));
    expect(await verifyPassword('', NO_PASSWORD)).toBe(false);
  });

  test('a hash carries its own cost, so that a later cost leaves it valid', async () => {
    // Test vector of RFC 7914, section 12 (N = 1024, r = 8, p = 16), the first 32 bytes.
    const hash = Buffer.from('fdbabe1c9d3472007856e7190d01e9fe7c6ad7cbc8237830e77376634b373162', 'hex');
    const unpadded = (bytes: Buffer): string => bytes.toString('base64').replaceAll('=', '');
    const encoded = `$scrypt$ln=10,r=8,p=16$${unpadded(Buffer.from('NaCl'))}$${unpadded(hash)}`;

    expect(await verifyPassword('password', encoded)).toBe(true);
  });

  test('a flood of them is refused beyond what a queue holds, and the rest is done', async () => {
    const cheap = '$scrypt$ln=10,r=8,p=1$AAAAAAAAAAAAAAAAAAAAAA$AAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAA';

    const ends = await Promise.allSettled(Array.from({ length: 50 }, () => verifyPassword('secret', cheap)));

    const refused = ends.flatMap((end) => (end.status === 'rejected' ? [end.reason as { code: string }] : []));
    expect(new Set(refused.map(({ code }) => code))).toEqual(new Set(['overloaded']));
    expect(refused).toHaveLength(28);
    expect(await verifyPassword('secret', cheap)).toBe(false);
  });

  test('one whose client has left while waiting is not hashed', async () => {
    const cheap = '$scrypt$ln=10,r=8,p=1$AAAAAAAAAAAAAAAAAAAAAA$AAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAA';

    await expect(verifyPassword('secret', cheap, AbortSignal.abort(new Error('left')))).rejects.toThrow('left');
  });

  test.each(['', 'plain', '$argon2id$v=19$m=1,t=1,p=1$aa$bb'])('%j is no hash', async (encoded) => {
    await expect(verifyPassword('secret', encoded)).rejects.toThrow('$scrypt$');
  });
});
