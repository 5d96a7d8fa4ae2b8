import { expect, test } from '@jest/globals';
import { startProgram } from '../support/program.ts';
import { identityOf, parsePage } from './page.ts';

test('a gateway that is told its release tells it with every series, also in OpenMetrics', async () => {
  const gateway = await startProgram({ variables: { WORKERS: '1', POD_TEMPLATE_HASH: '7c9d4b' } });
  try {
    const address = `http://127.0.0.1:${gateway.opsPort}/metrics`;
    const { series } = parsePage(await (await fetch(address)).text());
    expect(series.length).toBeGreaterThan(500);
    expect(series.filter(({ labels }) => labels.pod_template_hash !== '7c9d4b').map(identityOf)).toEqual([]);
    const open = await (await fetch(address, { headers: { accept: 'application/openmetrics-text' } })).text();
    expect(open.match(/pod_template_hash="7c9d4b"/g)).toHaveLength(series.length);
  } finally {
    await gateway.stop();
  }
}, 30_000);
