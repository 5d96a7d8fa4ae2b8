import type { Facts } from '../facts.ts';
import { configurations } from './configurations.ts';
import type { Connection } from './connection.ts';
import { factsOf, gatewayOf } from './facts-of.ts';
import type { NamespacePaths } from './namespace-paths.ts';
import { readBeside, readDeployment, type Reading } from './reading.ts';

/** Reads what there is, and remembers what it read. */
export type FactsReader = {
  /** As GuardCluster says. */
  readonly readFacts: (now: number, since?: Facts) => Promise<Facts>;
  /** What the last facts rest on; undefined when nothing was read yet or there is no gateway. */
  readonly last: () => Reading | undefined;
};

/** Reads a namespace. */
export function factsReader(connection: Connection, paths: NamespacePaths): FactsReader {
  const configMaps = configurations(connection, paths);
  // Beside the facts, so that these stay plain values.
  const readings = new WeakMap<Facts, Reading>();
  let last: Reading | undefined;

  async function readFacts(now: number, since?: Facts): Promise<Facts> {
    const deployment = await readDeployment(connection, paths);
    if (!deployment) {
      last = undefined;
      return { now, revisions: [], quarantined: [], withoutConfiguration: [] };
    }
    const before = since && readings.get(since);
    const gateway = before && gatewayOf(deployment, before.replicaSets);
    const isAsBefore =
      since?.gateway?.hash !== undefined &&
      before?.deployment.metadata.uid === deployment.metadata.uid &&
      before?.deployment.metadata.generation === deployment.metadata.generation &&
      gateway?.isComplete === since.gateway.isComplete;
    last =
      before && isAsBefore
        ? { ...before, deployment }
        : await readBeside(connection, paths, deployment, configMaps, now);
    const facts = since && gateway && isAsBefore ? { ...since, now, gateway } : factsOf(last, now);
    readings.set(facts, last);
    return facts;
  }

  return { readFacts, last: () => last };
}
