import { z } from 'zod';
import { label } from '../../service/definition/fields.ts';
import { readVariable, type Variables } from '../../service/variables.ts';
import { listenSchema, sentenceOf, targetSchema } from './control/wire.ts';

const schema = z.strictObject(
  {
    control: listenSchema,
    proxies: z
      .array(
        z.strictObject({
          name: label,
          listen: listenSchema,
          target: targetSchema,
          protocol: z.enum(['tcp', 'http'], { error: "'tcp' or 'http'" }),
        }),
        { error: 'a list of proxies' },
      )
      .min(1, { error: 'a list of at least one proxy' })
      .refine((proxies) => new Set(proxies.map(({ name }) => name)).size === proxies.length, {
        error: 'a list of proxies without a name that stands twice',
      }),
  },
  { error: 'an object with control and proxies' },
);

/** What the fault proxy is told by its environment; this is the only file of it that reads variables. */
export type Settings = z.infer<typeof schema> & {
  /** What the control API asks for; undefined: nothing, and it listens on the loopback address alone. */
  readonly key: string | undefined;
};

const EXAMPLE =
  'FAULT_PROXY={"control":{"host":"127.0.0.1","port":0},"proxies":[{"name":"redis","listen":{"host":"127.0.0.1","port":0},"target":{"host":"127.0.0.1","port":6379},"protocol":"tcp"}]}';
// Shorter ones could be guessed.
const KEY = /^[\x21-\x7e]{16,}$/;

/** Reads FAULT_PROXY and FAULT_PROXY_KEY (or FAULT_PROXY_KEY_FILE). Throws one RangeError that tells what is wrong. */
export function readSettings(variables: Variables): Settings {
  const problems: string[] = [];
  const key = readVariable(variables, 'FAULT_PROXY_KEY', problems);
  if (key !== undefined && !KEY.test(key)) {
    problems.push(
      'FAULT_PROXY_KEY: must be at least 16 characters of ASCII without a space; example: FAULT_PROXY_KEY=$(openssl rand -hex 32)',
    );
  }
  const value = parse(variables.FAULT_PROXY ?? '', problems);
  const isOpen = key === undefined && problems.length === 0;
  if (value && isOpen && !['127.0.0.1', '::1', 'localhost'].includes(value.control.host)) {
    problems.push(
      `FAULT_PROXY_KEY: is missing, and control.host ${value.control.host} is not the loopback address; set one, or listen on 127.0.0.1`,
    );
  }
  if (!value || problems.length > 0) throw new RangeError(`The environment is wrong:\n  ${problems.join('\n  ')}`);
  return { ...value, key };
}

function parse(text: string, problems: string[]): z.infer<typeof schema> | undefined {
  let problem = text === '' ? 'is missing' : 'is not JSON';
  try {
    const { success, data, error } = schema.safeParse(JSON.parse(text));
    if (success) return data;
    problem = sentenceOf(error, 'it');
  } catch {
    // Told below.
  }
  problems.push(`FAULT_PROXY: ${problem}; example: ${EXAMPLE}`);
  return undefined;
}
