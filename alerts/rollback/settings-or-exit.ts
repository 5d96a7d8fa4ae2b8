import { readSettings, SettingsError, type Settings } from './settings.ts';

/** Exit code for a wrong environment: the program was started in a wrong way. */
const USAGE = 2;

/** What the environment of this process tells the guard; ends the process with every wrong variable when it does not. */
export function settingsOrExit(): Settings {
  try {
    return readSettings(process.env);
  } catch (error) {
    if (!(error instanceof SettingsError)) throw error;
    process.stderr.write(`${error.message}\n`);
    return process.exit(USAGE);
  }
}
