import { createServer } from 'node:http';
import { setTimeout as wait } from 'node:timers/promises';

/** Between two tokens, so that each is written by itself. */
const PAUSE_MS = 1;
/** How long an embedding takes, however many inputs it is of. */
const EMBEDDING_MS = 10;

/** What a stream that is held says. */
const EVENT = 'data: {"choices":[{"index":0,"delta":{"content":"a"},"finish_reason":null}]}\n\n';

/** Embeddings that are worked on at once; those of the others wait, as before a card that has its hands full. */
const AT_ONCE = Number(process.env.AT_ONCE ?? Infinity);

let working = 0;
const waiting: (() => void)[] = [];

function embed(answer: () => void): void {
  if (working >= AT_ONCE) {
    waiting.push(() => embed(answer));
    return;
  }
  working++;
  setTimeout(() => {
    working--;
    answer();
    waiting.shift()?.();
  }, EMBEDDING_MS);
}

let embeddings = 0;

/** A provider of models that tells in each token when it was sent, in nanoseconds of the machine's monotonic clock. */
createServer((request, response) => {
  if (request.method === 'GET') {
    response.end(String(embeddings));
    return;
  }
  const chunks: Buffer[] = [];
  request.on('data', (chunk: Buffer) => chunks.push(chunk));
  request.on('end', () => {
    const asked = JSON.parse(Buffer.concat(chunks).toString()) as {
      readonly model: string;
      readonly stream?: boolean;
      readonly max_tokens?: number;
      readonly input?: string | readonly string[];
    };
    if (asked.input !== undefined) {
      embeddings++;
      const data = [asked.input].flat().map((_, index) => ({ object: 'embedding', index, embedding: [0.1, 0.2] }));
      const usage = { prompt_tokens: data.length, total_tokens: data.length };
      const body = JSON.stringify({ object: 'list', model: asked.model, data, usage });
      embed(() => response.writeHead(200, { 'content-type': 'application/json' }).end(body));
      return;
    }
    const usage = { prompt_tokens: 10, completion_tokens: asked.max_tokens ?? 1 };
    if (asked.stream !== true) {
      const choices = [{ index: 0, message: { role: 'assistant', content: 'a' }, finish_reason: 'stop' }];
      response.writeHead(200, { 'content-type': 'application/json' });
      response.end(JSON.stringify({ object: 'chat.completion', model: asked.model, choices, usage }));
      return;
    }
    response.writeHead(200, { 'content-type': 'text/event-stream' });
    if (asked.max_tokens === undefined) {
      // Held until its client leaves.
      response.write(EVENT);
      return;
    }
    const { max_tokens: tokens } = asked;
    void (async () => {
      for (let token = 0; token < tokens && !response.destroyed; token++) {
        if (token > 0) await wait(PAUSE_MS);
        const content = String(process.hrtime.bigint());
        response.write(`data: {"choices":[{"index":0,"delta":{"content":"${content}"},"finish_reason":null}]}\n\n`);
      }
      response.end(`data: ${JSON.stringify({ choices: [], usage })}\n\ndata: [DONE]\n\n`);
    })();
  });
}).listen(Number(process.env.PORT), '127.0.0.1');
