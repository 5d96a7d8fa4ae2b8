import { isIPv6 } from 'node:net';
import type { ProbedVersion } from './metrics.ts';
import { send } from './send.ts';

/** What is asked for by synthetic requests, and of whom. */
export type ProbesOptions = {
  /** `{n}` in one stands for a number that no request before had. */
  readonly paths: readonly string[];
  /** The first such number, whole; random, so that neither another guard nor one that starts again has the same. */
  readonly firstNumber: number;
  /** The gateway's public port. */
  readonly port: number;
  /** By which a gateway knows such requests and holds them by no limit. */
  readonly key: string;
  /** Milliseconds for which what was sent is remembered: the window of the figures. */
  readonly window: number;
  /** Addresses of the Ready pods that are measured under a hash. */
  readonly addresses: (hash: string) => Promise<readonly string[]>;
  /** In milliseconds, of a clock that never goes back. */
  readonly now: () => number;
  readonly onResult: (to: ProbedVersion, result: 'ok' | 'error', reason?: string) => void;
  readonly onFailure: (error: unknown) => void;
};

/** A version to send to: the hash of its pods, and requests a second. */
export type Aim = { readonly hash: string; readonly rate: number };

/** Versions that are asked; those that are absent are left alone. */
export type Aims = Readonly<Partial<Record<ProbedVersion, Aim>>>;

/** Synthetic requests under way. */
export type Probes = {
  readonly aim: (aims: Aims) => void;
  /** Sends what is due by now; to be called several times a second. */
  readonly step: () => void;
  /** Requests that were sent to a version in the window. */
  readonly sent: (to: ProbedVersion) => number;
};

type Sender = { aim: Aim; debt: number; turn: number; readonly sent: number[]; underWay: number };
type Known = { readonly at: number; readonly addresses: readonly string[] };

const TIMEOUT = 5_000;
// As many as wait for one that does not answer at ten a second.
const MAX_UNDER_WAY = 50;
// One request a second is due after so many milliseconds.
const ONE = 1_000;
// A guard that was held up does not make good for more than so many milliseconds at once.
const MAX_DEBT = 1_000;
const ADDRESSES_FOR = 2_000;

/** Sends synthetic requests to pods by their addresses, each pod and each path in turn, on a new connection each. */
export function createProbes(options: ProbesOptions): Probes {
  const { paths, firstNumber, port, key, window, addresses, now, onResult, onFailure } = options;
  const senders = new Map<ProbedVersion, Sender>();
  const known = new Map<string, Known>();
  const reading = new Set<string>();
  let number = firstNumber;
  let steppedAt = now();

  const refresh = (hash: string, at: number): void => {
    if (reading.has(hash) || at - (known.get(hash)?.at ?? Number.NEGATIVE_INFINITY) < ADDRESSES_FOR) return;
    reading.add(hash);
    addresses(hash)
      .then((found) => known.set(hash, { at, addresses: found }), onFailure)
      .finally(() => reading.delete(hash));
  };
  const ask = async (to: ProbedVersion, sender: Sender, address: string, path: string): Promise<void> => {
    const host = isIPv6(address) ? `[${address}]` : address;
    sender.underWay++;
    sender.sent.push(now());
    try {
      const url = `http://${host}:${port}${path}`;
      const { status } = await send({ url, headers: { authorization: `Bearer ${key}` }, timeout: TIMEOUT });
      if (status < 400) onResult(to, 'ok');
      else onResult(to, 'error', `${path} answered with status ${status}`);
    } catch (error) {
      onResult(to, 'error', (error as Error).message);
    }
    sender.underWay--;
  };
  return {
    aim(aims) {
      for (const [to, sender] of senders) if (aims[to]?.hash !== sender.aim.hash) senders.delete(to);
      for (const [to, aim] of Object.entries(aims) as [ProbedVersion, Aim][]) {
        const sender = senders.get(to);
        if (sender) sender.aim = aim;
        else senders.set(to, { aim, debt: 0, turn: 0, sent: [], underWay: 0 });
      }
      const aimed = new Set([...senders.values()].map(({ aim }) => aim.hash));
      for (const hash of known.keys()) if (!aimed.has(hash)) known.delete(hash);
    },
    step() {
      const at = now();
      const passed = at - steppedAt;
      steppedAt = at;
      for (const [to, sender] of senders) {
        const { hash, rate } = sender.aim;
        while (sender.sent[0] !== undefined && sender.sent[0] <= at - window) sender.sent.shift();
        if (rate === 0) continue;
        refresh(hash, at);
        const pods = known.get(hash)?.addresses ?? [];
        sender.debt = Math.min(sender.debt + passed * rate, Math.max(ONE, rate * MAX_DEBT));
        for (; sender.debt >= ONE; sender.debt -= ONE) {
          const address = pods[sender.turn % pods.length];
          const path = paths[Math.floor(sender.turn / pods.length) % paths.length];
          if (address === undefined || path === undefined || sender.underWay >= MAX_UNDER_WAY) continue;
          sender.turn++;
          void ask(to, sender, address, path.replaceAll('{n}', `${number++}`));
        }
      }
    },
    sent: (to) => senders.get(to)?.sent.length ?? 0,
  };
}
