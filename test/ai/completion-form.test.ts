import { describe, expect, test } from '@jest/globals';
import { eventsFromWhole, isComplete, wholeFromEvents } from '../../service/ai/completion-form.ts';

const head = { id: 'chatcmpl-1', created: 7, model: 'm' };
const usage = { prompt_tokens: 3, completion_tokens: 2 };
const event = (fields: object): string =>
  `data: ${JSON.stringify({ ...head, object: 'chat.completion.chunk', ...fields })}\n\n`;
const delta = (index: number, fields: object, reason: string | null = null): string =>
  event({ choices: [{ index, delta: fields, finish_reason: reason }] });
const DONE = 'data: [DONE]\n\n';
const whole = (...events: string[]) => wholeFromEvents(Buffer.from(events.join('')));

describe('a stream that came to its end', () => {
  test('is the JSON that it would have been, with letters of several bytes', () => {
    const answer = whole(
      ': hello\n\n',
      delta(0, { role: 'assistant', content: '' }),
      delta(0, { content: 'Grüße ' }),
      delta(0, { content: '€😀' }),
      delta(0, {}, 'stop'),
      event({ choices: [], usage }),
      DONE,
    );

    expect(answer).toEqual({
      ...head,
      object: 'chat.completion',
      choices: [{ index: 0, message: { role: 'assistant', content: 'Grüße €😀' }, finish_reason: 'stop' }],
      usage,
      system_fingerprint: undefined,
    });
    expect(isComplete(answer)).toBe(true);
  });

  test('has each of several answers, and the calls of tools in one piece', () => {
    const call = (fields: object) => ({ tool_calls: [{ index: 0, ...fields }] });
    const answer = whole(
      delta(1, { role: 'assistant', content: 'b' }),
      delta(0, call({ id: 'c1', type: 'function', function: { name: 'search', arguments: '' } })),
      delta(0, call({ function: { arguments: '{"q":' } })),
      delta(0, call({ function: { arguments: '"a"}' } })),
      delta(0, {}, 'tool_calls'),
      delta(1, {}, 'length'),
      DONE,
    ) as { choices: unknown[] };

    expect(answer.choices).toEqual([
      {
        index: 0,
        message: {
          role: 'assistant',
          content: null,
          tool_calls: [{ id: 'c1', type: 'function', function: { name: 'search', arguments: '{"q":"a"}' } }],
        },
        finish_reason: 'tool_calls',
      },
      { index: 1, message: { role: 'assistant', content: 'b' }, finish_reason: 'length' },
    ]);
  });

  test('comes again as events that make the same JSON', () => {
    const answer = whole(
      delta(0, { role: 'assistant', content: 'a' }),
      delta(0, {}, 'stop'),
      event({ choices: [], usage }),
      DONE,
    );

    expect(wholeFromEvents(eventsFromWhole(answer ?? {}, true))).toEqual(answer);
    expect(eventsFromWhole(answer ?? {}, false).toString()).not.toContain('usage');
  });
});

test.each([
  ['is cut before its end', [delta(0, { content: 'a' }), delta(0, {}, 'stop')]],
  ['ends without a reason', [delta(0, { content: 'a' }), DONE]],
  ['has an event that is no JSON', [delta(0, { content: 'a' }), 'data: {"choices"\n\n', delta(0, {}, 'stop'), DONE]],
  ['tells of an error', [delta(0, { content: 'a' }), delta(0, {}, 'stop'), event({ error: { message: 'b' } }), DONE]],
  ['says nothing', [DONE]],
  ['has an event of null', ['data: null\n\n', delta(0, { content: 'a' }, 'stop'), DONE]],
  ['has a delta of null', [event({ choices: [{ index: 0, delta: null, finish_reason: 'stop' }] }), DONE]],
  ['has a choice of null', [event({ choices: [null] }), delta(0, {}, 'stop'), DONE]],
  ['has parts of another kind', [delta(0, { function_call: { name: 'a' } }), delta(0, {}, 'stop'), DONE]],
])('a stream that %s is none', (_what, events) => {
  expect(whole(...events)).toBeUndefined();
});

test.each([undefined, {}, { choices: [] }, { choices: [null] }, { choices: [{ finish_reason: null }] }, { error: {} }])(
  '%p is not complete',
  (answer) => {
    expect(isComplete(answer)).toBe(false);
  },
);
