import { describe, expect, test } from '@jest/globals';
import { findCommit, imageReference } from '../../infra/synth/image.ts';

const image = { repository: 'ghcr.io/acme/orders', pullPolicy: 'Always' } as const;

describe('the image', () => {
  test('is named by version and commit', () => {
    expect(imageReference({ image, version: '1.4.0' }, '8c1f1af')).toBe('ghcr.io/acme/orders:1.4.0-8c1f1af');
  });

  test('is named by version where there is no commit', () => {
    expect(imageReference({ image, version: '1.4.0' })).toBe('ghcr.io/acme/orders:1.4.0');
  });

  test('is named by digest where the definition has one', () => {
    const digest = `sha256:${'0'.repeat(64)}`;

    expect(imageReference({ image: { ...image, digest }, version: '1.4.0' }, '8c1f1af')).toBe(
      `ghcr.io/acme/orders@${digest}`,
    );
  });
});

describe('the commit', () => {
  test('is the one of the environment, shortened', () => {
    expect(findCommit({ SLUICE_COMMIT: '8c1f1af0123456789' })).toBe('8c1f1af');
  });

  test('is what git says otherwise, or nothing', () => {
    expect(findCommit({}) ?? '0000000').toMatch(/^[0-9a-f]{7}$/);
  });

  test('is refused when it is none', () => {
    expect(() => findCommit({ SLUICE_COMMIT: 'latest' })).toThrow("SLUICE_COMMIT is 'latest', must be a commit");
  });
});
