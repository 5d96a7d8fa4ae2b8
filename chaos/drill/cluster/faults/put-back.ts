import type { Undo } from '../journal/index.ts';
import { PROXY_OF_LABEL, SELECTOR_ANNOTATION } from '../names.ts';
import { changeConfiguration } from './configuration.ts';
import { leadsAwayFrom } from './endpoints.ts';
import type { FaultContext } from './fault.ts';
import { addressOf } from './pods.ts';
import { waitUntil } from './wait-until.ts';

type Step<Kind extends Undo['kind']> = (
  context: FaultContext,
  undo: Extract<Undo, { readonly kind: Kind }>,
) => Promise<void>;

/** Tables of addresses on nodes follow those of the API server by about so much. */
const SETTLE_MS = 1_500;
const GONE_WITHIN_MS = 120_000;

const STEPS: { readonly [Kind in Undo['kind']]: Step<Kind> } = {
  async proxy(context, { pod, services, turned }) {
    const { place, clock, proxies } = context;
    const there = await place.find('Pod', pod);
    const address = there && addressOf(there);
    // From here on it lets everything pass. One that does not answer is soon gone with what it does.
    if (address !== undefined) await proxies.clear(address).catch(() => undefined);
    if (turned) {
      await turnBack(context, turned);
      await leadsAwayFrom(context, { service: turned.service, pod });
      if (there) await clock.wait(SETTLE_MS);
    }
    await place.remove('Pod', pod, { gracePeriodSeconds: 1 });
    for (const service of services) await place.remove('Service', service);
    await gone(context, `the pod ${pod}`, async () => (await place.find('Pod', pod)) === undefined);
  },
  async replicas({ place }, { workload, name, from, to }) {
    const found = await place.find(workload, name);
    const { replicas } = (found?.spec ?? {}) as { readonly replicas?: number };
    if (replicas === from) await place.scale(workload, name, to);
  },
  async configuration({ place }, { good, bad }) {
    await changeConfiguration(place, bad, good);
  },
  async object(context, { apiVersion, of, name }) {
    const { connection, namespace } = context.place;
    const path = await connection.pathOf({ apiVersion, kind: of }, namespace);
    if (path === undefined) return;
    const answer = await connection.send('DELETE', `${path}/${name}`);
    if (answer.status >= 300 && answer.status !== 404) connection.refuse(answer, `delete ${of} ${name}`);
    // Chaos Mesh holds it back until the fault is gone from every pod.
    await gone(
      context,
      `the ${of} ${name}`,
      async () => (await connection.get(`${path}/${name}`, `get ${of}`)) === undefined,
    );
  },
};

/** Puts one change back and waits until it is. May be called again; rejects when it could not be done. */
export async function putBack(context: FaultContext, undo: Undo): Promise<void> {
  await (STEPS[undo.kind] as Step<Undo['kind']>)(context, undo);
}

/** Only where it leads to a proxy still: whatever else has been set since is somebody's will. */
async function turnBack(
  { place }: FaultContext,
  { service, selector }: NonNullable<Extract<Undo, { readonly kind: 'proxy' }>['turned']>,
): Promise<void> {
  const found = await place.find('Service', service);
  if (!found) return;
  const { selector: now = {} } = found.spec as { readonly selector?: Readonly<Record<string, string>> };
  const isTurned = now[PROXY_OF_LABEL] !== undefined;
  if (!isTurned && found.metadata.annotations?.[SELECTOR_ANNOTATION] === undefined) return;
  const cleared = Object.fromEntries(Object.keys(now).map((key) => [key, null]));
  await place.merge('Service', service, {
    metadata: { annotations: { [SELECTOR_ANNOTATION]: null } },
    ...(isTurned && { spec: { selector: { ...cleared, ...selector } } }),
  });
}

async function gone({ clock }: FaultContext, what: string, isGone: () => Promise<boolean>): Promise<void> {
  await waitUntil(async () => ((await isGone()) ? true : undefined), {
    clock,
    what: `${what} is gone`,
    within: GONE_WITHIN_MS,
  });
}
