import { describe, expect, test } from '@jest/globals';
import { checkService } from '../../infra/invariants/index.ts';
import { ALB_TIMES, ingressed, INGRESS, type Others } from '../definition/ingressed.ts';

const { nginx, alb, envoy, haproxy } = INGRESS;
const values = (counts: string) => ({ values: { ...haproxy.values, counts } });

function broken(ingress: object, others?: Others) {
  return checkService(ingressed(ingress, others)).map(({ rule, path, problem }) => ({ rule, path, problem }));
}

describe('the ladders behind a balancer', () => {
  test.each([
    ['counts silence', nginx, {}],
    ['counts silence, within a request and between two', alb, { balancer: ALB_TIMES }],
    ['counts all the time, and gives streams their own', envoy, {}],
    ['is not known, and counts silence', { ...haproxy, ...values('idle') }, {}],
    ['is not known, counts all the time, and has rules', { ...haproxy, kind: 'gateway', ...values('total') }, {}],
  ])('hold when it %s', (_what, ingress, others) => {
    expect(broken(ingress, others)).toEqual([]);
  });

  test('do not hold when it would cut streams', () => {
    const [finding, ...more] = checkService(ingressed({ ...haproxy, ...values('total') }));

    expect(more).toEqual([]);
    expect(finding).toMatchObject({
      rule: 'request-ladder',
      path: 'gateway.streamTimeout',
      problem: "120s gateway.streamTimeout ≥ 65s balancer.requestTimeout, of which 'haproxy' has one for streams too",
    });
    expect(finding?.fixes[0]).toEqual({ settings: ['balancer.requestTimeout=121s'] });
  });

  test('hold again when nothing streams', () => {
    const routes = Object.entries(ingressed(haproxy).routes);
    const whole = Object.fromEntries(routes.map(([id, route]) => [id, { ...route, streams: false }]));

    expect(broken({ ...haproxy, ...values('total') }, { routes: whole })).toEqual([]);
  });

  test('leave an ALB no time that is both longer than a request and shorter than an idle connection', () => {
    const tooLong = { balancer: { requestTimeout: '65s', idleTimeout: '65s' } };

    expect(broken(alb, tooLong)).toMatchObject([{ rule: 'idle-ladder', path: 'gateway.keepAlive' }]);
  });
});
