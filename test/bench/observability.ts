import { findFreePort } from '../../service/store/free-port.ts';
import { startFile } from './contestants/contestant.ts';
import { startGateway } from './contestants/gateway.ts';
import { CLOSED_LOOP_PROGRAMS, cpuPerRequest } from './load/closed-loop.ts';
import { canMeasure, type Measure } from './measure.ts';
import { race, ratio } from './race.ts';

/** What lines of the log and traces cost a hit; what metrics cost stands with the processes. */
export async function measureObservability(rounds: number): Promise<readonly Measure[]> {
  if (!canMeasure('logs and traces', CLOSED_LOOP_PROGRAMS)) return [];
  const port = await findFreePort();
  const endpoint = `http://127.0.0.1:${port}`;
  const collector = await startFile('test/bench/peers/collector.ts', `${endpoint}/`, { PORT: String(port) }, '1');
  const silent = { LOG_LEVEL: 'error' };
  const traced = { ...silent, OTEL_EXPORTER_OTLP_ENDPOINT: endpoint };
  try {
    const cost = await race(
      rounds,
      {
        off: () => startGateway({ variables: silent }),
        logs: () => startGateway({ variables: { LOG_LEVEL: 'info' } }),
        traces: () => startGateway({ variables: traced, values: ['telemetry.traces.sample=1%'] }),
      },
      cpuPerRequest,
    );
    return [
      {
        name: 'logs on vs off, processor time per hit',
        value: ratio(cost, 'logs', 'off'),
        unit: 'ratio',
        hold: '≤ 1.10',
      },
      {
        name: 'traces on (1 % sampled) vs off, processor time per hit',
        value: ratio(cost, 'traces', 'off'),
        unit: 'ratio',
        hold: '≤ 1.10',
      },
    ];
  } finally {
    await collector.stop();
  }
}
