import type { Component, Identity } from './labels.ts';
import { PRIORITY_CLASSES, type PriorityLevel } from './priority-classes.ts';

/** How urgent the pods of each program are; `later`: they may wait, and are taken away first. */
const LEVELS: Readonly<Record<Component, PriorityLevel | 'later'>> = {
  gateway: 'gateway',
  'gateway-withdrawn': 'gateway',
  // Who withdraws a bad release must not wait for room that its pods have.
  guard: 'gateway',
  // The gateways of a release wait for it.
  migration: 'gateway',
  upstream: 'gateway',
  redis: 'datastore',
  'redis-cache': 'datastore',
  'redis-sentinel': 'datastore',
  postgres: 'datastore',
  'postgres-cluster': 'datastore',
  'postgres-pooler': 'datastore',
  'postgres-backup': 'later',
  'redis-exporter': 'monitoring',
  'postgres-exporter': 'monitoring',
  prometheus: 'monitoring',
  alertmanager: 'monitoring',
  grafana: 'monitoring',
  drill: 'monitoring',
  // Who takes a fault back must not wait for room, nor must what stands in front of a store lose its place.
  'drill-keeper': 'gateway',
  'drill-proxy': 'gateway',
};

/** Name of the PriorityClass of a program's pods; undefined where they name none. */
export function priorityOf({ priorityClass }: Identity, component: Component): string | undefined {
  const level = LEVELS[component];
  return priorityClass === 'none' || level === 'later' ? undefined : PRIORITY_CLASSES[level].name;
}
