import { LANES, listedModels, type Service } from '../../definition/index.ts';
// Not by the index, which loads the client of Redis: who checks queries reads the names alone.
import { limitNames } from '../../limit/policy-sets.ts';
import type { Measured } from '../../telemetry/cells.ts';
import { UNMATCHED } from '../router.ts';
import { BREAKERS, modelBreakers } from './breakers.ts';

/** What has series of its own in a gateway that serves the application's routes. */
export function measuredOf(service: Service): Measured {
  const routes = Object.entries(service.routes).map(([id, { method, lane }]) => ({ id, method, lane }));
  return {
    routes: [...routes, { id: UNMATCHED, method: 'any', lane: 'critical' }],
    lanes: LANES,
    limits: limitNames(service),
    breakers: [...Object.keys(BREAKERS), ...modelBreakers(service)],
    models: listedModels(service.ai),
    providers: Object.keys(service.ai.providers),
  };
}
