import { describe, expect, test } from '@jest/globals';
import { createSearchIndex } from '../../service/upstream/search-index.ts';

const readme = (name: string, text: string) => ({ package: name, title: name, text });

describe('the search index', () => {
  test('ranks a name above a text, and much of a word above little', async () => {
    const index = await createSearchIndex([
      readme('once', 'A word about a limiter among many other words that say something else.'),
      readme('often', 'A limiter is a limiter is a limiter.'),
      readme('limiter', 'Nothing more to say.'),
      readme('other', 'Nothing to do with it.'),
    ]);

    const { total, results } = index.search('limiter', 10);

    expect(total).toBe(3);
    expect(results.map((result) => result.package)).toEqual(['limiter', 'often', 'once']);
  });

  test('asks for all words, and only where no text has them all for some', async () => {
    const index = await createSearchIndex([readme('both', 'rate and limit'), readme('one', 'rate rate rate')]);

    expect(index.search('rate limit', 10).results.map((result) => result.package)).toEqual(['both']);
    expect(index.search('rate elephant', 10).total).toBe(2);
    expect(index.search('elephant', 10)).toEqual({ total: 0, results: [] });
  });

  test('tells the total however few results are asked for', async () => {
    const index = await createSearchIndex(['a', 'b', 'c'].map((name) => readme(name, 'same words')));

    const { total, results } = index.search('words', 2);

    expect([total, results.length]).toEqual([3, 2]);
  });

  test('shows the part of a text where the most words of the query are', async () => {
    const filler = 'lorem ipsum '.repeat(60);
    const text = `rate ${filler} a rate limit stands here ${filler} limit`;
    const index = await createSearchIndex([readme('long', text)]);

    const [result] = index.search('rate limit', 1).results;

    expect(result?.snippet).toContain('a rate limit stands here');
    expect(result?.snippet).toMatch(/^… .* …$/);
    expect(result?.snippet.length).toBeLessThan(300);
  });
});
