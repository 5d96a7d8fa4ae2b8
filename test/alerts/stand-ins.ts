import { createServer, type IncomingHttpHeaders } from 'node:http';
import { createServer as createTcpServer, type AddressInfo, type Socket } from 'node:net';

/** Something that was posted. */
export type Posted = { readonly path: string; readonly headers: IncomingHttpHeaders; readonly body: unknown };

/** What takes every POST with 202, as a pager, a chat or PagerDuty does. */
export type HttpSink = { readonly origin: string; readonly posted: readonly Posted[]; close(): Promise<void> };

/** A mail, and who its sender said it was. */
export type Mail = { readonly to: readonly string[]; readonly text: string; readonly credentials: string | undefined };

/** A server that takes every mail. */
export type MailSink = { readonly address: string; readonly mails: readonly Mail[]; close(): Promise<void> };

/** Starts a server on this machine that keeps what is posted to it, and answers some milliseconds later. */
export async function startHttpSink(lateMs = 0): Promise<HttpSink> {
  const posted: Posted[] = [];
  const server = createServer((request, response) => {
    const chunks: Buffer[] = [];
    request.on('data', (chunk: Buffer) => chunks.push(chunk));
    request.on('end', () => {
      const body = JSON.parse(Buffer.concat(chunks).toString()) as unknown;
      posted.push({ path: request.url ?? '', headers: request.headers, body });
      const answer = (): void =>
        void response.writeHead(202, { 'content-type': 'application/json' }).end('{"status":"success"}');
      if (lateMs > 0) setTimeout(answer, lateMs);
      else answer();
    });
  });
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  return {
    origin: `http://127.0.0.1:${(server.address() as AddressInfo).port}`,
    posted,
    close: () =>
      new Promise((resolve) => {
        server.close(() => resolve());
        server.closeAllConnections();
      }),
  };
}

/** Starts a mail server on this machine that asks for a password and believes every one. */
export async function startMailSink(): Promise<MailSink> {
  const mails: Mail[] = [];
  const open = new Set<Socket>();
  const server = createTcpServer((socket) => {
    open.add(socket);
    socket.on('close', () => open.delete(socket)).on('error', () => socket.destroy());
    converse(socket, (mail) => mails.push(mail));
  });
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  return {
    address: `127.0.0.1:${(server.address() as AddressInfo).port}`,
    mails,
    close: () =>
      new Promise((resolve) => {
        server.close(() => resolve());
        for (const socket of open) socket.destroy();
      }),
  };
}

/** One conversation by SMTP (RFC 5321), with AUTH PLAIN (RFC 4954). */
function converse(socket: Socket, receive: (mail: Mail) => void): void {
  let unread = '';
  let credentials: string | undefined;
  let to: string[] = [];
  let text: string[] | undefined;
  const say = (line: string): void => void socket.write(`${line}\r\n`);
  const answers: readonly (readonly [command: RegExp, answer: (rest: string) => void])[] = [
    [/^EHLO /, () => say('250-sink\r\n250 AUTH PLAIN')],
    [
      /^AUTH PLAIN /,
      (rest) => {
        credentials = Buffer.from(rest, 'base64').toString().split('\0').slice(1).join(':');
        say('235 welcome');
      },
    ],
    [/^MAIL /, () => say('250 ok')],
    [
      /^RCPT TO:/,
      (rest) => {
        to.push(rest.replace(/[<>]/g, ''));
        say('250 ok');
      },
    ],
    [
      /^DATA$/,
      () => {
        text = [];
        say('354 go on');
      },
    ],
    [/^QUIT$/, () => socket.end('221 bye\r\n')],
    [/./, () => say('250 ok')],
  ];
  say('220 sink');
  socket.on('data', (chunk) => {
    const lines = `${unread}${chunk.toString()}`.split('\r\n');
    unread = lines.pop() ?? '';
    for (const line of lines) {
      if (text === undefined) {
        const [command, answer] = answers.find(([pattern]) => pattern.test(line)) ?? [];
        if (command) answer?.(line.replace(command, ''));
      } else if (line === '.') {
        receive({ to, text: text.join('\n'), credentials });
        text = undefined;
        to = [];
        say('250 ok');
      } else text.push(line);
    }
  });
}
