import { compared } from '../comparison.ts';
import type { Invariant } from '../finding.ts';
import { above, below, timeOf } from '../time.ts';

/** Whoever sends on an idle connection closes it first: the opposite direction of the request ladder. */
export const idleLadder: Invariant = {
  id: 'idle-ladder',
  layers: ['balancer', 'gateway', 'upstream'],
  reason:
    'A connection that the receiver closes while the sender writes to it is lost with the request on it: ' +
    'sporadic 502s that no log explains. So the sender must let go first.',
  formula: 'balancer idle < gateway keep-alive; keep-alive towards the upstream < keep-alive of the upstream',
  example: { settings: ['gateway.keepAlive=5s'] },
  ...compared(({ balancer, gateway, upstream }) => {
    const balancerIdle = timeOf('balancer.idleTimeout', balancer.idleTimeout);
    const gatewayIdle = timeOf('gateway.keepAlive', gateway.keepAlive);
    const outgoingIdle = timeOf('upstream.keepAlive of the gateway', upstream.keepAlive);
    const upstreamIdle = timeOf('upstream.serverKeepAlive', upstream.serverKeepAlive);
    return [
      {
        path: 'gateway.keepAlive',
        left: balancerIdle,
        required: '<',
        right: gatewayIdle,
        unit: 'ms',
        fixes: [
          [`gateway.keepAlive=${above(balancerIdle.value)}`],
          [`balancer.idleTimeout=${below(gatewayIdle.value)}`],
        ],
      },
      {
        path: 'upstream.keepAlive',
        left: outgoingIdle,
        required: '<',
        right: upstreamIdle,
        unit: 'ms',
        fixes: [
          [`upstream.keepAlive=${below(upstreamIdle.value)}`],
          [`upstream.serverKeepAlive=${above(outgoingIdle.value)}`],
        ],
      },
    ];
  }),
};
