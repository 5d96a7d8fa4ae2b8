import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { afterEach, beforeEach, describe, expect, test } from '@jest/globals';
import { plainText, readReadmes } from '../../service/upstream/readmes.ts';

describe('readReadmes', () => {
  let modules: string;

  beforeEach(() => {
    modules = mkdtempSync(join(tmpdir(), 'sluice-test-modules-'));
  });

  afterEach(() => rmSync(modules, { recursive: true }));

  const write = (path: string, text: string): void => {
    mkdirSync(dirname(join(modules, path)), { recursive: true });
    writeFileSync(join(modules, path), text);
  };

  test('reads packages with and without a scope, sorted, and nothing below them', async () => {
    write('zeta/README.md', '# The Zeta\n\ntext');
    write('@scope/alpha/readme.markdown', 'no heading');
    write('zeta/node_modules/inner/README.md', '# Inner');
    write('silent/index.js', '');
    write('.package-lock.json', '{}');

    expect(await readReadmes(modules)).toEqual([
      { package: '@scope/alpha', title: '@scope/alpha', text: 'no heading' },
      { package: 'zeta', title: 'The Zeta', text: 'The Zeta text' },
    ]);
  });

  test('reads no more of a README than its bound', async () => {
    write('large/README.md', 'x'.repeat(200_000));

    const [readme] = await readReadmes(modules);

    expect(readme?.text).toHaveLength(65_536);
  });

  test('rejects when there are no packages', async () => {
    await expect(readReadmes(join(modules, 'missing'))).rejects.toThrow('ENOENT');
  });
});

describe('plainText', () => {
  test('keeps the words of Markdown and drops its marks', () => {
    const markdown =
      '# Name [![badge](https://a/b.svg)](https://c)\n\nA **fast** [parser](https://d) of `YAML`.\n\n```js\ncode();\n```\n- one\n- two-three\n<p align="center">end</p>';

    expect(plainText(markdown)).toBe('Name A fast parser of YAML . one two-three end');
  });
});
