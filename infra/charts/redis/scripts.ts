import { REDIS_STORES, type Service } from '../../../service/definition/index.ts';
import { secretPath } from '../objects/volumes.ts';
import { REDIS_ACCOUNT } from './exporter-account.ts';
import { REDIS_GROUP, REDIS_PORT, SENTINEL, SENTINEL_PORT, sentinelPods, statePods } from './place.ts';
import { REDIS_CONFIG_PATH, REDIS_DATA_PATH } from './settings.ts';

type Redis = Pick<Service['stores']['redis'], 'replicas' | 'sentinels'>;

/** How long a primary that ends waits for another to take its place, in seconds. */
const HAND_OVER_SECONDS = 20;

/** Sentinels that must agree. */
function quorumOf({ sentinels }: Pick<Redis, 'sentinels'>): number {
  return Math.floor(sentinels / 2) + 1;
}

/** What the others begin with: the pod's own name, the Sentinels, and how to ask them who the primary is. */
export function findPrimary(redis: Redis): string {
  const state = REDIS_STORES.state;
  return `REDISCLI_AUTH="$(cat ${secretPath(state)}/password)"
export REDISCLI_AUTH
me="$(hostname).${state}"
sentinels="${sentinelPods(redis).join(' ')}"
ask() {
  host=$1
  shift
  timeout 1 redis-cli -h "$host" -p ${SENTINEL_PORT} sentinel "$@"
}
primary() {
  for sentinel in $sentinels; do
    ask "$sentinel" get-master-addr-by-name ${REDIS_GROUP} | grep -m 1 '[.]${state}$'
  done | sort | uniq -c | while read -r votes name; do
    [ "$votes" -lt ${quorumOf(redis)} ] || echo "$name"
  done
}
`;
}

/**
 * Starts a server as what most Sentinels say that it is, and waits for them. It is never guessed, nor taken from one
 * of them alone, who may have been away: two that begin as the primary would each take a part of what is written.
 */
export function startServer(): string {
  return `. ${REDIS_CONFIG_PATH}/primary.sh
until primary="$(primary)" && [ -n "$primary" ]; do sleep 1; done
[ "$primary" = "$me" ] || follow="replicaof $primary ${REDIS_PORT}"
# By standard input, because a password in an argument can be read in the list of processes.
exec redis-server ${REDIS_CONFIG_PATH}/redis.conf - <<END
requirepass "$REDISCLI_AUTH"
masterauth "$REDISCLI_AUTH"
replica-announce-ip $me
${REDIS_ACCOUNT}
\${follow:-}
END
`;
}

/**
 * Hands over before a primary ends. Nothing is written between the choice of the next and the end of this one: it would
 * be acknowledged here and not be there. Whoever writes has no answer meanwhile, as while a primary is lost. A Sentinel
 * that is still telling the others of this one would call the next one back: it is waited for.
 */
export function handOver(): string {
  return `. ${REDIS_CONFIG_PATH}/primary.sh
is_changing() {
  for sentinel in $sentinels; do ask "$sentinel" master ${REDIS_GROUP}; done | grep -q failover_in_progress
}
left=${HAND_OVER_SECONDS}
while [ "$left" -gt 0 ] && [ "$(primary)" = "$me" ]; do
  is_changing || for sentinel in $sentinels; do
    ask "$sentinel" failover ${REDIS_GROUP} | grep -q OK || continue
    redis-cli client pause ${HAND_OVER_SECONDS * 1000} write
    break
  done
  sleep 1
  left=$((left - 1))
done
`;
}

/**
 * Starts a Sentinel. What it has learnt is kept over restarts, also of all at once: who the primary is, how often that
 * has changed, and who follows. The rest is written anew from the definition each time.
 */
export function startSentinel(redis: Redis): string {
  const [first = ''] = statePods(redis);
  const kept = `${REDIS_DATA_PATH}/sentinel.conf`;
  const learnt = 'myid|monitor|current-epoch|config-epoch|leader-epoch|known-replica';
  return `umask 077
password="$(cat ${secretPath(REDIS_STORES.state)}/password)"
[ -s ${kept} ] || echo "sentinel monitor ${REDIS_GROUP} ${first} ${REDIS_PORT} ${quorumOf(redis)}" > ${kept}
{
  cat ${REDIS_CONFIG_PATH}/sentinel.conf
  grep -E '^sentinel (${learnt}) ' ${kept} | sed -E 's/^(sentinel monitor .*) [0-9]+$/\\1 ${quorumOf(redis)}/'
  echo "requirepass $password"
  echo "sentinel sentinel-pass $password"
  echo "sentinel auth-pass ${REDIS_GROUP} $password"
  echo "sentinel announce-ip $(hostname).${SENTINEL}"
} > ${kept}.next
mv ${kept}.next ${kept}
exec redis-server ${kept} --sentinel
`;
}
