import { Agent, request, type ClientRequest, type IncomingMessage } from 'node:http';
import { median } from '../measure.ts';

/** What streams took: until the first token, and from a provider's sending of a token to its coming. */
export type StreamTimes = { readonly firstMs: number; readonly tokenUs: number };

const WARM_UP = { clients: 16, seconds: 5 };
const STREAMS = 60;
const TOKENS = 50;
const TOKEN = /"content":"(\d+)"/g;

/** Posts JSON to a path of an origin; resolves with the answer's head. */
export function post(origin: string, path: string, body: object, agent: Agent): Promise<IncomingMessage> {
  return new Promise((resolve, reject) => {
    const headers = { 'content-type': 'application/json' };
    const asked: ClientRequest = request(`${origin}${path}`, { method: 'POST', agent, headers }, resolve);
    asked.on('error', reject).end(JSON.stringify(body));
  });
}

/** Reads an answer to its end; throws when it is not 200. */
export async function readAll(answer: IncomingMessage): Promise<string> {
  let text = '';
  for await (const chunk of answer.setEncoding('utf8')) text += chunk as string;
  if (answer.statusCode !== 200) throw new Error(`answered ${answer.statusCode}: ${text}`);
  return text;
}

/** Medians over streams that are asked for one after the other, on a connection that is kept. */
export async function streamTimes(origin: string): Promise<StreamTimes> {
  const agent = new Agent({ keepAlive: true, maxSockets: 1 });
  const messages = [{ role: 'user', content: 'a b c' }];
  const ask = (from: Agent, max_tokens: number): Promise<IncomingMessage> =>
    post(origin, '/v1/chat/completions', { model: 'sample', stream: true, max_tokens, messages }, from);
  // What runs for days has its hot code compiled.
  await askFrom(WARM_UP.clients, WARM_UP.seconds, async (from) => readAll(await ask(from, 1)));
  const firsts: number[] = [];
  const tokens: number[] = [];
  for (let stream = 0; stream < STREAMS; stream++) {
    const began = process.hrtime.bigint();
    const answer = await ask(agent, TOKENS);
    if (answer.statusCode !== 200) throw new Error(`answered ${answer.statusCode}: ${await readAll(answer)}`);
    let isFirst = true;
    for await (const chunk of answer) {
      const now = process.hrtime.bigint();
      for (const [, sent = ''] of (chunk as Buffer).toString('latin1').matchAll(TOKEN)) {
        if (isFirst) firsts.push(Number(now - began) / 1e6);
        else tokens.push(Number(now - BigInt(sent)) / 1e3);
        isFirst = false;
      }
    }
  }
  agent.destroy();
  return { firstMs: median(firsts), tokenUs: median(tokens) };
}

/** Asks from so many clients at once for some seconds; answers per second, and the median time of one in milliseconds. */
export async function askFrom(
  clients: number,
  seconds: number,
  ask: (agent: Agent) => Promise<unknown>,
): Promise<{ readonly rate: number; readonly medianMs: number; readonly count: number }> {
  const agent = new Agent({ keepAlive: true, maxSockets: clients });
  const times: number[] = [];
  const began = performance.now();
  const end = began + seconds * 1000;
  const askOn = async (): Promise<void> => {
    while (performance.now() < end) {
      const from = performance.now();
      await ask(agent);
      times.push(performance.now() - from);
    }
  };
  await Promise.all(Array.from({ length: clients }, askOn));
  const rate = times.length / ((performance.now() - began) / 1000);
  agent.destroy();
  return { rate, medianMs: median(times), count: times.length };
}

/** Opens so many streams that do not end; resolves once each has had a token, with what closes them. */
export async function holdStreams(origin: string, count: number): Promise<() => void> {
  const agent = new Agent({ keepAlive: false, maxSockets: Infinity });
  const body = { model: 'sample', stream: true, messages: [{ role: 'user', content: 'a b c' }] };
  const answers: IncomingMessage[] = [];
  let asked = 0;
  const open = async (): Promise<void> => {
    while (asked++ < count) {
      const answer = await post(origin, '/v1/chat/completions', body, agent);
      if (answer.statusCode !== 200) throw new Error(`answered ${answer.statusCode}: ${await readAll(answer)}`);
      answers.push(answer);
      await new Promise((resolve) => answer.once('data', resolve));
      answer.on('error', () => undefined).resume();
    }
  };
  await Promise.all(Array.from({ length: 50 }, open));
  return () => {
    for (const answer of answers) answer.destroy();
    agent.destroy();
  };
}
