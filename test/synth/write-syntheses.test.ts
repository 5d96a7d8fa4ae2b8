import { spawnSync } from 'node:child_process';
import {
  existsSync,
  mkdirSync,
  mkdtempSync,
  readdirSync,
  readFileSync,
  renameSync,
  rmSync,
  writeFileSync,
} from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { afterEach, beforeEach, describe, expect, test } from '@jest/globals';
import type { Synthesis } from '../../infra/synth/synthesize.ts';
import { writeSyntheses } from '../../infra/synth/write-syntheses.ts';
import type { EnvironmentName } from '../../service/definition/index.ts';

const MODULE = fileURLToPath(new URL('../../infra/synth/write-syntheses.ts', import.meta.url));

let parent: string;
let out: string;

beforeEach(() => {
  parent = mkdtempSync(join(tmpdir(), 'sluice-synth-'));
  out = join(parent, 'dist');
});
afterEach(() => rmSync(parent, { recursive: true }));

function synthesis(environment: EnvironmentName, files: Record<string, string>): Synthesis {
  return { environment, manifests: [], chaos: [], files: new Map(Object.entries(files)) };
}

const read = (path: string) => readFileSync(join(out, path), 'utf8');

describe('writing to a folder', () => {
  test('makes it, with every file of every environment', () => {
    out = join(parent, 'some', 'where');

    writeSyntheses([synthesis('dev', { 'a/b.yaml': 'one' }), synthesis('prod', { 'c.yaml': 'two' })], out);

    expect(read('dev/a/b.yaml')).toBe('one');
    expect(read('prod/c.yaml')).toBe('two');
  });

  test('takes away files that an environment no longer has', () => {
    writeSyntheses([synthesis('dev', { 'old.yaml': '' })], out);
    writeSyntheses([synthesis('dev', { 'new.yaml': '' })], out);

    expect(readdirSync(join(out, 'dev'))).toEqual(['new.yaml']);
  });

  test('leaves environments alone that are not written', () => {
    writeSyntheses([synthesis('dev', { a: 'dev' }), synthesis('prod', { a: 'prod' })], out);
    writeSyntheses([synthesis('dev', { a: 'again' })], out);

    expect([read('dev/a'), read('prod/a')]).toEqual(['again', 'prod']);
  });

  test('leaves nothing else beside it', () => {
    writeSyntheses([synthesis('dev', { a: '' })], out);
    writeSyntheses([synthesis('dev', { a: '' })], out);

    expect(readdirSync(parent)).toEqual(['dist']);
  });
});

describe('an interrupted write', () => {
  beforeEach(() => writeSyntheses([synthesis('dev', { a: 'old', b: 'old' })], out));

  test('leaves the old folder whole after an error', () => {
    const impossible = synthesis('dev', { a: 'new', 'a/below-a-file': '' });

    expect(() => writeSyntheses([impossible], out)).toThrow();
    expect([read('dev/a'), read('dev/b')]).toEqual(['old', 'old']);
    expect(readdirSync(parent)).toEqual(['dist']);
  });

  test('leaves the old folder whole after a kill', () => {
    const program = `
      import { writeSyntheses } from ${JSON.stringify(MODULE)};
      const files = (function* () { yield ['a', 'new']; process.kill(process.pid, 'SIGKILL'); })();
      writeSyntheses([{ environment: 'dev', files }], ${JSON.stringify(out)});`;

    const { signal } = spawnSync(process.execPath, ['--input-type=module', '--eval', program]);

    expect(signal).toBe('SIGKILL');
    expect([read('dev/a'), read('dev/b')]).toEqual(['old', 'old']);

    writeSyntheses([synthesis('dev', { a: 'new' })], out);

    expect(readdirSync(parent)).toEqual(['dist']);
  });

  test('is mended by the next one when the kill fell between the two renames', () => {
    renameSync(out, join(parent, '.dist.sluice-previous'));

    writeSyntheses([synthesis('prod', { c: 'new' })], out);

    expect([read('dev/a'), read('prod/c')]).toEqual(['old', 'new']);
  });
});

describe('a folder of somebody else', () => {
  test.each([
    ['without our mark', () => mkdirSync(out)],
    ['with our mark and more', () => writeSyntheses([synthesis('dev', { a: '' })], out)],
  ])('%s is refused and left as it is', (_, prepare) => {
    prepare();
    writeFileSync(join(out, 'thesis.txt'), 'years of work');

    expect(() => writeSyntheses([synthesis('dev', { a: '' })], out)).toThrow(
      /holds what sluice did not write \(thesis.txt\)/,
    );
    expect(read('thesis.txt')).toBe('years of work');
  });

  test('is written to when it is empty', () => {
    mkdirSync(out);

    writeSyntheses([synthesis('dev', { a: '' })], out);

    expect(existsSync(join(out, 'dev/a'))).toBe(true);
  });

  test('that is a file is refused', () => {
    writeFileSync(out, 'text');

    expect(() => writeSyntheses([], out)).toThrow('dist is a file; name a folder to write to');
  });
});
