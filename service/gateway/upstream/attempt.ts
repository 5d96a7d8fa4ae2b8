import type { IncomingHttpHeaders } from 'node:http';
import { Readable } from 'node:stream';
import type { Dispatcher } from 'undici';
import { Relay } from '../relay.ts';
import type { Connection, ConnectionPool, ConnectionUser } from './connection-pool.ts';

/** Whose attempt it is; each attempt calls `onHead` or `onFailure`, once, and after a head `onBodyEnd`. */
export type AttemptOwner = {
  /** The head has come. Must not throw. */
  onHead(status: number, fields: IncomingHttpHeaders, body: Relay): void;
  /** No head will come. Must not throw. */
  onFailure(error: Error): void;
  /** The body is over, whole or not. */
  onBodyEnd(attempt: Attempt): void;
};

/** What is sent. */
export type AttemptRequest = {
  readonly method: string;
  readonly path: string;
  readonly headers: readonly string[];
  readonly body: string | Buffer | Readable | undefined;
};

/** Why an attempt is given up before its connection is there; nobody sees it. */
const GIVEN_UP = new DOMException('Given up before it was sent', 'AbortError');

/** One sending of a request: takes a connection, follows undici's events, and gives the connection back. */
export class Attempt implements ConnectionUser, Dispatcher.DispatchHandler {
  /** Whether anything can have reached the upstream. */
  sent = false;
  /** Whether the client's body has been read from: it cannot be sent a second time. */
  bodyBegun = false;
  /** Whether the client's body broke off. */
  bodyFailed = false;
  readonly #owner: AttemptOwner;
  readonly #pool: ConnectionPool;
  readonly #request: AttemptRequest;
  #connection: Connection | undefined;
  #controller: Dispatcher.DispatchController | undefined;
  #relay: Relay | undefined;
  #answering = false;
  #over = false;

  constructor(owner: AttemptOwner, pool: ConnectionPool, request: AttemptRequest) {
    this.#owner = owner;
    this.#pool = pool;
    this.#request = request;
  }

  /** Whether it failed on a connection that was used before, before a byte of the answer: it may have been closed. */
  get isStale(): boolean {
    return !this.#answering && this.#connection?.used === true;
  }

  /** Waits for a connection and sends the request; `fresh` asks for a new one. */
  begin(fresh: boolean): void {
    this.#pool.take(this, fresh);
  }

  /** Ends it wherever it is; the owner hears of a failure, of the head or of the body, before this returns. */
  abort(reason: Error): void {
    if (this.#controller) this.#controller.abort(reason);
    else {
      this.#pool.leave(this);
      if (!this.#over) this.#fail(reason);
    }
  }

  start(connection: Connection): void {
    this.#connection = connection;
    const { method, path, headers, body } = this.#request;
    connection.dispatch(
      {
        method,
        path,
        headers: headers as string[],
        body: (body instanceof Readable ? this.#read(body) : (body ?? null)) as Buffer | null,
      },
      this,
    );
  }

  onRequestStart(controller: Dispatcher.DispatchController): void {
    // Thrown, it takes back this request alone; the controller would also destroy the connection, which is as good as new.
    if (this.#over) throw GIVEN_UP;
    this.#controller = controller;
    this.sent = true;
  }

  onResponseStarted(): void {
    this.#answering = true;
  }

  onResponseStart(controller: Dispatcher.DispatchController, status: number, fields: IncomingHttpHeaders): void {
    // An interim answer (1xx) is for us alone, and tells nothing that we asked for.
    if (status < 200) return;
    const coding = fields['transfer-encoding'];
    if (coding !== undefined && coding.toLowerCase() !== 'chunked') {
      controller.abort(new Error(`the upstream used the transfer coding '${coding}', which nobody asked for`));
      return;
    }
    const length = fields['content-length'];
    this.#relay = new Relay(controller, coding === undefined && length !== undefined ? Number(length) : undefined);
    this.#over = true;
    this.#owner.onHead(status, fields, this.#relay);
  }

  onResponseData(_controller: Dispatcher.DispatchController, chunk: Buffer): void {
    this.#relay?.push(chunk);
  }

  onResponseEnd(): void {
    this.#giveBack();
    this.#relay?.end();
    this.#owner.onBodyEnd(this);
  }

  onResponseError(_controller: Dispatcher.DispatchController | null, error: Error): void {
    // Asked before the connection goes back: another may be using it then.
    const wasOver = this.#over;
    if (!wasOver) this.#fail(error);
    this.#giveBack();
    if (!this.#relay) return;
    this.#relay.fail(error);
    this.#owner.onBodyEnd(this);
  }

  #fail(error: Error): void {
    this.#over = true;
    this.#owner.onFailure(error);
  }

  #giveBack(): void {
    const connection = this.#connection;
    this.#connection = undefined;
    if (connection) this.#pool.giveBack(connection);
  }

  /** Not the stream itself: undici would destroy it when the upstream fails, and with it the client's connection. */
  async *#read(body: Readable): AsyncGenerator<Buffer, void, undefined> {
    this.bodyBegun = true;
    try {
      for await (const chunk of body.iterator({ destroyOnReturn: false })) yield chunk as Buffer;
    } catch (error) {
      this.bodyFailed = true;
      throw error;
    } finally {
      // What the upstream did not take is read by nobody else, and stands between the client and its next request.
      body.resume();
    }
  }
}
