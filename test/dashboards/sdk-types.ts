import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import ts from 'typescript';

const HERE = fileURLToPath(new URL('.', import.meta.url));

const OPTIONS: ts.CompilerOptions = {
  strict: true,
  noEmit: true,
  skipLibCheck: true,
  types: [],
  target: ts.ScriptTarget.ES2024,
  module: ts.ModuleKind.NodeNext,
  moduleResolution: ts.ModuleResolutionKind.NodeNext,
};

/**
 * What JSON of a dashboard must be like, from the types that the SDK ships; it ships no other schema. Panels are told
 * apart by their type, so that what each kind alone knows is held to it, too. An enum is one of its values.
 */
const SCHEMA = `
import type * as cog from '@grafana/grafana-foundation-sdk/cog';
import type { Dashboard, Panel, RowPanel, FieldConfigSource, FieldConfig } from '@grafana/grafana-foundation-sdk/dashboard';
import type { Dataquery } from '@grafana/grafana-foundation-sdk/prometheus';
import type * as stat from '@grafana/grafana-foundation-sdk/stat';
import type * as timeseries from '@grafana/grafana-foundation-sdk/timeseries';

type Json<T> = 0 extends 1 & T ? T
  : T extends string ? \`\${T}\`
  : T extends number | boolean | null | undefined ? T
  : T extends readonly (infer Item)[] ? Json<Item>[]
  : T extends object ? { [Key in keyof T as Key extends keyof cog.Dataquery ? never : Key]: Json<T[Key]> }
  : T;

type Query = Dataquery & { expr: string; refId: string; datasource: object; legendFormat: string };
type Of<Type extends string, Options, Custom> = Json<Omit<Panel, 'type' | 'targets' | 'options' | 'fieldConfig'>> & {
  type: Type;
  targets: Json<Query>[];
  options: Json<Options>;
  fieldConfig: Json<Omit<FieldConfigSource, 'defaults'> & { defaults: Omit<FieldConfig, 'custom'> }> & {
    defaults: { custom?: Json<Custom> };
  };
};

export type DashboardJson = Json<Omit<Dashboard, 'panels'>> & {
  panels: (Json<RowPanel> | Of<'timeseries', timeseries.Options, timeseries.FieldConfig> | Of<'stat', stat.Options, never>)[];
};
`;

/** Where these JSON documents are not what the SDK's types say, by name; none where they are. */
export function wrongTypes(documents: Readonly<Record<string, object>>): readonly string[] {
  const files = new Map([[join(HERE, 'schema.virtual.ts'), SCHEMA]]);
  for (const [name, document] of Object.entries(documents)) {
    const text = `import type { DashboardJson } from './schema.virtual.ts';
export default ${JSON.stringify(document, undefined, 1)} satisfies DashboardJson;`;
    files.set(join(HERE, `${name}.virtual.ts`), text);
  }
  const host = ts.createCompilerHost(OPTIONS);
  const { fileExists, readFile, getSourceFile } = host;
  host.fileExists = (file) => files.has(file) || fileExists(file);
  host.readFile = (file) => files.get(file) ?? readFile(file);
  host.getSourceFile = (file, version) => {
    const text = files.get(file);
    return text === undefined ? getSourceFile(file, version) : ts.createSourceFile(file, text, version);
  };
  const program = ts.createProgram([...files.keys()], { ...OPTIONS, allowImportingTsExtensions: true }, host);
  return ts.getPreEmitDiagnostics(program).map(({ file, start = 0, messageText }) => {
    const line = file ? file.getLineAndCharacterOfPosition(start).line : 0;
    const text = file?.text.split('\n')[line]?.trim() ?? '';
    return `${file?.fileName.slice(HERE.length) ?? ''}: ${text}: ${ts.flattenDiagnosticMessageText(messageText, '\n')}`;
  });
}
