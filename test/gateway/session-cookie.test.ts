import { describe, expect, test } from '@jest/globals';
import {
  clearedSessionCookie,
  mayUseCookie,
  readSessionCookie,
  sessionCookie,
} from '../../service/gateway/session-cookie.ts';

describe('the cookie of a session', () => {
  test('lasts until the latest end of the session, in whole seconds', () => {
    expect(sessionCookie('sls_x', new Date(86_400_500), 'lax', 500)).toBe(
      '__Host-session=sls_x; Path=/; Max-Age=86400; HttpOnly; Secure; SameSite=Lax',
    );
    expect(sessionCookie('sls_x', new Date(0), 'lax', 500)).toMatch('Max-Age=0;');
    expect(clearedSessionCookie('strict')).toBe(
      '__Host-session=; Path=/; Max-Age=0; HttpOnly; Secure; SameSite=Strict',
    );
  });

  test.each([
    [undefined, undefined],
    ['', undefined],
    ['session=a', undefined],
    ['x__Host-session=a', undefined],
    ['__Host-sessions=a', undefined],
    ['__Host-session', undefined],
    ['__Host-session=sls_a', 'sls_a'],
    ['a=b; __Host-session=sls_a; c=d', 'sls_a'],
    ['a=b;__Host-session=sls_a ;c=d', 'sls_a'],
    ['a="__Host-session=evil"; __Host-session=sls_a', 'sls_a'],
    ['__Host-session=', ''],
  ])('in the header %j is %j', (cookie, token) => {
    expect(readSessionCookie(cookie === undefined ? {} : { cookie })).toBe(token);
  });

  const host = 'api.example.com';
  test.each<[allowed: boolean, method: string, headers: Record<string, string>]>([
    [true, 'GET', { host, 'sec-fetch-site': 'cross-site', origin: 'https://evil.example' }],
    [true, 'HEAD', { host }],
    [true, 'POST', { host, 'sec-fetch-site': 'same-origin', origin: 'https://api.example.com' }],
    [true, 'DELETE', { host, 'sec-fetch-site': 'none' }],
    [false, 'POST', { host, 'sec-fetch-site': 'same-site', origin: 'https://other.example.com' }],
    [false, 'POST', { host, 'sec-fetch-site': 'cross-site' }],
    [false, 'PATCH', { host, 'sec-fetch-site': 'cross-site', origin: 'https://api.example.com' }],
    [false, 'POST', { host, 'sec-fetch-site': 'same-origin, cross-site' }],
    [true, 'POST', { host, origin: 'https://api.example.com' }],
    [true, 'POST', { host: 'API.example.com:8443', origin: 'https://api.example.com:8443' }],
    [false, 'POST', { host, origin: 'https://api.example.com:8443' }],
    [false, 'POST', { host, origin: 'https://evil.example' }],
    [false, 'POST', { host, origin: 'https://api.example.com.evil.example' }],
    [false, 'POST', { host, origin: 'null' }],
    [false, 'POST', { origin: 'https://api.example.com' }],
    [false, 'POST', { host }],
    [false, 'BREW', { host }],
  ])('may be used (%s): %s %j', (allowed, method, headers) => {
    expect(mayUseCookie(method, headers)).toBe(allowed);
  });
});
