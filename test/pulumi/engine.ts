import * as grpc from '@grpc/grpc-js';
import engineServices from '@pulumi/pulumi/proto/engine_grpc_pb.js';
import engineMessages from '@pulumi/pulumi/proto/engine_pb.js';
import type { LogRequest, SetRootResourceRequest } from '@pulumi/pulumi/proto/engine_pb.js';
import monitorServices from '@pulumi/pulumi/proto/resource_grpc_pb.js';
import monitorMessages from '@pulumi/pulumi/proto/resource_pb.js';
import type {
  ReadResourceRequest,
  RegisterResourceOutputsRequest,
  RegisterResourceRequest,
} from '@pulumi/pulumi/proto/resource_pb.js';
import emptyMessages from 'google-protobuf/google/protobuf/empty_pb.js';
import structMessages from 'google-protobuf/google/protobuf/struct_pb.js';
import { readRegistration, STACK_TYPE, type Registration } from './registration.ts';
import { asSecret } from './wire.ts';

/** What an engine saw of one program. */
export type Seen = {
  /** In the order of arrival; the first is the stack. */
  readonly registrations: Registration[];
  readonly outputs: Record<string, unknown>;
  readonly logs: { readonly severity: 'debug' | 'info' | 'warning' | 'error'; readonly message: string }[];
  /** Calls that this engine does not know; each was answered with UNIMPLEMENTED. */
  readonly unknownCalls: string[];
  /** Whether the program said that it has registered everything. */
  finished: boolean;
};

/** Makes a resource real; returns its state, to which the engine adds the marks of secrets. */
export type Provision = (registration: Registration) => Promise<Readonly<Record<string, unknown>>>;

/** Outputs of other stacks, by `organization/project/stack`. */
export type OtherStacks = Readonly<Record<string, Readonly<Record<string, unknown>>>>;

type Options = {
  readonly project: string;
  readonly stack: string;
  readonly provision: Provision;
  readonly otherStacks: OtherStacks;
};

const SEVERITIES = ['debug', 'info', 'warning', 'error'] as const;

/** Pulumi's engine as a program sees it: one server with its two services, on a free port of this machine. */
export async function startEngine(options: Options): Promise<{ address: string; seen: Seen; close: () => void }> {
  const seen: Seen = { registrations: [], outputs: {}, logs: [], unknownCalls: [], finished: false };
  const server = new grpc.Server();
  add(server, monitorServices.ResourceMonitorService, seen, monitor(options, seen));
  add(server, engineServices.EngineService, seen, engine(seen));
  const port = await new Promise<number>((resolve, reject) => {
    const credentials = grpc.ServerCredentials.createInsecure();
    server.bindAsync('127.0.0.1:0', credentials, (error, bound) => (error ? reject(error) : resolve(bound)));
  });
  return { address: `127.0.0.1:${port}`, seen, close: () => server.forceShutdown() };
}

type Handlers = Readonly<Record<string, (request: never) => unknown>>;

function monitor({ project, stack, provision, otherStacks }: Options, seen: Seen): Handlers {
  const read = new Set<string>();
  return {
    getDeploymentInfo() {
      const info = new monitorMessages.DeploymentInfo();
      const features = monitorMessages.ResourceMonitorFeature;
      info.setSupportedfeaturesList([
        features.RESOURCE_MONITOR_FEATURE_SECRETS,
        features.RESOURCE_MONITOR_FEATURE_RESOURCE_REFERENCES,
        features.RESOURCE_MONITOR_FEATURE_OUTPUT_VALUES,
        features.RESOURCE_MONITOR_FEATURE_ALIAS_SPECS,
        features.RESOURCE_MONITOR_FEATURE_DELETED_WITH,
        features.RESOURCE_MONITOR_FEATURE_REPLACE_WITH,
      ]);
      return info;
    },
    async registerResource(request: RegisterResourceRequest) {
      const registration = readRegistration(request, `urn:pulumi:${stack}::${project}::`);
      const known = new Set([...read, ...seen.registrations.map(({ urn }) => urn)]);
      if (known.has(registration.urn)) throw new Error(`Duplicate resource URN '${registration.urn}'`);
      const early = registration.dependencies.find((urn) => !known.has(urn));
      if (early !== undefined) throw new Error(`${registration.urn} came before ${early}, which it depends on`);
      seen.registrations.push(registration);
      const state = registration.custom ? await provision(registration) : {};
      const secrets = request.getAdditionalsecretoutputsList().filter((key) => key in state);
      const marked = { ...state, ...Object.fromEntries(secrets.map((key) => [key, asSecret(state[key])])) };
      const response = new monitorMessages.RegisterResourceResponse();
      response.setUrn(registration.urn);
      if (registration.custom) response.setId(registration.name);
      response.setObject(structMessages.Struct.fromJavaScript(marked as never));
      return response;
    },
    readResource(request: ReadResourceRequest) {
      const name = request.getId();
      const outputs = otherStacks[name];
      if (request.getType() !== 'pulumi:pulumi:StackReference') throw new Error(`${request.getType()} cannot be read`);
      if (outputs === undefined) throw new Error(`unknown stack "${name}"`);
      const response = new monitorMessages.ReadResourceResponse();
      const urn = `urn:pulumi:${stack}::${project}::${request.getType()}::${request.getName()}`;
      read.add(urn);
      response.setUrn(urn);
      response.setProperties(
        structMessages.Struct.fromJavaScript({ name, outputs: outputs as never, secretOutputNames: [] }),
      );
      return response;
    },
    registerResourceOutputs(request: RegisterResourceOutputsRequest) {
      if (request.getUrn().includes(`::${STACK_TYPE}::`))
        Object.assign(seen.outputs, request.getOutputs()?.toJavaScript());
      return new emptyMessages.Empty();
    },
    signalAndWaitForShutdown() {
      seen.finished = true;
      return new emptyMessages.Empty();
    },
  };
}

function engine(seen: Seen): Handlers {
  let root = '';
  return {
    log(request: LogRequest) {
      seen.logs.push({ severity: SEVERITIES[request.getSeverity()], message: request.getMessage() });
      return new emptyMessages.Empty();
    },
    setRootResource(request: SetRootResourceRequest) {
      root = request.getUrn();
      return new engineMessages.SetRootResourceResponse();
    },
    getRootResource() {
      const response = new engineMessages.GetRootResourceResponse();
      response.setUrn(root);
      return response;
    },
    requirePulumiVersion: () => new engineMessages.RequirePulumiVersionResponse(),
  };
}

function add(server: grpc.Server, service: grpc.ServiceDefinition, seen: Seen, handlers: Handlers): void {
  const answers = Object.keys(service).map((name) => {
    const handler = handlers[name] as ((request: unknown) => unknown) | undefined;
    const answer: grpc.handleUnaryCall<unknown, unknown> = (call, done) => {
      if (handler) {
        Promise.resolve(call.request)
          .then(handler)
          .then(
            (response) => done(null, response),
            (error: unknown) => done({ code: grpc.status.UNKNOWN, details: (error as Error).message }),
          );
      } else {
        seen.unknownCalls.push(name);
        done({ code: grpc.status.UNIMPLEMENTED, details: `${name} is not implemented` });
      }
    };
    return [name, answer];
  });
  server.addService(service, Object.fromEntries(answers) as grpc.UntypedServiceImplementation);
}
