import { IncomingMessage, ServerResponse } from 'node:http';
import { Socket } from 'node:net';
import { expect, test } from '@jest/globals';
import { bounded } from '../../service/gateway/bounded.ts';

const answer = (): ServerResponse => new ServerResponse(new IncomingMessage(new Socket()));

test('an answer whose client has left takes no place', () => {
  const admit = bounded({ what: 'answers', maxOpen: 1, patienceMs: 60_000 });
  for (let client = 0; client < 3; client++) expect(admit(answer().destroy())).toBe(false);
  expect(admit(answer())).toBe(true);
});

test('an answer gives its place back when it is over', () => {
  const admit = bounded({ what: 'answers', maxOpen: 1, patienceMs: 60_000 });
  const first = answer();
  expect(admit(first)).toBe(true);
  expect(admit(answer())).toBe(false);
  first.emit('close');
  expect(admit(answer())).toBe(true);
});
