import { describe, expect, test } from '@jest/globals';
import { askedModel, noteAnswered, watchAnswered } from '../../service/ai/answered-model.ts';
import type { ModelUse } from '../../service/gateway/exchange.ts';

const use = (): ModelUse => ({ asked: 'gpt-4o-mini' });

describe('the model of a request', () => {
  test('is what it names, cut to a length, and none where it names none', () => {
    expect(askedModel('gpt-4o-mini')).toEqual({ asked: 'gpt-4o-mini' });
    expect(askedModel('x'.repeat(10_000))?.asked).toHaveLength(100);
    for (const name of [undefined, null, 5, {}, ['a']]) expect(askedModel(name)).toBeUndefined();
  });
});

describe('the model of an answer', () => {
  test.each<[what: string, body: string, answered: string | undefined]>([
    ['at its beginning', '{"id":"1","model":"gpt-4o-mini-2024-07-18","choices":[]}', 'gpt-4o-mini-2024-07-18'],
    ['with blanks', '{ "model" : "a" }', 'a'],
    ['nowhere', '{"choices":[]}', undefined],
    ['not as text', '{"model":5}', undefined],
    ['cut off', '{"model":"gpt', undefined],
    ['too late', `{"text":"${'x'.repeat(5_000)}","model":"late"}`, undefined],
    ['very long', `{"model":"${'x'.repeat(1_000)}"}`, 'x'.repeat(100)],
  ])('is read from a whole body: %s', (_what, body, answered) => {
    const noted = use();
    noteAnswered(noted, Buffer.from(body));
    expect(noted.answered).toBe(answered);
  });

  test('is read from a stream, however its bytes are cut, and from no more than its beginning', () => {
    const noted = use();
    const tap = watchAnswered(noted);
    for (const part of ['data: {"id":"1","mo', 'del":"gpt-', '4o"}\n\n', 'data: {"model":"other"}\n\n'])
      tap.write(Buffer.from(part));
    expect(noted.answered).toBe('gpt-4o');

    const late = use();
    const lateTap = watchAnswered(late);
    for (let part = 0; part < 100; part++) lateTap.write(Buffer.from('x'.repeat(100)));
    lateTap.write(Buffer.from('"model":"late"'));
    expect(late.answered).toBeUndefined();
  });
});
