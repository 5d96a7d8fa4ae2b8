/** What every peer answers: 495 bytes of JSON, as long as a short list of hits. */
export const BENCH_BODY = JSON.stringify({ query: 'rate limit', results: 'x'.repeat(460) });
