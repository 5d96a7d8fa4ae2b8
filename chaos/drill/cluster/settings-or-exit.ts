import { DrillSettingsError, readDrillSettings, type DrillSettings } from './settings.ts';

/** Exit code for a wrong environment: the program was started in a wrong way. */
const USAGE = 2;

/** What the environment of this process tells it; ends the process with every wrong variable when it does not. */
export function settingsOrExit(): DrillSettings {
  try {
    return readDrillSettings(process.env);
  } catch (error) {
    if (!(error instanceof DrillSettingsError)) throw error;
    process.stderr.write(`${error.message}\n`);
    return process.exit(USAGE);
  }
}
