import type { ServiceInput } from './schema.ts';

const string = (maxLength: number, minLength = 1) => ({ type: 'string', minLength, maxLength });
const object = (properties: Record<string, unknown>, required = Object.keys(properties)) => ({
  type: 'object',
  properties,
  required,
  additionalProperties: false,
});

/** The routes of the sample application, by the name of their handler. */
export const routes = {
  search: {
    method: 'GET',
    path: '/v1/search',
    lane: 'critical',
    timeout: '45s',
    upstream: true,
    limit: '30/min',
    cacheFor: '300s',
    query: object({ q: string(200), limit: { type: 'string', pattern: '^([1-9]|[1-4][0-9]|50)$' } }, ['q']),
  },
  chat: {
    method: 'POST',
    path: '/v1/chat/completions',
    lane: 'critical',
    timeout: '45s',
    upstream: true,
    streams: true,
    limit: '10/min',
    // Unknown fields pass through: the provider's interface grows faster than a list of ours could.
    body: {
      type: 'object',
      properties: {
        model: string(100),
        messages: {
          type: 'array',
          minItems: 1,
          maxItems: 1000,
          items: { type: 'object', properties: { role: string(50) }, required: ['role'] },
        },
        stream: { type: 'boolean' },
      },
      required: ['model', 'messages'],
    },
  },
  login: {
    method: 'POST',
    path: '/login',
    lane: 'critical',
    timeout: '10s',
    limit: '5/min',
    body: object({ username: string(100), password: string(200) }),
  },
  readSession: { method: 'GET', path: '/session', lane: 'critical', timeout: '5s', auth: 'required' },
  updateSession: {
    method: 'PATCH',
    path: '/session',
    lane: 'critical',
    timeout: '5s',
    auth: 'required',
    body: object({
      data: {
        type: 'object',
        maxProperties: 20,
        propertyNames: { pattern: '^[A-Za-z][A-Za-z0-9_.-]{0,63}$' },
        additionalProperties: string(1000, 0),
      },
    }),
  },
  rotateSession: { method: 'POST', path: '/session/token', lane: 'critical', timeout: '5s', auth: 'required' },
  endSession: {
    method: 'DELETE',
    path: '/session',
    lane: 'critical',
    timeout: '5s',
    auth: 'required',
    query: object({ all: { enum: ['true', 'false'] } }, []),
  },
  createOrder: {
    method: 'POST',
    path: '/create-order',
    lane: 'critical',
    timeout: '10s',
    auth: 'required',
    body: object({ item: string(200), quantity: { type: 'integer', minimum: 1, maximum: 10_000 } }),
  },
  readOrder: { method: 'GET', path: '/orders/{id}', lane: 'critical', timeout: '10s', auth: 'required' },
  pay: {
    method: 'POST',
    path: '/payment',
    lane: 'critical',
    timeout: '45s',
    upstream: true,
    limit: '5/min',
    auth: 'required',
    body: object({
      order: { type: 'string', pattern: '^[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}$' },
      // In the currency's smallest unit.
      amount: { type: 'integer', minimum: 1, maximum: 100_000_000 },
      currency: { type: 'string', pattern: '^[A-Z]{3}$' },
      method: string(200),
    }),
  },
  status: {
    method: 'GET',
    path: '/status',
    lane: 'background',
    timeout: '5s',
    limit: { window: '30/h', schedule: [{ from: '09:00', to: '17:00', window: '10/h' }] },
  },
  writeLogs: {
    method: 'POST',
    path: '/logs',
    lane: 'background',
    timeout: '20s',
    auth: 'required',
    body: {
      type: 'array',
      minItems: 1,
      maxItems: 1000,
      items: object({ level: { enum: ['debug', 'info', 'warn', 'error'] }, message: string(10_000) }),
    },
  },
  readLogs: {
    method: 'GET',
    path: '/logs',
    lane: 'background',
    timeout: '20s',
    auth: 'required',
    query: object({ contains: string(200), limit: { type: 'string', pattern: '^([1-9]|[1-9][0-9]|100)$' } }, []),
  },
  health: { method: 'GET', path: '/health', lane: 'critical', timeout: '5s', limited: false },
} as const satisfies ServiceInput['routes'];
