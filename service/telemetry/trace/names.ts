/**
 * Names of attributes, as OpenTelemetry's conventions have them; ours begin with `sluice.`. They stand here because
 * their package would be loaded by every process, also where nothing is traced; a test holds them against it.
 */
export const ATTRIBUTES = {
  method: 'http.request.method',
  route: 'http.route',
  status: 'http.response.status_code',
  resendCount: 'http.request.resend_count',
  errorType: 'error.type',
  database: 'db.system.name',
  statement: 'db.query.text',
  operation: 'db.operation.name',
  modelAsked: 'gen_ai.request.model',
  modelAnswered: 'gen_ai.response.model',
} as const;

/** Names of our own attributes. */
export const OWN_ATTRIBUTES = {
  requestId: 'sluice.request_id',
  lane: 'sluice.lane',
  client: 'sluice.client',
  tier: 'sluice.tier',
  decision: 'sluice.decision',
  cache: 'sluice.cache',
  unfinished: 'sluice.unfinished',
  leftOut: 'sluice.spans_left_out',
} as const;
