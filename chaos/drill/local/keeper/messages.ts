import type { LocalFault } from '../../../experiment.ts';
import type { KnownProcess } from '../processes.ts';
import type { Servers } from '../server-programs.ts';

/** What a stand is made of; a Service as JSON, which the keeper validates again. */
export type StandSettings = {
  readonly service: unknown;
  /** By how much the rules are faster. */
  readonly factor: number;
  readonly seed: number;
  readonly experiment: string;
  /** The process of the drill. */
  readonly drill: KnownProcess;
  /** Folder of the record. */
  readonly state: string;
  /** Where Alertmanager tells whatever it has to tell. */
  readonly sink: string;
  readonly commit: string;
  readonly servers: Servers;
};

/** Where everything is, once it has started. */
export type StandAddresses = {
  /** Of clients. */
  readonly origin: string;
  /** Of the gateway's metrics and health. */
  readonly ops: string;
  /** Of the control of the fault proxies. */
  readonly proxies: string;
  readonly prometheus?: string;
  readonly credentials: { readonly key: string; readonly session: string };
  /** Version of Postgres, which only a connection tells. */
  readonly postgres: string;
};

/** A fault, and after how many milliseconds it is taken back whatever has become of the drill. */
export type Injection = { readonly fault: LocalFault; readonly title: string; readonly deadline: number };

/** What the drill may ask of its keeper, and what that resolves with. */
export type Calls = {
  start: { readonly with: StandSettings; readonly gives: StandAddresses };
  inject: { readonly with: Injection; readonly gives: undefined };
  revert: { readonly with: undefined; readonly gives: undefined };
  stop: { readonly with: undefined; readonly gives: undefined };
};

/** From the drill to its keeper. */
export type Request = {
  [Name in keyof Calls]: { readonly id: number; readonly call: Name; readonly with: Calls[Name]['with'] };
}[keyof Calls];

/** From the keeper to its drill. */
export type Message =
  | { readonly id: number; readonly gives?: unknown }
  | { readonly id: number; readonly failed: { readonly name: string; readonly message: string } }
  | { readonly log: string };
