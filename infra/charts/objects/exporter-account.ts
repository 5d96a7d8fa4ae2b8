/** What the exporters' accounts in the stores are called. */
export const EXPORTER_ACCOUNT = 'exporter';
