import { readFileSync } from 'node:fs';
import { describe, expect, test } from '@jest/globals';
import { parse } from 'yaml';
import { generatedFiles, PROJECT } from '../../infra/generated/files.ts';

describe('a generated file', () => {
  test.each([...generatedFiles()])('%s is what `npm run generate` writes', (path, text) => {
    expect(readFileSync(PROJECT + path, 'utf8')).toBe(text);
  });

  test('compose.yaml has no default password', () => {
    const { services } = parse(readFileSync(`${PROJECT}compose.yaml`, 'utf8')) as {
      services: Record<string, { environment?: Record<string, string> }>;
    };
    const passwords = Object.values(services).flatMap(({ environment }) =>
      Object.entries(environment ?? {}).filter(([name]) => name.endsWith('PASSWORD')),
    );
    expect(passwords.length).toBeGreaterThanOrEqual(3);
    for (const [name, value] of passwords) expect(value).toBe(`\${${name}:?set ${name}}`);
  });
});
