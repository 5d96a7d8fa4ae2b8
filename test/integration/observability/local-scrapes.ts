/** One entry of `scrape_configs`, as far as it differs here. */
type Scrape = {
  readonly job_name: string;
  readonly dns_sd_configs: readonly { readonly names: readonly string[] }[];
  readonly params?: Readonly<Record<string, readonly string[]>>;
};

/** The configuration of a standalone Prometheus, as far as it names addresses. */
export type GeneratedConfig = {
  readonly scrape_configs: readonly Scrape[];
  readonly alerting: { readonly alertmanagers: readonly object[] };
};

/** Where on this machine what has a name on a cluster is. */
export type Addresses = {
  /** Hosts and ports by the name that pods are found by. */
  readonly targets: Readonly<Record<string, readonly string[]>>;
  /** What an exporter is asked about, by its address on a cluster. */
  readonly asked: Readonly<Record<string, string>>;
  readonly alertmanager: string;
};

/**
 * The generated configuration with the addresses of this machine in place of names that a cluster resolves. It is the
 * only thing in which what runs here differs from what runs there; jobs, labels, intervals and rules are untouched.
 */
export function onThisMachine(config: GeneratedConfig, { targets, asked, alertmanager }: Addresses): object {
  const moved = (address: string): string => asked[address] ?? address;
  return {
    ...config,
    alerting: { alertmanagers: [{ static_configs: [{ targets: [alertmanager] }] }] },
    scrape_configs: config.scrape_configs.map(({ dns_sd_configs, params, ...scrape }) => ({
      ...scrape,
      static_configs: [
        { targets: dns_sd_configs.flatMap(({ names }) => names.flatMap((name) => targets[name] ?? [])) },
      ],
      ...(params && {
        params: Object.fromEntries(Object.entries(params).map(([name, values]) => [name, values.map(moved)])),
      }),
    })),
  };
}
