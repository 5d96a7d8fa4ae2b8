let isKeptOn = false;

/** Keeps the command going when its output is no longer read: it changes something, and is not to stop in the middle. */
export function keepOnUnread(): void {
  isKeptOn = true;
}

/** A reader that has seen enough, `sluice check | head -1`, or a terminal that went away, is no failure. */
export function onOutputError(error: Error & { code?: string }): void {
  if (error.code !== 'EPIPE' && error.code !== 'EIO') throw error;
  if (!isKeptOn) process.exit();
}
