/**
 * To be imported by a main module before it loads its program: from then on SIGTERM and SIGINT end the process, with
 * code 0, as long as nobody else listens for them. What the program installs once it runs takes over by being there.
 *
 * The kernel drops a signal to the first process of a container that has no handler for it. A pod that is told to stop
 * while it loads its modules would learn of it only when its grace period is over, minutes later.
 */
const SIGNALS = ['SIGTERM', 'SIGINT'] as const;

for (const signal of SIGNALS) {
  process.on(signal, () => {
    // Nothing has begun that would have to be finished. What workers there are end with the primary.
    if (process.listenerCount(signal) === 1) process.exit(0);
  });
}
