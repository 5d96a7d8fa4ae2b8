import { beforeEach, describe, expect, test } from '@jest/globals';
import { build, settledDrive } from '../drive.ts';
import { FAILS } from '../traffic.ts';
import { simulate, type Simulated } from './simulated-guard.ts';

let one: Simulated;

beforeEach(() => {
  one = simulate();
});

describe('synthetic requests are ordered', () => {
  test('as long as users alone do not fill the sample, whatever the guard itself adds', async () => {
    one.traffic.rate = 1;
    one.release(build('next1', '1.1.0'));
    await one.seconds(60);
    one.control.sent = 140;
    await one.second();

    expect(one.aims()).toEqual({ release: { hash: 'next1', rate: 5 }, previous: { hash: 'good-b', rate: 5 } });
  });

  test('no longer once they do, for each version by itself', async () => {
    one.traffic.rate = 600;
    one.release(build('next1', '1.1.0'));
    await one.seconds(90);

    expect(one.aims()).toMatchObject({ release: { rate: 0 }, previous: { rate: 0 } });
  });

  test('while Prometheus says nothing', async () => {
    one.traffic.rate = 600;
    one.traffic.answers = false;
    one.release(build('next1', '1.1.0'));
    await one.seconds(90);

    expect(one.aims()).toMatchObject({ release: { rate: 5 }, previous: { rate: 5 } });
  });

  test('for a withdrawn release as long as its pod is there', async () => {
    one.release(build('bad11'), FAILS);
    await one.untilEnd('bad11');
    await one.seconds(5);

    expect(one.aims()).toEqual({ withdrawn: { hash: 'bad11-w', rate: 1 } });
  });

  test('by nobody where the definition has none', async () => {
    one = simulate(settledDrive({ policy: { probes: 0 } }));
    one.release(build('next1', '1.1.0'));
    await one.seconds(60);

    expect(one.aims()).toEqual({});
  });
});
