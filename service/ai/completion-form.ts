import { createEventData } from './event-data.ts';

/** A chat's answer as JSON, as far as it is read here. */
type Chunk = {
  readonly id?: unknown;
  readonly created?: unknown;
  readonly model?: unknown;
  readonly system_fingerprint?: unknown;
  readonly usage?: unknown;
  readonly error?: unknown;
  readonly choices?: readonly {
    readonly index?: number;
    readonly delta?: Readonly<Record<string, unknown>>;
    readonly finish_reason?: string | null;
    readonly logprobs?: unknown;
  }[];
};
type Message = Record<string, unknown> & { tool_calls?: Record<string, unknown>[] };
type Choice = { readonly index: number; readonly message: Message; finish_reason: string | null };

/** Longer lines are not read, so what they hold would be missing. */
const LONG_LINE = /[^\r\n]{1000000}/;

/** Puts a stream of a chat together as the JSON that it would have been; undefined unless it came to its end. */
export function wholeFromEvents(stream: Buffer): object | undefined {
  const choices = new Map<number, Choice>();
  let head: Chunk | undefined;
  let usage: unknown;
  const state = { isDone: false, isBroken: false };
  const write = createEventData((latin1) => {
    const data = Buffer.from(latin1, 'latin1').toString('utf8').trim();
    if (data === '[DONE]') {
      state.isDone = true;
      return;
    }
    try {
      add(JSON.parse(data) as Chunk);
    } catch {
      // No JSON, or none of this form.
      state.isBroken = true;
    }
  });
  const add = (chunk: Chunk): void => {
    if (chunk.error !== undefined) state.isBroken = true;
    head ??= chunk;
    usage = chunk.usage ?? usage;
    for (const { index = 0, delta = {}, finish_reason, logprobs } of chunk.choices ?? []) {
      if (logprobs) throw new TypeError('what is beside the text is not put together');
      let choice = choices.get(index);
      if (!choice)
        choices.set(index, (choice = { index, message: { role: 'assistant', content: null }, finish_reason: null }));
      addDelta(choice.message, delta);
      choice.finish_reason = finish_reason ?? choice.finish_reason;
    }
  };
  if (LONG_LINE.test(stream.toString('latin1'))) return undefined;
  write(stream);
  const all = [...choices.values()].sort((a, b) => a.index - b.index);
  if (!state.isDone || state.isBroken || !head || all.length === 0 || all.some((each) => each.finish_reason === null))
    return undefined;
  const { id, created, model, system_fingerprint } = head;
  return { id, object: 'chat.completion', created, model, choices: all, usage, system_fingerprint };
}

/** The events of a whole answer of a chat, each of its answers in one piece. */
export function eventsFromWhole(answer: object, wantsUsage: boolean): Buffer {
  const { choices = [], usage, ...rest } = answer as { choices?: readonly Choice[]; usage?: unknown };
  const head = { ...rest, object: 'chat.completion.chunk' };
  const chunk = (fields: object): string =>
    `data: ${JSON.stringify({ ...head, ...fields, ...(wantsUsage && { usage: null }) })}\n\n`;
  const events = choices.flatMap(({ index, message, finish_reason }) => [
    chunk({ choices: [{ index, delta: numbered(message), finish_reason: null }] }),
    chunk({ choices: [{ index, delta: {}, finish_reason }] }),
  ]);
  const told = wantsUsage ? [`data: ${JSON.stringify({ ...head, choices: [], usage })}\n\n`] : [];
  return Buffer.from([...events, ...told, 'data: [DONE]\n\n'].join(''));
}

/** Whether a whole answer can be told as a stream: what stands beside its text has another form there. */
export function mayStream(answer: object): boolean {
  const { choices = [] } = answer as { readonly choices?: readonly { readonly logprobs?: unknown }[] };
  return !choices.some(({ logprobs }) => logprobs);
}

/** Whether a whole answer came to its end in every one of its answers. */
export function isComplete(answer: object | undefined): answer is object {
  const { choices } = (answer ?? {}) as { readonly choices?: unknown };
  if (!Array.isArray(choices) || choices.length === 0) return false;
  return (choices as readonly ({ readonly finish_reason?: unknown } | null)[]).every(
    (each) => typeof each?.finish_reason === 'string',
  );
}

function addDelta(message: Message, delta: Readonly<Record<string, unknown>>): void {
  for (const [name, value] of Object.entries(delta)) {
    if (name === 'tool_calls' && Array.isArray(value)) addCalls((message.tool_calls ??= []), value as Call[]);
    else if (name === 'role') message.role = value;
    else if (typeof value === 'string')
      message[name] = `${typeof message[name] === 'string' ? message[name] : ''}${value}`;
    else if (value !== null) throw new TypeError(`parts of '${name}' are not put together`);
  }
}

type Call = { readonly index?: number; readonly function?: { readonly name?: string; readonly arguments?: string } };

function addCalls(calls: Record<string, unknown>[], deltas: readonly Call[]): void {
  for (const { index = 0, function: called, ...rest } of deltas) {
    const known = (calls[index] ??= {});
    const before = (known.function ?? { name: '', arguments: '' }) as { name: string; arguments: string };
    Object.assign(known, rest, {
      function: { name: before.name + (called?.name ?? ''), arguments: before.arguments + (called?.arguments ?? '') },
    });
  }
}

/** Calls of tools have a number in streams. */
function numbered(message: Message): Message {
  const { tool_calls } = message;
  return tool_calls ? { ...message, tool_calls: tool_calls.map((call, index) => ({ index, ...call })) } : message;
}
