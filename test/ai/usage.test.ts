import { expect, test } from '@jest/globals';
import { findUsage } from '../../service/ai/usage.ts';

test.each<[title: string, answer: string, usage: ReturnType<typeof findUsage>]>([
  [
    'of a chat',
    '{"choices":[],"usage":{"prompt_tokens":3,"completion_tokens":5,"total_tokens":8}}',
    { input: 3, output: 5 },
  ],
  ['of a response', '{"usage":{"input_tokens":3,"output_tokens":5}}', { input: 3, output: 5 }],
  ['of a response in a stream', '{"response":{"usage":{"input_tokens":3,"output_tokens":5}}}', { input: 3, output: 5 }],
  ['of embeddings, which have no answer', '{"usage":{"prompt_tokens":3}}', { input: 3, output: undefined }],
  ['with nothing in it', '{"usage":{}}', undefined],
  ['that is null', '{"usage":null}', undefined],
  ['that is a list', '{"usage":[{"prompt_tokens":1}]}', undefined],
  ['that a text talks of', JSON.stringify({ content: '{"usage":{"prompt_tokens":3}}' }), undefined],
  ['below zero', '{"usage":{"prompt_tokens":-3,"completion_tokens":5}}', { input: undefined, output: 5 }],
  ['beyond every model', '{"usage":{"prompt_tokens":1e300,"completion_tokens":1e999}}', undefined],
  ['in parts', '{"usage":{"prompt_tokens":1.5,"completion_tokens":"5"}}', undefined],
  ['not a number', '{"usage":{"prompt_tokens":NaN}}', undefined],
  ['cut off', '{"usage":{"prompt_tokens":3', undefined],
  ['in what is no JSON', 'oops "usage": {', undefined],
])('the usage %s', (_, answer, usage) => {
  expect(findUsage(answer)).toEqual(usage);
  expect(findUsage(Buffer.from(answer))).toEqual(usage);
});

test('is looked for at the end alone of an answer beyond the length of any', () => {
  const usage = '"usage":{"prompt_tokens":3,"completion_tokens":5}';
  expect(findUsage(`{"pad":"${'x'.repeat(100_000)}",${usage}}`)).toEqual({ input: 3, output: 5 });
  expect(findUsage(`{"pad":"${'x'.repeat(300_000)}",${usage}}`)).toEqual({ input: 3, output: 5 });
  expect(findUsage(`{${usage},"pad":"${'x'.repeat(300_000)}"}`)).toBeUndefined();
  // What an answer talks of is no usage.
  expect(findUsage(`{"pad":"${'x'.repeat(300_000)} \\"usage\\": {\\"prompt_tokens\\":1}"}`)).toBeUndefined();
});

test('deep nesting is no failure', () => {
  const depth = 100_000;
  expect(findUsage(`{"a":${'['.repeat(depth)}${']'.repeat(depth)},"usage":{}}`)).toBeUndefined();
});
