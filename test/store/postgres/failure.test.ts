import { expect, test } from '@jest/globals';
import { DatabaseError } from 'pg';
import { isUnavailable } from '../../../service/store/postgres/failure.ts';

test.each([
  ['nobody listens', coded('ECONNREFUSED'), true],
  ['its host does not answer', coded('EHOSTUNREACH'), true],
  ['it accepts and stays silent', new Error('timeout expired'), true],
  ['it broke off', new Error('Connection terminated unexpectedly'), true],
  ['it is starting', refused('57P03'), true],
  ['it has no connection left', refused('53300'), true],
  ['the password is wrong', refused('28P01'), false],
  ['there is no such database', refused('3D000'), false],
  ['the name is of no host', coded('ENOTFOUND'), false],
  ['its certificate is of another', coded('ERR_TLS_CERT_ALTNAME_INVALID'), false],
])('whether Postgres serves nobody, when %s', (_, error, expected) => {
  expect(isUnavailable(error)).toBe(expected);
});

function coded(code: string): Error {
  return Object.assign(new Error(code), { code });
}

function refused(code: string): DatabaseError {
  return Object.assign(new DatabaseError('no', 2, 'error'), { code });
}
