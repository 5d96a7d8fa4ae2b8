import { nearest, type Finding } from './findings.ts';
import { isGuarded } from './guard.ts';
import type { Route, ServiceValues } from './schema.ts';

type Rule = (service: ServiceValues) => readonly Finding[];

const RULES: readonly Rule[] = [
  function dryRunsEnd({ release: { guard } }) {
    const isDryRun = guard.mode === 'dry-run';
    if (isDryRun && guard.until === undefined)
      return [
        {
          path: 'release.guard.until',
          value: guard.until,
          right: "the last day of release.guard.mode 'dry-run', in which nothing is withdrawn, such as '2027-01-31'",
        },
      ];
    if (isDryRun || guard.until === undefined) return [];
    const right = `absent: release.guard.mode is '${guard.mode}', and only 'dry-run' ends`;
    return [{ path: 'release.guard.until', value: guard.until, right }];
  },
  function daysExist({ release: { guard } }) {
    if (guard.until === undefined || isDay(guard.until)) return [];
    return [{ path: 'release.guard.until', value: guard.until, right: 'a day of the calendar' }];
  },
  function somebodyTakesItsWord({ release: { guard }, monitoring: { receivers } }) {
    const { receiver } = guard;
    if (receiver === undefined || receivers[receiver]?.webhook !== undefined) return [];
    const able = Object.keys(receivers).filter((name) => receivers[name]?.webhook !== undefined);
    const near = nearest(receiver, able);
    const list = able.length === 0 ? 'none is declared' : able.join(', ');
    const right = `a receiver of monitoring.receivers with a webhook: ${list}${near === undefined ? '' : `; ${near}`}`;
    return [{ path: 'release.guard.receiver', value: receiver, right }];
  },
  function probesAreAnswered(service) {
    if (!isGuarded(service)) return [];
    const open = Object.values(service.routes).filter(({ method, auth }) => method === 'GET' && auth === 'optional');
    return service.release.probePaths
      .filter((path) => !open.some((route) => answers(route, path)))
      .map((value) => ({
        path: 'release.probePaths',
        value,
        right: `a path of a route that answers GET without a key: ${open.map(({ path }) => path).join(', ') || 'there is none'}`,
      }));
  },
];

/** What is wrong with how releases are guarded. */
export function guardFindings(service: ServiceValues): Finding[] {
  return RULES.flatMap((rule) => rule(service));
}

/** Whether a route has a path, whatever its query is; a number that `{n}` stands for fills a parameter. */
function answers({ path: template }: Route, path: string): boolean {
  const [bare = ''] = path.split('?');
  const wanted = template.split('/');
  const given = bare.split('/');
  const fits = (part: string, at: number): boolean => (part.startsWith('{') ? given[at] !== '' : part === given[at]);
  return wanted.length === given.length && wanted.every(fits);
}

function isDay(text: string): boolean {
  const time = Date.parse(`${text}T00:00:00Z`);
  return !Number.isNaN(time) && new Date(time).toISOString().startsWith(text);
}
