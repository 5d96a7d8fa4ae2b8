import type { ImportGraph } from './imports.ts';

type Zone = {
  readonly name: string;
  /** Paths that begin so belong to it; the first zone that matches counts. */
  readonly prefix: string;
  /** Zones that it may import beside itself. */
  readonly mayImport: readonly string[];
};

const GROUND = ['definition', 'catalogue'];

/** Who may import whom. */
export const ZONES: readonly Zone[] = [
  { name: 'definition', prefix: 'service/definition/', mayImport: [] },
  { name: 'catalogue', prefix: 'service/telemetry/catalogue.ts', mayImport: [] },
  { name: 'catalogue', prefix: 'service/telemetry/metric.ts', mayImport: [] },
  { name: 'catalogue', prefix: 'service/telemetry/matcher.ts', mayImport: [] },
  { name: 'catalogue', prefix: 'service/telemetry/rows/', mayImport: [] },
  { name: 'catalogue', prefix: 'service/telemetry/thresholds.ts', mayImport: [] },
  { name: 'expression', prefix: 'service/telemetry/expression/', mayImport: ['catalogue'] },
  { name: 'panels', prefix: 'service/telemetry/panels/', mayImport: [...GROUND, 'expression'] },
  { name: 'service', prefix: 'service/', mayImport: [...GROUND, 'expression', 'panels'] },
  { name: 'guard', prefix: 'alerts/rollback/', mayImport: [...GROUND, 'expression', 'alerts', 'service'] },
  { name: 'alerts', prefix: 'alerts/', mayImport: [...GROUND, 'expression'] },
  { name: 'dashboards', prefix: 'dashboards/', mayImport: [...GROUND, 'expression', 'panels'] },
  { name: 'fault', prefix: 'chaos/faults/fault.ts', mayImport: GROUND },
  { name: 'faults', prefix: 'chaos/faults/', mayImport: [...GROUND, 'service', 'fault'] },
  {
    name: 'drill',
    prefix: 'chaos/drill/',
    mayImport: [...GROUND, 'expression', 'service', 'alerts', 'guard', 'chaos', 'fault', 'faults', 'report'],
  },
  { name: 'report', prefix: 'chaos/report/', mayImport: [...GROUND, 'chaos'] },
  { name: 'chaos', prefix: 'chaos/', mayImport: [...GROUND, 'alerts', 'fault'] },
  {
    name: 'infra',
    prefix: 'infra/',
    mayImport: [
      ...GROUND,
      'expression',
      'panels',
      'service',
      'alerts',
      'guard',
      'dashboards',
      'chaos',
      'drill',
      'report',
    ],
  },
  {
    name: 'test',
    prefix: 'test/',
    mayImport: [
      ...GROUND,
      'expression',
      'panels',
      'service',
      'alerts',
      'guard',
      'dashboards',
      'chaos',
      'fault',
      'faults',
      'drill',
      'report',
      'infra',
      'tools',
    ],
  },
  { name: 'tools', prefix: '', mayImport: [] },
];

/** Every import that points the wrong way or at nothing, `from -> to`. */
export function wrongArrows(graph: ImportGraph): readonly string[] {
  return [...graph].flatMap(([from, imports]) =>
    imports.filter((to) => !isAllowed(from, to, graph)).map((to) => `${from} -> ${to}`),
  );
}

/** The graph of the folders directly below one, each with those that its files import. */
export function foldersBelow(folder: string, graph: ImportGraph): ImportGraph {
  const nameOf = (file: string): string | undefined =>
    file.startsWith(folder) && file.slice(folder.length).includes('/')
      ? file.slice(folder.length).split('/')[0]
      : undefined;
  const folders = new Map<string, Set<string>>();
  for (const [file, imports] of graph) {
    const from = nameOf(file);
    if (from === undefined) continue;
    const reached = folders.get(from) ?? new Set();
    folders.set(from, reached);
    for (const to of imports.map(nameOf)) if (to !== undefined && to !== from) reached.add(to);
  }
  return new Map([...folders].map(([name, reached]) => [name, [...reached]]));
}

/** Every group of files that import each other around a circle; strongly connected components (Tarjan, 1972). */
export function cycles(graph: ImportGraph): readonly (readonly string[])[] {
  const order = new Map<string, number>();
  const lowest = new Map<string, number>();
  const stack: string[] = [];
  const found: string[][] = [];
  const visit = (file: string): number => {
    const position = order.size;
    order.set(file, position);
    lowest.set(file, position);
    stack.push(file);
    const imports = graph.get(file) ?? [];
    for (const next of imports) {
      const reached = order.has(next) ? (stack.includes(next) ? (order.get(next) ?? position) : position) : visit(next);
      lowest.set(file, Math.min(lowest.get(file) ?? position, reached));
    }
    const low = lowest.get(file) ?? position;
    if (low === position) {
      const group = stack.splice(stack.indexOf(file));
      if (group.length > 1 || imports.includes(file)) found.push(group.sort());
    }
    return low;
  };
  for (const file of graph.keys()) if (!order.has(file)) visit(file);
  return found;
}

function isAllowed(from: string, to: string, graph: ImportGraph): boolean {
  const [source, target] = [zoneOf(from), zoneOf(to)];
  if (!source || !target || !graph.has(to)) return false;
  return source.name === target.name || source.mayImport.includes(target.name);
}

function zoneOf(file: string): Zone | undefined {
  return ZONES.find(({ prefix }) => file.startsWith(prefix));
}
