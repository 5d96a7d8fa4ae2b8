import type { Service } from '../service/definition/index.ts';
import { METRICS, select, selectExported } from '../service/telemetry/catalogue.ts';
import { THRESHOLDS } from '../service/telemetry/thresholds.ts';

/** How long what the keeper told last is held against it when it tells nothing any more; no experiment lasts so long. */
const TOLD_WITHIN = '1h';

/** No drill has succeeded for longer than it may; before the first, time counts from 1970. */
export function drillMissed({ namespace }: Service): string {
  const last = selectExported(namespace, METRICS.drillLastSuccess);
  return `time() - max by (namespace) (${last}) > ${THRESHOLDS.drilledWithin}`;
}

/** A fault has outlived its deadline; or an experiment ran when the keeper was last heard of, and it is not there. */
export function faultLeft(service: Service): string {
  const { namespace } = service;
  const overdue = `max by (namespace) (${selectExported(namespace, METRICS.drillFaultOverdue)}) > 0`;
  const active = selectExported(namespace, METRICS.drillActive);
  const ran = `max by (namespace) (last_over_time(${active}[${TOLD_WITHIN}])) > 0`;
  return `${overdue} or ${ran} unless on (namespace) max by (namespace) (${reached(service)}) == 1`;
}

/** The keeper does not answer a scrape, or there is none to be scraped; every result carries the same labels. */
export function keeperDown(service: Service): string {
  const up = reached(service);
  return `max by (job, namespace) (${up}) == 0 or absent(${up})`;
}

function reached({ namespace }: Service): string {
  return select(METRICS.up, { job: METRICS.drillActive.exporter, namespace });
}
