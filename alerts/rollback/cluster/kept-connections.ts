import type { RequestContext } from '@kubernetes/client-node';

/** Connections that are used again: the library opens a new one for each request, with all that TLS costs. */
export type KeptConnections = { readonly use: (request: RequestContext) => void };

type Dispatcher = NonNullable<ReturnType<RequestContext['getDispatcher']>>;

// Certificates of a kubeconfig may be renewed, and only new connections show the new ones.
const KEPT_FOR_MS = 60_000;

/** Keeps the connections of one user to one server. */
export function keptConnections(): KeptConnections {
  let kept: { readonly dispatcher: Dispatcher; readonly since: number } | undefined;
  return {
    use(request) {
      const offered = request.getDispatcher();
      if (offered === undefined) return;
      const now = performance.now();
      if (kept && now - kept.since < KEPT_FOR_MS) {
        request.setDispatcher(kept.dispatcher);
        return;
      }
      // Ends once what it still carries is answered.
      void kept?.dispatcher.close();
      kept = { dispatcher: offered, since: now };
    },
  };
}
