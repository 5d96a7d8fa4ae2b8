import { endConnections } from './end-connections.ts';
import { readCutSettings } from './settings.ts';

/** Ends the connections of a store, so that those who had them connect anew, and thereby through a fault proxy. */
try {
  await endConnections(readCutSettings(process.env));
} catch (error) {
  process.stderr.write(`${(error as Error).message}\n`);
  process.exit(1);
}
